// Generated source compiled by the host's C++ compiler and run on the processor: a block is one thread.
#pragma once
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace odeon::test {

// A shared library of a source text, gone with the object.
class CompiledText {
 public:
  explicit CompiledText(const std::string& source) {
    std::string folder = (std::filesystem::temp_directory_path() / "odeon-emulation-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()));
    folder_ = folder;
    std::ofstream(folder_ + "/source.cpp") << source;
    // Without fused multiply-adds: the numbers of the SDK's interpreter, which is built without them too.
    const std::string command = std::string(ODEON_CXX) +
                                " -std=c++17 -O1 -ffp-contract=off -w -fPIC -shared -o '" + folder_ +
                                "/source.so' '" + folder_ + "/source.cpp' 2>'" + folder_ + "/errors'";
    if (std::system(command.c_str()) != 0) {
      std::ifstream errors(folder_ + "/errors");
      FAIL(std::string(std::istreambuf_iterator<char>(errors), {}) << "\n" << source);
    }
    library_ = dlopen((folder_ + "/source.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library_ != nullptr);
  }
  ~CompiledText() {
    if (library_) dlclose(library_);
    std::filesystem::remove_all(folder_);
  }
  CompiledText(const CompiledText&) = delete;
  CompiledText& operator=(const CompiledText&) = delete;

  template <class Symbol>
  Symbol* symbol(const std::string& name) const {
    void* found = dlsym(library_, name.c_str());
    REQUIRE_MESSAGE(found != nullptr, name);
    return reinterpret_cast<Symbol*>(found);
  }

 private:
  std::string folder_;
  void* library_ = nullptr;
};

}  // namespace odeon::test
