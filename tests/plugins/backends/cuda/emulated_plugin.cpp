// A backend for tests: the reference backend's memory and arithmetic, and whole solves by the GPU backend's
// generated source, compiled by the host's C++ compiler. What the host makes of odeon.backend.solve/1 is seen
// without a GPU.
#include <dlfcn.h>
#include <odeon/ext/solve.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"
#include "solve/solve_source.hpp"

struct odeon_solve_plan {
  const odeon_host* host;
  void (*solve)(odeon::cuda::SolveArgs);
};

namespace odeon {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out) {
  return barrier(backend->host, [&] {
    const std::string text = cuda::solve_source(*spec).text;
    std::string folder = (std::filesystem::temp_directory_path() / "odeon-emulated-XXXXXX").string();
    if (!mkdtemp(folder.data())) throw Error("no temporary folder");
    std::ofstream(folder + "/source.cpp") << text;
    const std::string command = std::string(ODEON_CXX) +
                                " -std=c++17 -O1 -ffp-contract=off -w -fPIC -shared -o '" + folder +
                                "/source.so' '" + folder + "/source.cpp'";
    if (std::system(command.c_str()) != 0) throw Error("the generated source does not compile: " + folder);
    void* library = dlopen((folder + "/source.so").c_str(), RTLD_NOW | RTLD_LOCAL);  // stays mapped
    std::filesystem::remove_all(folder);
    if (!library) throw Error(dlerror());
    *out = new odeon_solve_plan{
        backend->host, reinterpret_cast<void (*)(cuda::SolveArgs)>(dlsym(library, cuda::kSolveKernel))};
  });
}

void destroy(odeon_solve_plan* plan) { delete plan; }

odeon_status run(odeon_solve_plan* plan, odeon_queue*, const odeon_step_settings* settings,
                 const odeon_solve_run* r) {
  cuda::SolveArgs args = cuda::solve_args(*settings, *r);
  args.times = r->times;
  args.results = r->results;
  plan->solve(args);
  return ODEON_OK;
}

constexpr odeon_backend_solve_api kSolveApi{sizeof(odeon_backend_solve_api), 0, compile, destroy, run};

const void* get_ext(odeon_backend* backend, odeon_str id) {
  if (to_view(id) == ODEON_EXT_BACKEND_SOLVE) return &kSolveApi;
  return reference::get_ext(backend, id);
}

constexpr odeon_backend_api make_api() {
  odeon_backend_api api{};
  api.struct_size = sizeof(odeon_backend_api);
  api.create = reference::create;
  api.info = reference::info;
  host_memory::fill_slots<odeon_backend, odeon_queue>(api);
  api.fill = reference::fill;
  api.lincomb = reference::lincomb;
  api.error_norm = reference::error_norm;
  api.reduce = reference::reduce;
  api.dot = reference::dot;
  api.select = reference::select;
  api.get_ext = get_ext;
  return api;
}
constexpr odeon_backend_api kApi = make_api();
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_BACKEND,
    {str("emulated"), str("A GPU's code on the processor"), str("For the tests of the generator.")}, &kApi);

}  // namespace
}  // namespace odeon

ODEON_PLUGIN_SINGLE(odeon::kComponent)
