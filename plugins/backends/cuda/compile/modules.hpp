// The compiled kernels of an instance: each source once in memory, and kept on disk.
#pragma once
#include <odeon/host.h>

#include <map>
#include <memory>

#include "compile/disk_cache.hpp"
#include "compile/module.hpp"
#include "compile/nvrtc.hpp"

namespace odeon::cuda {

class Modules {
 public:
  Modules(const odeon_host* host, int capability, std::string cache_folder)
      : host_(host), capability_(capability), cache_(std::move(cache_folder)) {}

  std::shared_ptr<const Module> get(const std::string& source, const std::vector<std::string>& names,
                                    Form form = Form::best);

 private:
  void warn(const std::string& text);  // once
  const odeon_host* host_;
  int capability_;
  DiskCache cache_;
  bool warned_ = false;
  std::map<std::pair<std::string, Form>, std::shared_ptr<const Module>> loaded_;
};

}  // namespace odeon::cuda
