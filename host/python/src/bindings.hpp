// The classes of the module.
#pragma once
#include <nanobind/nanobind.h>

#include <odeon/host/problem.hpp>

#include "turn.hpp"

namespace odeon::python {

void bind_dense_solution(nanobind::module_& m);
void bind_problem(nanobind::module_& m);
void bind_session(nanobind::module_& m);

// A host object that frees what it holds without the GIL: what it holds may log, and logging may wait for the
// GIL.
template <class T>
struct Held {
  explicit Held(T&& v) : value(new T(std::move(v))) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    const nanobind::gil_scoped_release released;
    value.reset();
  }
  std::unique_ptr<T> value;
};

template <class T>
struct Shared : Held<T> {
  using Held<T>::Held;
  Turn turn;
};

using SharedProblem = Shared<host::Problem>;

}  // namespace odeon::python
