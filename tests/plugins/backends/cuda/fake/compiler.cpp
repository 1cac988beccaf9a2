// NVRTC and modules of the stand-in: the host's C++ compiler makes a shared library of the generated source,
// of the parts that are meant for a GPU, whose words it is given.
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <odeon/sdk/error.hpp>

#include "compile/module.hpp"
#include "compile/nvrtc.hpp"
#include "fake/stand_in.hpp"
#include "fake/tensor_words.hpp"
#include "graph/run.hpp"
#include "joint/adjoint_source.hpp"
#include "joint/reverse_source.hpp"
#include "rows/rows_source.hpp"
#include "solve/gradient_source.hpp"

const int fake::minor_capability = 0;

void fake::launch_own(const cudaLaunchConfig_t& config, const std::function<void()>& thread, const void*,
                      const std::vector<char>&) {
  launch(config, thread);
}

namespace odeon::cuda {
namespace {

constexpr const char* kWords = R"cpp(
#define __CUDACC__
#define __global__
#define __device__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __shared__ static  // without an initial value, and so in .bss, which has nothing else
#define __launch_bounds__(...)
  struct fake_index {
    unsigned x, y, z;
  };
  extern "C" {
#define FAKE_DATA __attribute__((section(".data")))
  FAKE_DATA const fake_index *fake_thread = 0, *fake_block = 0, *fake_threads = 0, *fake_blocks = 0;
  FAKE_DATA void (*fake_barrier)() = 0, (*fake_warp_barrier)() = 0, (*fake_look_again)() = 0;
  FAKE_DATA void (*fake_condition)(unsigned long long, unsigned) = 0;
  inline void fake_set_condition(unsigned long long handle, unsigned value) { fake_condition(handle, value); }
  }
#define cudaGraphSetConditional fake_set_condition
#define threadIdx (*fake_thread)
#define blockIdx (*fake_block)
#define blockDim (*fake_threads)
#define gridDim (*fake_blocks)
#define __syncthreads() fake_barrier()
#define __syncwarp() fake_warp_barrier()
#define ODEON_SPIN fake_look_again()
#define __threadfence()
  static inline unsigned atomicAdd(unsigned* to, unsigned x) {
    const unsigned before = *to;
    *to += x;
    return before;
  }
  template <class S>
  static inline S fake_exchange(S x, unsigned other) {
    __shared__ S slots[1024];
    slots[threadIdx.x] = x;
    fake_warp_barrier();
    x = slots[threadIdx.x ^ other];
    fake_warp_barrier();
    return x;
  }
#define __shfl_xor_sync(mask, x, other) fake_exchange(x, other)
#define MATHS(name)                                                   \
    static inline double name(double x) { return __builtin_##name(x); } \
    static inline float name(float x) { return __builtin_##name##f(x); }
  MATHS(cos)
  MATHS(erf)
  MATHS(exp)
  MATHS(exp2)
  MATHS(fabs)
  MATHS(log) MATHS(log1p) MATHS(sin) MATHS(sqrt) MATHS(tan)
      MATHS(tanh) static inline double pow(double x, double y) {
    return __builtin_pow(x, y);
  }
  static inline float pow(float x, float y) { return __builtin_powf(x, y); }
  static inline float __log2f(float x) { return __builtin_log2f(x); }
)cpp";

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

// The part of a library's data that its file does not give: .bss.
fake::SharedMemory shared_memory(void* library) {
  const link_map* map = nullptr;
  dlinfo(library, RTLD_DI_LINKMAP, &map);
  std::pair<const link_map*, fake::SharedMemory> found{map, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        auto& [wanted, memory] = *static_cast<decltype(found)*>(out);
        if (info->dlpi_addr != wanted->l_addr) return 0;
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& h = info->dlpi_phdr[i];
          if (h.p_type != PT_LOAD || h.p_memsz == h.p_filesz) continue;
          memory = {reinterpret_cast<char*>(info->dlpi_addr + h.p_vaddr + h.p_filesz),
                    h.p_memsz - h.p_filesz};
        }
        return 1;
      },
      &found);
  return found.second;
}

}  // namespace

