// Data on the checked backend.
#pragma once
#include <limits>
#include <memory>
#include <vector>

#include "conformance/field_case.hpp"
#include "engine/device.hpp"

namespace odeon::host::conformance {

// Odd, empty, around vector widths and blocks, and large enough for several threads.
inline constexpr int64_t kSizes[] = {0, 1, 2, 3, 7, 8, 17, 255, 257, 8193, 100003};

template <class T>
constexpr double kEpsilon = double(std::numeric_limits<T>::epsilon());

// In [-1, 1), exact in T.
template <class T>
std::vector<T> values(int64_t count, uint32_t seed) {
  std::vector<T> out;
  for (const double x : random_numbers(count, seed, -1, 1)) out.push_back(static_cast<T>(x));
  return out;
}

class BackendCase {
 public:
  explicit BackendCase(const Subject& s) : backend_(s.open_backend()) {}

  Backend& operator*() const { return *backend_; }
  Backend* operator->() const { return backend_.get(); }
  const std::shared_ptr<Backend>& shared() const { return backend_; }

  // Memory lives as long as the case.
  template <class T>
  T* upload(const std::vector<T>& from) {
    const int64_t bytes = static_cast<int64_t>(from.size() * sizeof(T));
    memory_.emplace_back(backend_, bytes);
    backend_->upload(memory_.back().data(), from.data(), bytes);
    return static_cast<T*>(memory_.back().data());
  }
  template <class T>
  odeon_tensor tensor(const std::vector<T>& from, std::vector<int64_t> shape) {
    return make_tensor(upload(from), sizeof(T) == 4 ? ODEON_F32 : ODEON_F64, shape);
  }
  template <class T>
  std::vector<T> download(const void* from, int64_t count) {
    std::vector<T> out(static_cast<size_t>(count));
    backend_->download(out.data(), from, count * static_cast<int64_t>(sizeof(T)));
    return out;
  }
  template <class T>
  std::vector<T> download(const odeon_tensor& x) {
    return download<T>(x.data, element_count(x));
  }
  // A place for `count` numbers.
  double* room(int64_t count) { return upload(std::vector<double>(static_cast<size_t>(count), -7.0)); }

 private:
  std::shared_ptr<Backend> backend_;
  std::vector<Buffer> memory_;
};

}  // namespace odeon::host::conformance
