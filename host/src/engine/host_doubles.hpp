// Between a backend's tensors and doubles on the host, through a buffer that is kept.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "engine/device.hpp"

namespace odeon::host {

class HostDoubles {
 public:
  // to: as many as x has elements.
  void download(Backend& backend, const odeon_tensor& x, std::span<double> to) {
    if (x.dtype == ODEON_F64) return backend.download(to.data(), x.data, byte_count(x));
    singles_.resize(to.size());
    backend.download(singles_.data(), x.data, byte_count(x));
    std::copy(singles_.begin(), singles_.end(), to.begin());
  }
  void upload(Backend& backend, const odeon_tensor& x, std::span<const double> from) {
    if (x.dtype == ODEON_F64) return backend.upload(x.data, from.data(), byte_count(x));
    singles_.resize(from.size());
    std::transform(from.begin(), from.end(), singles_.begin(),
                   [](double v) { return static_cast<float>(v); });
    backend.upload(x.data, singles_.data(), byte_count(x));
  }

 private:
  std::vector<float> singles_;
};

}  // namespace odeon::host
