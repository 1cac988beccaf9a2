// Between SUNDIALS' vectors, doubles in host memory, and the backend's tensors; and exceptions past SUNDIALS'
// C code.
#pragma once
#include <algorithm>
#include <cmath>
#include <exception>
#include <odeon/sdk/step_solver.hpp>
#include <vector>

#include "cvode/handles.hpp"

namespace odeon::cvode {

class Exchange {
 public:
  Exchange() = default;
  explicit Exchange(const StepProblem& problem) : problem_(problem) {
    if (problem.api().dtype == ODEON_F32)
      single_.resize(static_cast<size_t>(element_count(problem.api().state)));
  }

  void to_backend(const odeon_tensor& to, N_Vector from) {
    const double* x = N_VGetArrayPointer(from);
    const void* bytes = x;
    if (!single_.empty()) {
      std::transform(x, x + single_.size(), single_.begin(), [](double v) { return static_cast<float>(v); });
      bytes = single_.data();
    }
    copy(to.data, bytes, byte_count(to), ODEON_COPY_TO_DEVICE);
  }
  void to_host(N_Vector to, const odeon_tensor& from) {
    double* x = N_VGetArrayPointer(to);
    copy(single_.empty() ? static_cast<void*>(x) : single_.data(), from.data, byte_count(from),
         ODEON_COPY_TO_HOST);
    std::copy(single_.begin(), single_.end(), x);
  }
  // One number per element of a row; NULL: all equal.
  std::vector<double> row(const double* from, double otherwise) {
    std::vector<double> out(static_cast<size_t>(problem_.api().row_elements), otherwise);
    if (from) copy(out.data(), from, static_cast<int64_t>(out.size() * sizeof(double)), ODEON_COPY_TO_HOST);
    return out;
  }

 private:
  void copy(void* to, const void* from, int64_t bytes, int32_t direction) {
    check(problem_.api().backend_api->copy(problem_.api().queue, to, from, bytes, direction));
  }
  StepProblem problem_;
  std::vector<float> single_;  // staging of float32
};

// Callbacks return 0, > 0 for what smaller steps may mend, < 0 for an exception, which waits here.
class Callback {
 public:
  template <class Body>
  int run(Body&& body) noexcept {
    try {
      return body();
    } catch (const StatusError& e) {
      if (e.status() == ODEON_RETRY_SMALLER) return 1;
      thrown_ = std::current_exception();
    } catch (...) {
      thrown_ = std::current_exception();
    }
    return -1;
  }
  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  std::exception_ptr thrown_;
};

}  // namespace odeon::cvode
