// Another value in a place, until the end of a scope.
#pragma once
#include <utility>

namespace odeon::host {

template <class T>
class Instead {
 public:
  Instead(T& place, T value) : place_(place), own_(std::exchange(place, std::move(value))) {}
  ~Instead() { place_ = std::move(own_); }
  Instead(const Instead&) = delete;
  Instead& operator=(const Instead&) = delete;

 private:
  T& place_;
  T own_;
};

}  // namespace odeon::host
