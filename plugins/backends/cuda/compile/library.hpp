// A library that is looked for at run time, so that the plugin loads where it is not.
#pragma once
#include <dlfcn.h>
#include <link.h>

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

  // The library of this name in the same folder, if it is there: whoever asks the loader for the name alone
  // gets this one.
  void open_beside(const std::string& name) const {
    const link_map* map = nullptr;
    if (dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0) return;
    const std::string path = map->l_name;
    if (const size_t end = path.rfind('/'); end != std::string::npos)
      dlopen((path.substr(0, end + 1) + name).c_str(), RTLD_NOW | RTLD_LOCAL);
  }

 private:
  void* handle_ = nullptr;
};

}  // namespace odeon::cuda
