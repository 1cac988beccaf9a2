#include "compile/nvrtc.hpp"

#include <cuda.h>
#include <nvrtc.h>

#include <algorithm>
#include <vector>

#include "compile/library.hpp"

namespace odeon::cuda {
namespace {

struct Nvrtc {
  decltype(nvrtcGetErrorString)* error_string;
  decltype(nvrtcVersion)* version;
  decltype(nvrtcGetNumSupportedArchs)* arch_count;
  decltype(nvrtcGetSupportedArchs)* archs;
  decltype(nvrtcCreateProgram)* create;
  decltype(nvrtcDestroyProgram)* destroy;
  decltype(nvrtcCompileProgram)* compile;
  decltype(nvrtcGetCUBINSize)* cubin_size;
  decltype(nvrtcGetCUBIN)* cubin;
  decltype(nvrtcGetPTXSize)* ptx_size;
  decltype(nvrtcGetPTX)* ptx;
  decltype(nvrtcGetProgramLogSize)* log_size;
  decltype(nvrtcGetProgramLog)* log;

  Nvrtc() {
    // First that of the toolkit of this build, whose code the driver takes that the runtime asks for; the
    // loader may not know where it is.
    const std::string own = "libnvrtc.so." + std::to_string(CUDA_VERSION / 1000);
    const RuntimeLibrary library(
        {own.c_str(), ODEON_NVRTC_LIBRARY, "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"},
        ODEON_E_UNSUPPORTED);
    library.find(error_string, "nvrtcGetErrorString");
    library.find(version, "nvrtcVersion");
    library.find(arch_count, "nvrtcGetNumSupportedArchs");
    library.find(archs, "nvrtcGetSupportedArchs");
    library.find(create, "nvrtcCreateProgram");
    library.find(destroy, "nvrtcDestroyProgram");
    library.find(compile, "nvrtcCompileProgram");
    library.find(cubin_size, "nvrtcGetCUBINSize");
    library.find(cubin, "nvrtcGetCUBIN");
    library.find(ptx_size, "nvrtcGetPTXSize");
    library.find(ptx, "nvrtcGetPTX");
    library.find(log_size, "nvrtcGetProgramLogSize");
    library.find(log, "nvrtcGetProgramLog");
    // NVRTC asks for its own second library by the name alone, in each compilation.
    int major = 0, minor = 0;
    check(version(&major, &minor), "asking NVRTC for its version");
    library.open_beside("libnvrtc-builtins.so." + std::to_string(major) + "." + std::to_string(minor));
  }

  void check(nvrtcResult result, const char* what) const {
    if (result != NVRTC_SUCCESS)
      throw Error(std::string(what) + ": " + error_string(result), ODEON_E_INTERNAL);
  }
};

// Behind the architecture.
constexpr const char* kOptions[] = {"--std=c++17"};

// Found once; while it is missing, looked for again.
const Nvrtc& nvrtc() {
  static const Nvrtc found;
  return found;
}

struct Target {
  std::string option;
  bool cubin;
};

Target target_of(int capability) {
  const Nvrtc& n = nvrtc();
  int count = 0;
  n.check(n.arch_count(&count), "asking NVRTC for its architectures");
  std::vector<int> archs(static_cast<size_t>(count));
  n.check(n.archs(archs.data()), "asking NVRTC for its architectures");
  int newest = 0;
  for (int a : archs)
    if (a <= capability) newest = std::max(newest, a);
  if (newest == 0)
    throw Error("NVRTC has no code for compute capability " + std::to_string(capability / 10) + "." +
                    std::to_string(capability % 10) + "; install that of an older CUDA Toolkit",
                ODEON_E_UNSUPPORTED);
  if (newest == capability) return {"sm_" + std::to_string(newest), true};
  return {"compute_" + std::to_string(newest), false};
}

}  // namespace

std::string target_name(int capability) {
  int major = 0, minor = 0;
  nvrtc().check(nvrtc().version(&major, &minor), "asking NVRTC for its version");
  std::string name =
      "nvrtc " + std::to_string(major) + "." + std::to_string(minor) + " " + target_of(capability).option;
  for (const char* option : kOptions) name += std::string(" ") + option;
  return name;
}

std::string compile_for(int capability, const std::string& source, Form form) {
  const Nvrtc& n = nvrtc();
  Target target = target_of(capability);
  if (form == Form::ptx) {
    target.option.replace(0, target.option.find('_'), "compute");
    target.cubin = false;
  }
  nvrtcProgram program = nullptr;
  n.check(n.create(&program, source.c_str(), "odeon_graph.cu", 0, nullptr, nullptr),
          "creating an NVRTC program");
  struct Guard {
    const Nvrtc& n;
    nvrtcProgram* program;
    ~Guard() { n.destroy(program); }
  } guard{n, &program};
  const std::string arch = "--gpu-architecture=" + target.option;
  std::vector<const char*> options(std::begin(kOptions), std::end(kOptions));
  options.insert(options.begin(), arch.c_str());
  const nvrtcResult result = n.compile(program, static_cast<int>(options.size()), options.data());
  if (result != NVRTC_SUCCESS) {
    size_t size = 0;
    n.log_size(program, &size);
    std::string log(size, '\0');
    if (size > 0) n.log(program, log.data());
    throw Error("compiling a graph's kernels: " + std::string(n.error_string(result)) + ": " + log.c_str(),
                ODEON_E_INTERNAL);
  }
  size_t size = 0;
  n.check(target.cubin ? n.cubin_size(program, &size) : n.ptx_size(program, &size), "taking NVRTC's code");
  std::string image(size, '\0');
  n.check(target.cubin ? n.cubin(program, image.data()) : n.ptx(program, image.data()),
          "taking NVRTC's code");
  return image;
}

}  // namespace odeon::cuda
