/* Every type of the ABI behind an exported name, so that abidw finds them in the debug information. */
#include <odeon/communicator.h>
#include <odeon/ext/engine.h>
#include <odeon/ext/events.h>
#include <odeon/ext/graph.h>
#include <odeon/ext/ranks.h>
#include <odeon/ext/reversible.h>
#include <odeon/ext/solve.h>
#include <odeon/ext/solve_gradient.h>
#include <odeon/ext/split.h>
#include <odeon/gradient.h>
#include <odeon/plugin.h>

#define SURFACE(type) ODEON_EXPORT const type* surface_##type

SURFACE(odeon_str);
SURFACE(odeon_tensor);
SURFACE(odeon_scalar);
SURFACE(odeon_value);
SURFACE(odeon_option);
SURFACE(odeon_host);
SURFACE(odeon_component);
SURFACE(odeon_plugin);
SURFACE(odeon_backend_info);
SURFACE(odeon_error_norm_args);
SURFACE(odeon_backend_api);
SURFACE(odeon_node);
SURFACE(odeon_graph);
SURFACE(odeon_plan_args);
SURFACE(odeon_backend_graph_api);
SURFACE(odeon_solve_spec);
SURFACE(odeon_step_settings);
SURFACE(odeon_row_result);
SURFACE(odeon_solve_totals);
SURFACE(odeon_solve_run);
SURFACE(odeon_backend_solve_api);
SURFACE(odeon_solve_gradient_spec);
SURFACE(odeon_solve_gradient_run);
SURFACE(odeon_backend_solve_gradient_api);
SURFACE(odeon_parameter_slot);
SURFACE(odeon_field_context);
SURFACE(odeon_field_info);
SURFACE(odeon_vjp_args);
SURFACE(odeon_field_api);
SURFACE(odeon_tableau);
SURFACE(odeon_solver_problem_api);
SURFACE(odeon_step_result);
SURFACE(odeon_solver_api);
SURFACE(odeon_event);
SURFACE(odeon_event_point);
SURFACE(odeon_field_events_api);
SURFACE(odeon_field_split_api);
SURFACE(odeon_problem_info);
SURFACE(odeon_observation);
SURFACE(odeon_step_record);
SURFACE(odeon_solve_args);
SURFACE(odeon_derived_field);
SURFACE(odeon_derive_args);
SURFACE(odeon_engine_api);
SURFACE(odeon_row_solve_args);
SURFACE(odeon_row_reverse_args);
SURFACE(odeon_reversal_args);
SURFACE(odeon_solver_reversible_api);
SURFACE(odeon_gradient_forward_args);
SURFACE(odeon_gradient_backward_args);
SURFACE(odeon_gradient_api);
SURFACE(odeon_communicator_info);
SURFACE(odeon_communicator_api);
SURFACE(odeon_ranks_api);
