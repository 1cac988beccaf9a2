// A solver whose required slots are all NULL.
#include <odeon/solver.h>

#include "specimen.hpp"

constexpr odeon_solver_api kApi =
    specimen::changed(odeon_solver_api{}, [](odeon_solver_api& api) { api.struct_size = sizeof api; });
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kApi, [](odeon_component&) {})
