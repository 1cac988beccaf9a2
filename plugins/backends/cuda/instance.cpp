// What an instance is made of and says of itself; its memory.
#include <odeon/sdk/options.hpp>

#include "backend.hpp"
#include "device.hpp"

odeon_backend::odeon_backend(const odeon_host* host_table, int device_index,
                             const odeon::cuda::Choices& choices)
    : host(host_table),
      device(device_index),
      name(odeon::cuda::device_name(device_index)),
      precision(choices.precision),
      joint_form(choices.joint_form),
      row_form(choices.row_form),
      blocks_at_once(odeon::cuda::blocks_at_once(device_index)),
      memory(device_index, choices.memory_limit),
      modules(host_table, odeon::cuda::compute_capability(device_index), choices.cache) {}

namespace odeon::cuda {

void use(const odeon_backend& backend) {
  check_runtime(cudaSetDevice(backend.device), "selecting the device");
}

odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out) {
  return barrier(host, [&] {
    const Options o(options);
    const int device = open_device(host, o.integer("device"), o.at("device").mark);
    const Precision precision = precision_named(o.text("matmul_precision"));
    require_support(precision, compute_capability(device), o.at("matmul_precision").mark);
    const std::optional<JointForm> form = joint_form_named(o.text("joint_form"));
    if (form == JointForm::many_blocks && blocks_at_once(device) == 0)
      throw Error("'joint_form' is many_blocks, but blocks of " + device_name(device) +
                      " cannot wait for each other; use auto",
                  ODEON_E_UNSUPPORTED, o.at("joint_form").mark);
    constexpr double kGiB = 1 << 30;
    std::string cache(o.text("cache"));
    if (cache.empty()) cache = DiskCache::default_folder();
    if (cache == "none") cache.clear();
    *out = new odeon_backend(host, device,
                             {static_cast<int64_t>(o.real("memory_limit") * kGiB), cache, precision, form,
                              row_form_named(o.text("row_form"))});
  });
}

void destroy(odeon_backend* backend) {
  barrier(backend->host, [&] {
    use(*backend);
    delete backend;
  });
}

odeon_status info(odeon_backend* backend, odeon_backend_info* out) {
  out->host_memory = 0;
  out->threads = 0;
  out->device = to_str(backend->name);
  return ODEON_OK;
}

odeon_status alloc(odeon_backend* backend, int64_t bytes, void** out) {
  return barrier(backend->host, [&] {
    use(*backend);
    *out = backend->memory.allocate(bytes);
  });
}

void release(odeon_backend* backend, void* memory) {
  barrier(backend->host, [&] {
    use(*backend);
    backend->memory.release(memory);
  });
}

}  // namespace odeon::cuda
