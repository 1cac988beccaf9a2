// A solver's table that ends before the 1.0 slots do.
#include <odeon/solver.h>

#include "specimen.hpp"

constexpr odeon_solver_api kApi =
    specimen::changed(odeon_solver_api{}, [](odeon_solver_api& api) { api.struct_size = 16; });
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kApi, [](odeon_component&) {})