std::string target_name(int) {
  return std::string("fake device, " ODEON_CXX) + kWords + ::fake::kTensorWords;
}

// At the end of a library, where the loader does not look.
constexpr std::string_view kPtx = "PTX";

std::string compile_for(int, const std::string& source, Form form) {
  const std::string folder = scratch();
  std::ofstream(folder + "/source.cpp") << kWords << ::fake::kTensorWords << source;
  const std::string command =
      ODEON_CXX " -std=c++17 -O0 -ffp-contract=off -fno-gnu-unique -Wl,-Bsymbolic -w -fPIC -shared -o '" +
      folder + "/source.so' '" + folder + "/source.cpp'";
  if (std::system(command.c_str()) != 0) throw Error("generated source does not compile: " + folder);
  std::ifstream in(folder + "/source.so", std::ios::binary);
  std::string image{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove_all(folder);
  if (form == Form::ptx) image += kPtx;
  return image;
}

Module::Module(const std::string& image, const std::vector<std::string>& names) {
  fake::forbid_in_capture("cuModuleLoadData");
  if (std::getenv("ODEON_FAKE_OLD_DRIVER") && image.ends_with(kPtx))
    throw Error("loading compiled kernels: the provided PTX was compiled with an unsupported toolchain");
  const std::string folder = scratch();
  std::ofstream(folder + "/module.so", std::ios::binary) << image;
  module_ = reinterpret_cast<CUmodule>(dlopen((folder + "/module.so").c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!module_) throw Error(dlerror());
  std::filesystem::remove_all(folder);
  *symbol<const dim3*>(module_, "fake_thread") = &threadIdx;
  *symbol<const dim3*>(module_, "fake_block") = &blockIdx;
  *symbol<const dim3*>(module_, "fake_threads") = &blockDim;
  *symbol<const dim3*>(module_, "fake_blocks") = &gridDim;
  *symbol<void (*)()>(module_, "fake_barrier") = __syncthreads;
  *symbol<void (*)()>(module_, "fake_warp_barrier") = __syncwarp;
  *symbol<void (*)()>(module_, "fake_look_again") = fake::look_again;
  *symbol<void (*)(unsigned long long, unsigned)>(module_, "fake_condition") = fake::set_condition;
  for (const std::string& name : names)
    kernels_.push_back(reinterpret_cast<CUfunction>(symbol<void>(module_, name.c_str())));
}

Module::~Module() {
  if (module_) dlclose(module_);
}

namespace {

// The argument's type is known by the kernel's name.
void start(const cudaLaunchConfig_t& config, void* function, const fake::SharedMemory& shared,
           const void* argument) {
  Dl_info info{};
  dladdr(function, &info);
  const std::string name = info.dli_sname;
  const auto with = [&](auto kind) {
    using Args = decltype(kind);
    fake::launch(
        config,
        [function, args = *static_cast<const Args*>(argument)] {
          reinterpret_cast<void (*)(Args)>(function)(args);
        },
        shared);
  };
  if (name == kSolveKernel) return with(SolveArgs{});
  if (name == kDirectKernel) return with(DirectArgs{});
  if (name == kAdjointKernel) return with(AdjointArgs{});
  if (name == kRowsDirectKernel) return with(RowsDirectArgs{});
  if (name == kRowsAdjointKernel) return with(RowsAdjointArgs{});
  if (name == kRowsKernel) return with(RowsArgs{});
  if (name == kSumKernel) return with(SumArgs{});
  if (name.starts_with(kJointReverseKernel)) return with(ReverseArgs{});
  if (name.starts_with(kJointAdjointKernel)) return with(JointAdjointArgs{});
  if (name.starts_with(kJointKernel)) return with(JointArgs{});
  with(KernelArgs{});
}

}  // namespace

void Module::launch(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                    const void* argument) const {
  start({dim3(blocks), dim3(threads), 0, stream}, kernels_[kernel], shared_memory(module_), argument);
}

void Module::launch_together(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                             const void* argument) const {
  start({dim3(blocks), dim3(threads), 0, stream, true}, kernels_[kernel], shared_memory(module_), argument);
}

}  // namespace odeon::cuda
