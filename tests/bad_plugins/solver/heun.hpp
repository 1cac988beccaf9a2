// A correct solver that takes steps by code, the template's, from which each specimen departs in one point.
#pragma once
#include "../from_template.hpp"
//
#include "../../../api/template/step_solver.cpp"

#define SPECIMEN_SOLVER(Class, capabilities, order)                                                \
  namespace {                                                                                      \
  constexpr odeon_solver_api kSolverApi = odeon::StepSolverApi<Class>::table(capabilities, order); \
  }                                                                                                \
  SPECIMEN_EXPORT(ODEON_KIND_SOLVER, kSolverApi)

// With its estimate.
#define SPECIMEN_HEUN(Class) SPECIMEN_SOLVER(Class, ODEON_SOLVER_ESTIMATES, 2)
