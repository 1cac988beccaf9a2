// A field's graph, row by row: each element of each value a scalar of straight-line code, so that one thread
// can hold a whole row in registers. For small fields.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include <string>

namespace odeon::cuda {

struct ScalarField {
  int64_t size;       // elements of a row of the state
  int64_t theta_end;  // parameters that are read
  std::string body;   // statements from y[], theta[] and t (type T) to dy[]
};

// ODEON_E_UNSUPPORTED with the reason for graphs whose rows depend on each other, for ops that need whole
// arrays, and for graphs of more than kMaxScalars operations per row.
ScalarField scalar_field(const odeon_graph& graph);
constexpr int64_t kMaxScalars = 4096;

// The derivative products of a gradient's spec in the same way: statements from y[], v[], theta[], t and
// weight to dy[], gy[] and gt[], which are overwritten, and with WANTS_THETA gtheta[], to which weight times
// the row's part is added. Likewise ODEON_E_UNSUPPORTED.
std::string scalar_products(const odeon_solve_gradient_spec& spec);

}  // namespace odeon::cuda
