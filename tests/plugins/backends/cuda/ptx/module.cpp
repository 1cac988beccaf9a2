// Modules of the stand-in whose code is PTX: the interpreter runs their kernels.
#include "compile/module.hpp"

#include <odeon/sdk/error.hpp>

#include "fake/stand_in.hpp"
#include "ptx/on_stand_in.hpp"

struct FakeModule {
  std::unique_ptr<odeon::ptx::Module> code;
};

// Of compute capability 9.9, which does not exist, NVRTC makes PTX of 9.0.
const int fake::minor_capability = 9;

// On what memory, for whom and in what order.
void fake::launch_ptx(const cudaLaunchConfig_t& config, const odeon::ptx::Module& module,
                      const std::string& kernel, const std::vector<char>& parameters) {
  const int device = without_device ? 0 : queue_of(config.stream).device;
  submit(config, [=, &module] {
    odeon::ptx::Settings settings;
    settings.blocks = config.gridDim.x, settings.threads = config.blockDim.x;
    settings.together = config.together;
    settings.resident = kMultiprocessors;
    settings.seed = seed_of_grid();
    for (const Range& r : without_device ? lent_by_host() : live_memory(device))
      settings.memory.push_back({r.begin, r.bytes});
    settings.set_condition = set_condition;
    try {
      odeon::ptx::launch(module, kernel, parameters.data(), settings);
    } catch (const odeon::ptx::Error& e) {
      die(e.what());
    }
  });
}

namespace odeon::cuda {
namespace {

void start(const FakeModule& module, const ptx::Function& kernel, const cudaLaunchConfig_t& config,
           const void* argument) {
  const auto* bytes = static_cast<const char*>(argument);
  fake::launch_ptx(config, *module.code, kernel.name, {bytes, bytes + kernel.parameters.at(0).bytes});
}

}  // namespace

Module::Module(const std::string& image, const std::vector<std::string>& names) {
  fake::forbid_in_capture("cuModuleLoadData");
  auto loaded = std::make_unique<FakeModule>();
  try {
    loaded->code = ptx::parse(image);
  } catch (const ptx::Error& e) {
    throw Error(e.what());
  }
  for (const std::string& name : names) {
    const auto found = loaded->code->functions.find(name);
    if (found == loaded->code->functions.end()) throw Error("the code has no kernel '" + name + "'");
    kernels_.push_back(reinterpret_cast<CUfunction>(&found->second));
  }
  module_ = loaded.release();
}

Module::~Module() { delete module_; }

void Module::launch(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                    const void* argument) const {
  start(*module_, *reinterpret_cast<const ptx::Function*>(kernels_[kernel]),
        {dim3(blocks), dim3(threads), 0, stream}, argument);
}

void Module::launch_together(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                             const void* argument) const {
  start(*module_, *reinterpret_cast<const ptx::Function*>(kernels_[kernel]),
        {dim3(blocks), dim3(threads), 0, stream, true}, argument);
}

}  // namespace odeon::cuda
