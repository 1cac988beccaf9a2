// Backends as tests see them: every built plugin of kind backend, loaded without a host.
#pragma once
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <odeon/ext/graph.h>
#include <odeon/plugin.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>
#include <string>
#include <vector>

namespace odeon::test {

inline std::string& last_error() {
  static std::string text;
  return text;
}

inline const odeon_host& bare_host() {
  static const odeon_host host = [] {
    odeon_host h{};
    h.struct_size = sizeof h;
    h.set_error = [](const odeon_host*, odeon_str text) { last_error() = std::string(to_view(text)); };
    h.set_error_at = [](const odeon_host*, int32_t, odeon_str text) {
      last_error() = std::string(to_view(text));
    };
    h.log = [](const odeon_host*, int32_t, odeon_str) {};
    h.poll_cancel = [](const odeon_host*) -> int32_t { return 0; };
    h.get_ext = [](const odeon_host*, odeon_str) -> const void* { return nullptr; };
    return h;
  }();
  return host;
}

struct BackendPlugin {
  std::string id;
  const odeon_component* component;
  const odeon_backend_api* api;
};

// In the order of their file names, with that of the stand-in for a device that the environment names. Their
// libraries stay loaded.
inline const std::vector<BackendPlugin>& built_backends() {
  static const std::vector<BackendPlugin> found = [] {
    std::vector<std::string> folders = {ODEON_BINARY_DIR "/plugins"};
    if (const char* stand_in = std::getenv("ODEON_TEST_STAND_IN"))
      folders.push_back(std::string(ODEON_BINARY_DIR "/stand_ins/") + stand_in);
    std::vector<std::filesystem::path> files;
    for (const std::string& folder : folders)
      for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.path().filename().string().starts_with("odeon_backend_")) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    std::vector<BackendPlugin> out;
    for (const auto& file : files) {
      void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
      REQUIRE_MESSAGE(library != nullptr, file.string());
      const auto* plugin = static_cast<const odeon_plugin*>(dlsym(library, ODEON_PLUGIN_SYMBOL));
      REQUIRE(plugin != nullptr);
      for (int64_t i = 0; i < plugin->n_components; ++i) {
        const odeon_component* c = plugin->components[i];
        if (c->kind == ODEON_KIND_BACKEND)
          out.push_back({std::string(to_view(c->id)), c, static_cast<const odeon_backend_api*>(c->vtable)});
      }
    }
    return out;
  }();
  return found;
}

inline const BackendPlugin& backend_plugin(const std::string& id) {
  for (const BackendPlugin& p : built_backends())
    if (p.id == id) return p;
  FAIL("no backend plugin '" << id << "' was built");
  std::abort();
}

// An opened backend with its queue. Integer options keep their defaults but `threads`.
class Device {
 public:
  explicit Device(const BackendPlugin& plugin, int64_t threads = 2) : plugin_(plugin) {
    std::vector<odeon_str> keys;
    std::vector<odeon_value> values;
    for (int64_t i = 0; i < plugin.component->n_options; ++i) {
      const odeon_option& option = *plugin.component->options[i];
      odeon_value v{};
      v.type = ODEON_VALUE_INT;
      v.integer = to_view(option.key) == "threads"
                      ? threads
                      : std::atoll(std::string(to_view(option.default_yaml)).c_str());
      v.real = double(v.integer);
      keys.push_back(option.key);
      values.push_back(v);
    }
    odeon_value map{};
    map.type = ODEON_VALUE_MAP;
    map.size = int64_t(values.size());
    map.keys = keys.data();
    map.children = values.data();
    status_ = api().create(&bare_host(), &map, &handle_);
    if (status_ != ODEON_OK) return;
    REQUIRE(api().queue_create(handle_, &queue_) == ODEON_OK);
  }
  ~Device() {
    release_all();
    if (queue_) api().queue_destroy(queue_);
    if (handle_) api().destroy(handle_);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  bool available() const { return status_ != ODEON_E_NO_DEVICE; }  // such a machine has no such device
  const odeon_backend_api& api() const { return *plugin_.api; }
  odeon_backend* handle() const { return handle_; }
  odeon_queue* queue() const { return queue_; }

  void* alloc(int64_t bytes) {
    void* memory = nullptr;
    REQUIRE(api().alloc(handle_, bytes, &memory) == ODEON_OK);
    memory_.push_back(memory);
    return memory;
  }
  // What was uploaded so far is needed no more.
  void release_all() {
    for (void* memory : memory_) api().release(handle_, memory);
    memory_.clear();
  }
  template <class T>
  T* upload(const std::vector<T>& values) {
    const int64_t bytes = int64_t(values.size() * sizeof(T));
    void* memory = alloc(bytes);
    REQUIRE(api().copy(queue_, memory, values.data(), bytes, ODEON_COPY_TO_DEVICE) == ODEON_OK);
    return static_cast<T*>(memory);
  }
  template <class T>
  odeon_tensor tensor(const std::vector<T>& values, std::vector<int64_t> shape) {
    return make_tensor(upload(values), sizeof(T) == 4 ? ODEON_F32 : ODEON_F64, shape);
  }
  template <class T>
  std::vector<T> download(const void* from, int64_t count) {
    std::vector<T> out(static_cast<size_t>(count));
    const int64_t bytes = count * int64_t(sizeof(T));
    REQUIRE(api().copy(queue_, out.data(), from, bytes, ODEON_COPY_TO_HOST) == ODEON_OK);
    return out;
  }
  template <class T>
  std::vector<T> download(const odeon_tensor& x) {
    return download<T>(x.data, element_count(x));
  }

 private:
  const BackendPlugin& plugin_;
  odeon_status status_ = ODEON_OK;
  odeon_backend* handle_ = nullptr;
  odeon_queue* queue_ = nullptr;
  std::vector<void*> memory_;
};

// body(device, id) on every built backend whose device this machine has.
template <class Body>
void on_every_backend(const Body& body) {
  REQUIRE(built_backends().size() >= 2);
  for (const BackendPlugin& plugin : built_backends()) {
    Device device(plugin);
    if (!device.available()) {
      MESSAGE("no device for backend '" << plugin.id << "': " << last_error());
      continue;
    }
    CAPTURE(plugin.id);
    body(device, plugin.id);
  }
}

}  // namespace odeon::test
