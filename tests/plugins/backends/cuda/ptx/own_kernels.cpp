// The backend's own kernels (maths/*.cu) by the PTX that nvcc has made of them: found by the name that the
// host's compiler gave to the function of the same instance.
#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>

#include <fstream>
#include <sstream>

#include "fake/stand_in.hpp"
#include "ptx/on_stand_in.hpp"

namespace {

using odeon::ptx::Module;

// Namespaces without a name have one in symbols, which differs from compiler to compiler.
std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : symbol;
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fake::die("no file " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
const T* at(const std::string& file, uint64_t offset) {
  if (offset + sizeof(T) > file.size()) fake::die("this library's symbols cannot be read");
  return reinterpret_cast<const T*>(file.data() + offset);
}

// Of all functions of this library, those that nobody else sees too: by their place in it.
std::map<uint64_t, std::string> symbols_of(const std::string& path) {
  const std::string file = contents(path);
  std::map<uint64_t, std::string> out;
  const auto* head = at<Elf64_Ehdr>(file, 0);
  for (unsigned k = 0; k < head->e_shnum; ++k) {
    const auto* section = at<Elf64_Shdr>(file, head->e_shoff + k * sizeof(Elf64_Shdr));
    if (section->sh_type != SHT_SYMTAB) continue;
    const uint64_t names =
        at<Elf64_Shdr>(file, head->e_shoff + section->sh_link * sizeof(Elf64_Shdr))->sh_offset;
    for (uint64_t s = 0; s < section->sh_size; s += sizeof(Elf64_Sym)) {
      const auto* symbol = at<Elf64_Sym>(file, section->sh_offset + s);
      if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC)
        out[symbol->st_value] = at<char>(file, names + symbol->st_name);
    }
  }
  return out;
}

std::string name_of(const void* function) {
  Dl_info info{};
  if (dladdr(function, &info) == 0) fake::die("a kernel of no library");
  static const auto* all = new std::map(symbols_of(info.dli_fname));
  const auto found =
      all->find(uint64_t(static_cast<const char*>(function) - static_cast<const char*>(info.dli_fbase)));
  if (found == all->end()) fake::die("a kernel without a symbol");
  return demangled(found->second.c_str());
}

struct Kernel {
  const Module* module;
  std::string name;
};
// By their names as C++ writes them.
const std::map<std::string, Kernel>& kernels() {
  static const auto* all = [] {
    auto* found = new std::map<std::string, Kernel>;
    std::istringstream paths(ODEON_OWN_KERNELS);
    for (std::string path; std::getline(paths, path, '|');) {
      const Module* module = odeon::ptx::parse(contents(path)).release();
      for (const auto& [name, f] : module->functions)
        if (f.entry) (*found)[demangled(name.c_str())] = {module, name};
    }
    return found;
  }();
  return *all;
}

}  // namespace

void fake::launch_own(const cudaLaunchConfig_t& config, const std::function<void()>&, const void* kernel,
                      const std::vector<char>& parameters) {
  const std::string name = name_of(kernel);
  const auto found = kernels().find(name);
  if (found == kernels().end()) die("no PTX of " + name);
  launch_ptx(config, *found->second.module, found->second.name, parameters);
}
