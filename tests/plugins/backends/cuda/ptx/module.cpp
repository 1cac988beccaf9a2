// Modules of the stand-in whose code is PTX: the interpreter runs their kernels.
#include "compile/module.hpp"

#include <odeon/sdk/error.hpp>

#include "fake/stand_in.hpp"
#include "ptx/thread.hpp"

struct FakeModule {
  std::unique_ptr<odeon::ptx::Module> code;
};

namespace odeon::cuda {
namespace {

void run(FakeModule& module, const std::string& kernel, const cudaLaunchConfig_t& config,
         const std::vector<char>& argument, int device) {
  ptx::Settings settings;
  settings.blocks = config.gridDim.x, settings.threads = config.blockDim.x;
  settings.together = config.together;
  settings.resident = fake::kMultiprocessors;
  settings.seed = fake::seed_of_grid();
  for (const fake::Range& r : fake::without_device ? fake::lent_by_host() : fake::live_memory(device))
    settings.memory.push_back({r.begin, r.bytes});
  settings.set_condition = fake::set_condition;
  try {
    ptx::launch(*module.code, kernel, argument.data(), settings);
  } catch (const ptx::Error& e) {
    fake::die(e.what());
  }
}

void start(FakeModule& module, const ptx::Function& kernel, const cudaLaunchConfig_t& config,
           const void* argument) {
  const ptx::Parameter& parameter = kernel.parameters.at(0);
  const auto* bytes = static_cast<const char*>(argument);
  fake::submit(config, [&module, name = kernel.name, config,
                        copied = std::vector<char>(bytes, bytes + parameter.bytes),
                        device = fake::without_device ? 0 : fake::queue_of(config.stream).device] {
    run(module, name, config, copied, device);
  });
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
