// NVRTC and modules of the stand-in: the host's C++ compiler makes a shared library of the generated source.
#include <cuda_runtime.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <odeon/sdk/error.hpp>

#include "compile/module.hpp"
#include "compile/nvrtc.hpp"
#include "graph/run.hpp"
#include "solve/solve_source.hpp"

namespace odeon::cuda {
namespace {

std::string scratch() {
  std::string folder = (std::filesystem::temp_directory_path() / "odeon-fake-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw Error("no temporary folder");
  return folder;
}

template <class Symbol>
Symbol* symbol(CUmodule module, const char* name) {
  void* found = dlsym(module, name);
  if (!found) throw Error(dlerror());
  return reinterpret_cast<Symbol*>(found);
}

}  // namespace

std::string target_name(int) { return "fake device, " ODEON_CXX; }

std::string compile_for(int, const std::string& source) {
  const std::string folder = scratch();
  std::ofstream(folder + "/source.cpp") << source;
  const std::string command = ODEON_CXX " -std=c++17 -O1 -ffp-contract=off -w -fPIC -shared -o '" + folder +
                              "/source.so' '" + folder + "/source.cpp'";
  if (std::system(command.c_str()) != 0) throw Error("generated source does not compile: " + folder);
  std::ifstream in(folder + "/source.so", std::ios::binary);
  const std::string image{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove_all(folder);
  return image;
}

Module::Module(const std::string& image, const std::vector<std::string>& names) {
  const std::string folder = scratch();
  std::ofstream(folder + "/module.so", std::ios::binary) << image;
  module_ = reinterpret_cast<CUmodule>(dlopen((folder + "/module.so").c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!module_) throw Error(dlerror());
  std::filesystem::remove_all(folder);
  for (const std::string& name : names)
    kernels_.push_back(reinterpret_cast<CUfunction>(symbol<void>(module_, name.c_str())));
}

Module::~Module() {
  if (module_) dlclose(module_);
}

// A block is one thread of that source.
void Module::launch(size_t kernel, unsigned blocks, unsigned, CUstream, const void* argument) const {
  long long &block = *symbol<long long>(module_, "odeon_block"),
            &count = *symbol<long long>(module_, "odeon_blocks");
  const bool solves = dlsym(module_, kSolveKernel) == reinterpret_cast<void*>(kernels_[kernel]);
  count = blocks;
  fake::with_memory([&] {
    for (block = 0; block < count; ++block) {
      if (solves)
        reinterpret_cast<void (*)(SolveArgs)>(kernels_[kernel])(*static_cast<const SolveArgs*>(argument));
      else
        reinterpret_cast<void (*)(KernelArgs)>(kernels_[kernel])(*static_cast<const KernelArgs*>(argument));
    }
  });
}

}  // namespace odeon::cuda
