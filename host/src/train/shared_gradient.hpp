// What the ranks of a training exchange in each step and at the end of each epoch.
#pragma once
#include "engine/device_arrays.hpp"
#include "experiment/ranks.hpp"

namespace odeon::host {

// The gradient of the mean over this rank's rows becomes that over the rows of all ranks. part: this rank's
// of them.
inline void share_gradient(Ranks& ranks, Backend& backend, const odeon_tensor& gradient, double part) {
  if (ranks.size() == 1) return;
  const double one = 1;
  if (part == 0)  // it had no row
    backend.fill(gradient, 0);
  else
    backend.lincomb(gradient, nullptr, part, {&one, 1}, {&gradient, 1});
  Array values = download(backend, gradient);
  ranks.sum(values);
  upload(backend, gradient, values);
}

// θ has taken the same steps everywhere, or the ranks no longer train one model.
inline void require_same_theta(Ranks& ranks, Backend& backend, const odeon_tensor& theta,
                               int64_t epochs_done) {
  if (ranks.size() == 1) return;
  ranks.require_same(download(backend, theta).bytes, "θ after epoch " + std::to_string(epochs_done),
                     "use the same build, the same files and the same kind of device everywhere");
}

}  // namespace odeon::host
