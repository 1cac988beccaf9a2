// Owners of SUNDIALS' objects.
#pragma once
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>
#include <sundials/sundials_nonlinearsolver.h>

#include <memory>
#include <odeon/sdk/error.hpp>
#include <type_traits>

namespace odeon::cvode {

static_assert(std::is_same_v<realtype, double>, "SUNDIALS was built for another precision than double");

struct Release {
  void operator()(SUNContext c) const { SUNContext_Free(&c); }
  void operator()(N_Vector v) const { N_VDestroy(v); }
  void operator()(SUNMatrix m) const { SUNMatDestroy(m); }
  void operator()(SUNLinearSolver s) const { SUNLinSolFree(s); }
  void operator()(SUNNonlinearSolver s) const { SUNNonlinSolFree(s); }
  void operator()(void* integrator) const { CVodeFree(&integrator); }
};
template <class Pointer>
using Owned = std::unique_ptr<std::remove_pointer_t<Pointer>, Release>;

// NULL is what SUNDIALS gives without memory.
template <class Pointer>
Owned<Pointer> own(Pointer made) {
  if (!made) throw std::bad_alloc();
  return Owned<Pointer>(made);
}

inline Owned<SUNContext> make_context() {
  SUNContext context = nullptr;
  if (SUNContext_Create(nullptr, &context) != 0) throw std::bad_alloc();
  return Owned<SUNContext>(context);
}

}  // namespace odeon::cvode
