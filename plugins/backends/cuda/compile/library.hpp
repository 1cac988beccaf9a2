// A library that is looked for at run time, so that the plugin loads where it is not.
#pragma once
#include <dlfcn.h>

#include <initializer_list>
#include <odeon/sdk/error.hpp>
#include <string>

namespace odeon::cuda {

class RuntimeLibrary {
 public:
  // The first of `names` that opens; it stays open. Throws `status` with the loader's words.
  RuntimeLibrary(std::initializer_list<const char*> names, odeon_status status) {
    std::string words;
    for (const char* name : names) {
      if ((handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL))) return;
      words += (words.empty() ? "" : "; ") + std::string(dlerror());
    }
    throw Error(words, status);
  }

  template <class Function>
  void find(Function*& slot, const char* name) const {
    slot = reinterpret_cast<Function*>(dlsym(handle_, name));
    if (!slot)
      throw Error("a library has no '" + std::string(name) + "'; install a newer one", ODEON_E_UNSUPPORTED);
  }

 private:
  void* handle_ = nullptr;
};

}  // namespace odeon::cuda
