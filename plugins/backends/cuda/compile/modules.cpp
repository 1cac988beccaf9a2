#include "compile/modules.hpp"

#include <odeon/sdk/error.hpp>

namespace odeon::cuda {

void Modules::warn(const std::string& text) {
  if (!warned_) host_->log(host_, ODEON_LOG_WARNING, to_str("backend 'cuda': " + text));
  warned_ = true;
}

std::shared_ptr<const Module> Modules::get(const std::string& source, const std::vector<std::string>& names,
                                           Form form) {
  if (const auto found = loaded_.find({source, form}); found != loaded_.end()) return found->second;
  std::string key;
  try {
    key = target_name(capability_) + (form == Form::ptx ? " ptx\n" : "\n") + source;
  } catch (const Error& e) {
    warn("graphs are interpreted on the host, which is slow: " + std::string(e.what()) + "; install NVRTC");
    throw;
  }
  std::optional<std::string> image = cache_.find(key);
  if (!image) {
    image = compile_for(capability_, source, form);
    const std::string why = cache_.keep(key, *image);
    if (!why.empty()) warn("compiled kernels are not kept: " + why + "; set option 'cache'");
  }
  return loaded_[{source, form}] = std::make_shared<const Module>(*image, names);
}

}  // namespace odeon::cuda
