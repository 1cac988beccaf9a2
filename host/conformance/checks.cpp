// Which checks a component of each kind gets, in which order.
#include <odeon/plugin.h>

#include "conformance/check.hpp"
#include "conformance/components.hpp"
#include "conformance/solver_order.hpp"
#include "conformance/solver_resources.hpp"
#include "conformance/solver_runs.hpp"
#include "conformance/solver_tableau.hpp"

namespace odeon::host::conformance {
namespace {

constexpr Check kSolver[] = {
    kOptions,
    kCreate,
    {"order conditions", "check a, b and c against the paper, or state the order that they have",
     order_conditions_hold},
    {"embedded order", "check b_hat against the paper, or state the embedded_order that it has",
     embedded_row_has_its_order},
    {"dense output", "check the polynomials against the paper, or state the dense_order that they have",
     dense_output_has_its_order},
    {"stability", "check the diagonal of a against the paper", is_stable, {"order conditions"}},
    {"solve", "look at what start and step do in a debugger", solves, {"create", "order conditions"}},
    {"determinism",
     "initialise everything in start; use no clock, address or random number",
     is_deterministic,
     {"solve"}},
    {"observed order", "repair the step, or state the order that it has", shows_its_order, {"solve"}},
    {"backwards in time",
     "use the sign of h, and differences of times without taking their size",
     shows_its_order_backwards,
     {"solve", "observed order"}},
    {"error estimate",
     "scale the estimate with the problem's scaled_norm and all of h",
     error_follows_tolerance,
     {"solve", "embedded order"}},
    {"interpolation",
     "check the polynomial between the ends of a step",
     values_between_steps_are_as_good,
     {"solve", "error estimate", "dense output"}},
    {"precision", "compute in the dtype of the problem's state", computes_in_single_precision, {"solve"}},
    {"zero span", "take no step in start", takes_no_step_without_a_span, {"solve"}},
    {"not a number",
     "return ODEON_RETRY_SMALLER, or an error that is not finite, where a value is not finite",
     fails_where_the_field_is_not_a_number,
     {"solve"}},
    {"cancellation",
     "return at once with every status that is not ODEON_OK",
     stops_when_cancelled,
     {"solve", "determinism"}},
    {"field errors",
     "return at once with every status that is not ODEON_OK",
     passes_errors_of_the_field_on,
     {"solve", "determinism"}},
    {"allocations", "allocate in start, never in step", steps_do_not_allocate, {"solve"}},
    {"threads", "leave parallelism to the backend", solves_start_no_thread, {"solve"}},
    {"instances",
     "keep all state in the instance; use no static variable",
     instances_are_independent,
     {"solve", "determinism"}},
};

}  // namespace

std::span<const Check> checks_of(int32_t kind) {
  switch (kind) {
    case ODEON_KIND_SOLVER:
      return kSolver;
    default:
      return {};
  }
}

}  // namespace odeon::host::conformance
