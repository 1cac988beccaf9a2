// Which checks a component of each kind gets, in which order.
#include <odeon/plugin.h>

#include "conformance/backend_maths.hpp"
#include "conformance/backend_memory.hpp"
#include "conformance/backend_runs.hpp"
#include "conformance/check.hpp"
#include "conformance/communicator_exchange.hpp"
#include "conformance/components.hpp"
#include "conformance/field_derivatives.hpp"
#include "conformance/field_resources.hpp"
#include "conformance/field_values.hpp"
#include "conformance/gradient_endings.hpp"
#include "conformance/gradient_values.hpp"
#include "conformance/solver_interpolation.hpp"
#include "conformance/solver_order.hpp"
#include "conformance/solver_resources.hpp"
#include "conformance/solver_reversal.hpp"
#include "conformance/solver_runs.hpp"
#include "conformance/solver_stability.hpp"
#include "conformance/solver_steps.hpp"
#include "conformance/solver_tableau.hpp"

namespace odeon::host::conformance {
namespace {

constexpr Check kBackend[] = {
    kOptions,
    kCreate,
    {"info", "name the device, and say where its memory is", describes_its_device, {"create"}},
    {"memory",
     "align to 64 bytes, give NULL for none, ODEON_E_NO_MEMORY for too much",
     allocates_aligned_memory,
     {"info"}},
    {"copy", "copy what was asked for, complete when a call to the host returns", copies, {"memory"}},
    {"fill", "write the elements of the tensor and no others", fills, {"copy"}},
    {"lincomb", "compare with the definition in backend.h", lincomb_is_right, {"copy"}},
    {"error_norm", "compare with the definition in backend.h", error_norm_is_right, {"copy"}},
    {"reduce", "compare with the definition in backend.h", reduce_is_right, {"copy"}},
    {"dot", "compare with the definition in backend.h", dot_is_right, {"copy"}},
    {"select", "compare with the definition in backend.h", select_is_right, {"copy"}},
    {"graph",
     "compare the op with the SDK's interpreter (odeon/sdk/graph_eval.hpp), or return "
     "ODEON_E_UNSUPPORTED from compile",
     graphs_agree_with_the_interpreter,
     {"copy"}},
    {"solve", "compare the other checks", backend_solves, {"lincomb", "graph"}},
    {"gradient",
     "compare ext/solve_gradient.h, or return ODEON_E_UNSUPPORTED from compile",
     backend_differentiates,
     {"solve"}},
    {"determinism",
     "add up in a fixed order, whatever the number of threads",
     backend_gives_the_same_bits,
     {"solve", "reduce", "dot"}},
    {"instances",
     "keep all state in the instance; use no static variable",
     backends_are_independent,
     {"solve", "determinism"}},
};

constexpr Check kField[] = {
    kOptions,
    kCreate,
    {"shape", "correct what info says", describes_itself, {"create"}},
    {"graph",
     "correct the graph, which takes y [batch, state…] and gives dy/dt",
     lowers_to_its_graph,
     {"shape"}},
    {"evaluation",
     "write all of dy from y, theta and the time of each row, and nothing else",
     evaluates,
     {"shape", "graph"}},
    {"halves",
     "correct the graphs of odeon.field.split/1, which add up to the field",
     halves_add_up,
     {"evaluation"}},
    {"determinism",
     "use no clock, address, random number or variable that is not set",
     evaluates_to_the_same_bits,
     {"evaluation"}},
    {"rows",
     "compute each row from its own state and time alone",
     rows_are_independent,
     {"evaluation", "determinism"}},
    {"precision",
     "compute in the dtype of the tensors that come, float32 or float64",
     evaluates_in_single_precision,
     {"evaluation"}},
    {"derivatives", "correct vjp", derivatives_are_slopes, {"rows", "determinism"}},
    {"write modes",
     "write each output of vjp as its mode says: not at all, over, or added",
     write_modes_are_kept,
     {"derivatives"}},
    {"allocations", "allocate in bind, never in eval", evaluations_do_not_allocate, {"evaluation"}},
    {"threads", "leave parallelism to the backend", evaluations_start_no_thread, {"evaluation"}},
    {"instances",
     "keep all state in the instance; use no static variable",
     fields_are_independent,
     {"evaluation", "determinism"}},
};

constexpr Check kSolver[] = {
    kOptions,
    kCreate,
    {"order conditions", "check a, b and c against the paper, or state the order that they have",
     order_conditions_hold},
    {"embedded order", "check b_hat against the paper, or state the embedded_order that it has",
     embedded_row_has_its_order},
    {"dense output", "check the polynomials against the paper, or state the dense_order that they have",
     dense_output_has_its_order},
    {"additive order",
     "check a_explicit against the paper",
     additive_conditions_hold,
     {"order conditions", "embedded order", "dense output"}},
    {"steps",
     "write y1, t1 (not beyond t + h) and, with ESTIMATES, error",
     steps_keep_their_contract,
     {"create"}},
    {"solve", "look at what start and step do in a debugger", solves, {"order conditions", "steps"}},
    {"stability",
     "check the coefficients, of an implicit method those on the diagonal, or do not state "
     "ODEON_SOLVER_STIFF",
     is_stable,
     {"solve"}},
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
     interpolates,
     {"solve", "error estimate", "dense output"}},
    {"stiffness",
     "solve with the shifted Jacobian, or do not state ODEON_SOLVER_STIFF",
     takes_long_steps_on_stiff_problems,
     {"solve", "stability"}},
    {"refused steps",
     "change the instance in accept alone",
     a_refused_step_moves_nothing,
     {"solve", "determinism"}},
    {"restart",
     "forget all history in start, and keep the work space where the problem is the same",
     start_forgets,
     {"solve", "determinism"}},
    {"save and load",
     "save everything that a step reads and start does not set",
     saved_state_is_whole,
     {"solve", "determinism", "restart"}},
    {"reversibility",
     "make the step with -h the inverse, or do not state ODEON_SOLVER_REVERSIBLE",
     reversible_steps_undo_each_other,
     {"solve"}},
    {"steps back",
     "carry all that a step reads, the state first, and undo the step by algebra",
     steps_are_taken_back,
     {"solve", "reversibility"}},
    {"energy",
     "make the step symplectic, or do not state ODEON_SOLVER_SYMPLECTIC",
     symplectic_steps_keep_energy,
     {"solve"}},
    {"precision", "compute in the dtype of the problem's state", computes_in_single_precision, {"solve"}},
    {"zero span", "take no step in start", takes_no_step_without_a_span, {"solve"}},
    {"not a number",
     "return ODEON_RETRY_SMALLER, or an error that is not finite, where a value is not finite",
     fails_where_the_field_is_not_a_number,
     {"solve"}},
    {"cancellation",
     "return at once with every status that is not ODEON_OK",
     stops_when_cancelled,
     {"solve", "restart"}},
    {"field errors",
     "return at once with every status that is not ODEON_OK",
     passes_errors_of_the_field_on,
     {"solve", "restart"}},
    {"allocations", "allocate in start, never in step", steps_do_not_allocate, {"solve"}},
    {"threads", "leave parallelism to the backend", solves_start_no_thread, {"solve"}},
    {"instances",
     "keep all state in the instance; use no static variable",
     instances_are_independent,
     {"solve", "determinism"}},
};

constexpr Check kGradient[] = {
    kOptions,
    kCreate,
    {"gradients",
     "compare each step of backward with the derivative of the step of forward",
     gradients_are_slopes,
     {"create"}},
    {"backwards in time",
     "use the signs of steps and of differences of times",
     gradients_are_slopes_backwards,
     {"gradients"}},
    {"zero span",
     "begin gy0 with the cotangent of the first state",
     one_time_gives_its_cotangent,
     {"gradients"}},
    {"theta", "add to gtheta", theta_is_added_to, {"gradients"}},
    {"not wanted",
     "leave out gtheta and gtimes where they are NULL",
     what_is_not_wanted_is_left_out,
     {"gradients"}},
    {"repeated", "leave the tape as forward made it", backward_may_be_repeated, {"gradients"}},
    {"determinism",
     "use no clock, address, random number or variable that is not set",
     gradients_have_the_same_bits,
     {"gradients"}},
    {"capabilities",
     "set the bits of gradient.h that are true of it",
     states_its_capabilities,
     {"gradients"}},
    {"needs", "set ODEON_GRADIENT_NEEDS_VJP if and only if it is so", needs_what_it_says, {"gradients"}},
    {"tape",
     "release all memory of tape_alloc, at the latest in tape_destroy",
     gives_its_tape_back,
     {"gradients"}},
    {"field errors",
     "return at once with every status that is not ODEON_OK, and release what was kept",
     passes_errors_on,
     {"tape", "determinism"}},
    {"cancellation",
     "return at once with every status that is not ODEON_OK",
     stops_in_both_passes,
     {"field errors", "determinism"}},
    {"threads", "leave parallelism to the backend", strategies_start_no_thread, {"gradients"}},
    {"instances",
     "keep all state in the instance and the tape; use no static variable",
     strategies_are_independent,
     {"determinism"}},
};

constexpr Check kCommunicator[] = {
    kOptions,
    kCreate,
    {"info", "give a rank below the size", says_where_it_stands, {"create"}},
    {"sum", "add up in the order of the ranks, in the dtype of the numbers", sums_in_order, {"info"}},
    {"broadcast", "give the bytes of the root to all", broadcasts, {"info"}},
    {"barrier", "return ODEON_OK when all ranks are there", barrier_returns, {"info"}},
    {"refusals",
     "return ODEON_E_UNSUPPORTED for other dtypes, ODEON_E_INVALID for a root that is no rank",
     refuses_what_it_cannot_do,
     {"info"}},
    {"determinism", "add up in a fixed order", sums_to_the_same_bits, {"sum"}},
    {"instances",
     "keep all state in the instance; use no static variable",
     communicators_are_independent,
     {"determinism"}},
    {"abort", "end the process with the status that was given", abort_ends_the_process, {"info"}},
};

}  // namespace

std::span<const Check> checks_of(int32_t kind) {
  switch (kind) {
    case ODEON_KIND_BACKEND:
      return kBackend;
    case ODEON_KIND_FIELD:
      return kField;
    case ODEON_KIND_SOLVER:
      return kSolver;
    case ODEON_KIND_COMMUNICATOR:
      return kCommunicator;
    default:
      return kGradient;
  }
}

}  // namespace odeon::host::conformance
