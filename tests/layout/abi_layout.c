/* Sizes and offsets of every struct of the ABI, as of 1.0 on 64-bit Linux; compiled as C11 and as C++20.
 *   FROZEN: nothing ever changes. GROWABLE: these fields stay where they are, new ones come behind them.
 * A line that fails here is a break of the ABI: change the header back, never the line. */
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

#include <assert.h>
#include <stddef.h>

#define FROZEN(type, bytes) static_assert(sizeof(type) == (bytes), #type " is frozen")
#define GROWABLE(type, bytes)                                                \
  static_assert(sizeof(type) >= (bytes), #type " must not shrink");           \
  static_assert(offsetof(type, struct_size) == 0, #type " begins with its size")
#define AT(type, field, offset) static_assert(offsetof(type, field) == (offset), #type "." #field " moved")

/* odeon/abi.h */
FROZEN(odeon_str, 16);
AT(odeon_str, data, 0);
AT(odeon_str, size, 8);

/* odeon/tensor.h */
FROZEN(odeon_tensor, 80);
AT(odeon_tensor, data, 0);
AT(odeon_tensor, dtype, 8);
AT(odeon_tensor, rank, 12);
AT(odeon_tensor, shape, 16);
FROZEN(odeon_scalar, 24);
AT(odeon_scalar, value, 0);
AT(odeon_scalar, device, 8);
AT(odeon_scalar, stride, 16);

/* odeon/options.h */
FROZEN(odeon_value, 72);
AT(odeon_value, type, 0);
AT(odeon_value, mark, 4);
AT(odeon_value, integer, 8);
AT(odeon_value, real, 16);
AT(odeon_value, string, 24);
AT(odeon_value, size, 40);
AT(odeon_value, children, 48);
AT(odeon_value, keys, 56);
AT(odeon_value, handle, 64);
GROWABLE(odeon_option, 128);
AT(odeon_option, type, 4);
AT(odeon_option, key, 8);
AT(odeon_option, default_yaml, 24);
AT(odeon_option, unit, 40);
AT(odeon_option, doc, 56);
AT(odeon_option, flags, 72);
AT(odeon_option, reserved, 76);
AT(odeon_option, minimum, 80);
AT(odeon_option, maximum, 88);
AT(odeon_option, choices, 96);
AT(odeon_option, n_choices, 104);
AT(odeon_option, children, 112);
AT(odeon_option, n_children, 120);

/* odeon/host.h */
GROWABLE(odeon_host, 56);
AT(odeon_host, abi_minor, 4);
AT(odeon_host, log, 8);
AT(odeon_host, set_error, 16);
AT(odeon_host, set_error_at, 24);
AT(odeon_host, poll_cancel, 32);
AT(odeon_host, get_ext, 40);
AT(odeon_host, self, 48);

/* odeon/plugin.h */
GROWABLE(odeon_component, 112);
AT(odeon_component, kind, 4);
AT(odeon_component, id, 8);
AT(odeon_component, version, 24);
AT(odeon_component, title, 40);
AT(odeon_component, summary, 56);
AT(odeon_component, licence, 72);
AT(odeon_component, options, 88);
AT(odeon_component, n_options, 96);
AT(odeon_component, vtable, 104);
GROWABLE(odeon_plugin, 96);
AT(odeon_plugin, abi_major, 4);
AT(odeon_plugin, magic, 8);
AT(odeon_plugin, abi_minor, 16);
AT(odeon_plugin, need_host_minor, 20);
AT(odeon_plugin, id, 24);
AT(odeon_plugin, version, 40);
AT(odeon_plugin, components, 56);
AT(odeon_plugin, n_components, 64);
AT(odeon_plugin, init, 72);
AT(odeon_plugin, shutdown, 80);
AT(odeon_plugin, get_ext, 88);

/* odeon/backend.h */
GROWABLE(odeon_backend_info, 32);
AT(odeon_backend_info, host_memory, 4);
AT(odeon_backend_info, threads, 8);
AT(odeon_backend_info, reserved, 12);
AT(odeon_backend_info, device, 16);
GROWABLE(odeon_error_norm_args, 104);
AT(odeon_error_norm_args, norm, 4);
AT(odeon_error_norm_args, per_row, 8);
AT(odeon_error_norm_args, n_terms, 12);
AT(odeon_error_norm_args, coefficients, 16);
AT(odeon_error_norm_args, terms, 24);
AT(odeon_error_norm_args, scale, 32);
AT(odeon_error_norm_args, y0, 56);
AT(odeon_error_norm_args, y1, 64);
AT(odeon_error_norm_args, rtol, 72);
AT(odeon_error_norm_args, atol, 80);
AT(odeon_error_norm_args, rtol_vector, 88);
AT(odeon_error_norm_args, atol_vector, 96);
GROWABLE(odeon_backend_api, 136);
AT(odeon_backend_api, reserved, 4);
AT(odeon_backend_api, create, 8);
AT(odeon_backend_api, destroy, 16);
AT(odeon_backend_api, info, 24);
AT(odeon_backend_api, queue_create, 32);
AT(odeon_backend_api, queue_destroy, 40);
AT(odeon_backend_api, queue_wait, 48);
AT(odeon_backend_api, alloc, 56);
AT(odeon_backend_api, release, 64);
AT(odeon_backend_api, copy, 72);
AT(odeon_backend_api, fill, 80);
AT(odeon_backend_api, lincomb, 88);
AT(odeon_backend_api, error_norm, 96);
AT(odeon_backend_api, reduce, 104);
AT(odeon_backend_api, dot, 112);
AT(odeon_backend_api, select, 120);
AT(odeon_backend_api, get_ext, 128);

/* odeon/graph.h */
FROZEN(odeon_node, 168);
AT(odeon_node, op, 0);
AT(odeon_node, n_inputs, 4);
AT(odeon_node, inputs, 8);
AT(odeon_node, rank, 20);
AT(odeon_node, shape, 24);
AT(odeon_node, ints, 88);
AT(odeon_node, reals, 152);
GROWABLE(odeon_graph, 40);
AT(odeon_graph, reserved, 4);
AT(odeon_graph, nodes, 8);
AT(odeon_graph, n_nodes, 16);
AT(odeon_graph, outputs, 24);
AT(odeon_graph, n_outputs, 32);

/* odeon/ext/graph.h */
GROWABLE(odeon_plan_args, 80);
AT(odeon_plan_args, reserved, 4);
AT(odeon_plan_args, t, 8);
AT(odeon_plan_args, theta, 32);
AT(odeon_plan_args, inputs, 40);
AT(odeon_plan_args, n_inputs, 48);
AT(odeon_plan_args, outputs, 56);
AT(odeon_plan_args, modes, 64);
AT(odeon_plan_args, n_outputs, 72);
GROWABLE(odeon_backend_graph_api, 40);
AT(odeon_backend_graph_api, reserved, 4);
AT(odeon_backend_graph_api, compile, 8);
AT(odeon_backend_graph_api, destroy, 16);
AT(odeon_backend_graph_api, run, 24);
AT(odeon_backend_graph_api, workspace_bytes, 32);

/* odeon/ext/solve.h */
GROWABLE(odeon_solve_spec, 48);
AT(odeon_solve_spec, dtype, 4);
AT(odeon_solve_spec, graph, 8);
AT(odeon_solve_spec, tableau, 16);
AT(odeon_solve_spec, dense, 24);
AT(odeon_solve_spec, norm, 28);
AT(odeon_solve_spec, fixed, 32);
AT(odeon_solve_spec, reserved, 36);
AT(odeon_solve_spec, joint, 40);
GROWABLE(odeon_step_settings, 168);
AT(odeon_step_settings, order, 4);
AT(odeon_step_settings, error_order, 8);
AT(odeon_step_settings, stiff_every, 12);
AT(odeon_step_settings, stiff_hits, 16);
AT(odeon_step_settings, stiff_misses, 20);
AT(odeon_step_settings, max_steps, 24);
AT(odeon_step_settings, first_step, 32);
AT(odeon_step_settings, min_step, 40);
AT(odeon_step_settings, max_step, 48);
AT(odeon_step_settings, safety, 56);
AT(odeon_step_settings, min_factor, 64);
AT(odeon_step_settings, max_factor, 72);
AT(odeon_step_settings, beta, 80);
AT(odeon_step_settings, alpha, 104);
AT(odeon_step_settings, stability_limit, 112);
AT(odeon_step_settings, stability_hides, 120);
AT(odeon_step_settings, stiff_near, 128);
AT(odeon_step_settings, rtol, 136);
AT(odeon_step_settings, atol, 144);
AT(odeon_step_settings, rtol_vector, 152);
AT(odeon_step_settings, atol_vector, 160);
FROZEN(odeon_row_result, 64);
AT(odeon_row_result, t, 0);
AT(odeon_row_result, h, 8);
AT(odeon_row_result, error, 16);
AT(odeon_row_result, stability_ratio, 24);
AT(odeon_row_result, accepted, 32);
AT(odeon_row_result, rejected, 40);
AT(odeon_row_result, evaluations, 48);
AT(odeon_row_result, status, 56);
FROZEN(odeon_solve_totals, 40);
AT(odeon_solve_totals, written, 0);
AT(odeon_solve_totals, failed, 8);
AT(odeon_solve_totals, accepted, 16);
AT(odeon_solve_totals, rejected, 24);
AT(odeon_solve_totals, evaluations, 32);
GROWABLE(odeon_solve_run, 112);
AT(odeon_solve_run, reserved, 4);
AT(odeon_solve_run, batch, 8);
AT(odeon_solve_run, times, 16);
AT(odeon_solve_run, n_times, 24);
AT(odeon_solve_run, theta, 32);
AT(odeon_solve_run, y0, 40);
AT(odeon_solve_run, ys, 48);
AT(odeon_solve_run, y_last, 56);
AT(odeon_solve_run, y_end, 64);
AT(odeon_solve_run, results, 72);
AT(odeon_solve_run, grid, 80);
AT(odeon_solve_run, grid_times, 88);
AT(odeon_solve_run, n_grid, 96);
AT(odeon_solve_run, totals, 104);
GROWABLE(odeon_backend_solve_api, 32);
AT(odeon_backend_solve_api, reserved, 4);
AT(odeon_backend_solve_api, compile, 8);
AT(odeon_backend_solve_api, destroy, 16);
AT(odeon_backend_solve_api, run, 24);

/* odeon/ext/solve_gradient.h */
GROWABLE(odeon_solve_gradient_spec, 56);
AT(odeon_solve_gradient_spec, method, 4);
AT(odeon_solve_gradient_spec, solve, 8);
AT(odeon_solve_gradient_spec, vjp, 16);
AT(odeon_solve_gradient_spec, slice_offsets, 24);
AT(odeon_solve_gradient_spec, n_slices, 32);
AT(odeon_solve_gradient_spec, theta_count, 40);
AT(odeon_solve_gradient_spec, backward, 48);
GROWABLE(odeon_solve_gradient_run, 152);
AT(odeon_solve_gradient_run, reserved, 4);
AT(odeon_solve_gradient_run, settings, 8);
AT(odeon_solve_gradient_run, solve, 16);
AT(odeon_solve_gradient_run, gys, 24);
AT(odeon_solve_gradient_run, gy0, 32);
AT(odeon_solve_gradient_run, gtheta, 40);
AT(odeon_solve_gradient_run, gtimes, 48);
AT(odeon_solve_gradient_run, tape_limit, 56);
AT(odeon_solve_gradient_run, most_states, 64);
AT(odeon_solve_gradient_run, tape_bytes, 72);
AT(odeon_solve_gradient_run, evaluations, 80);
AT(odeon_solve_gradient_run, products, 88);
AT(odeon_solve_gradient_run, backward, 96);
AT(odeon_solve_gradient_run, grid, 104);
AT(odeon_solve_gradient_run, grid_begin, 112);
AT(odeon_solve_gradient_run, y_found, 120);
AT(odeon_solve_gradient_run, results, 128);
AT(odeon_solve_gradient_run, failed_at, 136);
AT(odeon_solve_gradient_run, state_norms, 144);
GROWABLE(odeon_backend_solve_gradient_api, 40);
AT(odeon_backend_solve_gradient_api, reserved, 4);
AT(odeon_backend_solve_gradient_api, compile, 8);
AT(odeon_backend_solve_gradient_api, destroy, 16);
AT(odeon_backend_solve_gradient_api, forward, 24);
AT(odeon_backend_solve_gradient_api, backward, 32);

/* odeon/field.h */
GROWABLE(odeon_parameter_slot, 120);
AT(odeon_parameter_slot, rank, 4);
AT(odeon_parameter_slot, name, 8);
AT(odeon_parameter_slot, shape, 24);
AT(odeon_parameter_slot, init, 88);
AT(odeon_parameter_slot, reserved, 92);
AT(odeon_parameter_slot, a, 96);
AT(odeon_parameter_slot, b, 104);
AT(odeon_parameter_slot, values, 112);
GROWABLE(odeon_field_context, 72);
AT(odeon_field_context, state_rank, 4);
AT(odeon_field_context, state_shape, 8);
GROWABLE(odeon_field_info, 96);
AT(odeon_field_info, state_rank, 4);
AT(odeon_field_info, state_shape, 8);
AT(odeon_field_info, slots, 72);
AT(odeon_field_info, n_slots, 80);
AT(odeon_field_info, state_names, 88);
GROWABLE(odeon_vjp_args, 104);
AT(odeon_vjp_args, dy_mode, 4);
AT(odeon_vjp_args, gy_mode, 8);
AT(odeon_vjp_args, gtheta_mode, 12);
AT(odeon_vjp_args, gt_mode, 16);
AT(odeon_vjp_args, t, 24);
AT(odeon_vjp_args, y, 48);
AT(odeon_vjp_args, theta, 56);
AT(odeon_vjp_args, v, 64);
AT(odeon_vjp_args, dy, 72);
AT(odeon_vjp_args, gy, 80);
AT(odeon_vjp_args, gtheta, 88);
AT(odeon_vjp_args, gt, 96);
GROWABLE(odeon_field_api, 72);
AT(odeon_field_api, reserved, 4);
AT(odeon_field_api, create, 8);
AT(odeon_field_api, destroy, 16);
AT(odeon_field_api, info, 24);
AT(odeon_field_api, lower, 32);
AT(odeon_field_api, bind, 40);
AT(odeon_field_api, eval, 48);
AT(odeon_field_api, vjp, 56);
AT(odeon_field_api, get_ext, 64);

/* odeon/solver.h */
GROWABLE(odeon_tableau, 64);
AT(odeon_tableau, stages, 4);
AT(odeon_tableau, order, 8);
AT(odeon_tableau, embedded_order, 12);
AT(odeon_tableau, a, 16);
AT(odeon_tableau, b, 24);
AT(odeon_tableau, b_hat, 32);
AT(odeon_tableau, c, 40);
AT(odeon_tableau, dense, 48);
AT(odeon_tableau, dense_degree, 56);
AT(odeon_tableau, dense_order, 60);
AT(odeon_tableau, a_explicit, 64);
GROWABLE(odeon_solver_problem_api, 232);
AT(odeon_solver_problem_api, dtype, 4);
AT(odeon_solver_problem_api, backend_api, 8);
AT(odeon_solver_problem_api, backend, 16);
AT(odeon_solver_problem_api, queue, 24);
AT(odeon_solver_problem_api, state, 32);
AT(odeon_solver_problem_api, eval, 112);
AT(odeon_solver_problem_api, self, 120);
AT(odeon_solver_problem_api, first_step, 128);
AT(odeon_solver_problem_api, min_step, 136);
AT(odeon_solver_problem_api, max_step, 144);
AT(odeon_solver_problem_api, rtol, 152);
AT(odeon_solver_problem_api, atol, 160);
AT(odeon_solver_problem_api, rtol_vector, 168);
AT(odeon_solver_problem_api, atol_vector, 176);
AT(odeon_solver_problem_api, scaled_norm, 184);
AT(odeon_solver_problem_api, linearize, 192);
AT(odeon_solver_problem_api, solve_shifted, 200);
AT(odeon_solver_problem_api, jvp, 208);
AT(odeon_solver_problem_api, time_derivative, 216);
AT(odeon_solver_problem_api, row_elements, 224);
GROWABLE(odeon_step_result, 40);
AT(odeon_step_result, reserved, 4);
AT(odeon_step_result, t1, 8);
AT(odeon_step_result, next_h, 16);
AT(odeon_step_result, error, 24);
AT(odeon_step_result, order, 32);
AT(odeon_step_result, reserved2, 36);
GROWABLE(odeon_solver_api, 104);
AT(odeon_solver_api, capabilities, 4);
AT(odeon_solver_api, tableau, 8);
AT(odeon_solver_api, create, 16);
AT(odeon_solver_api, destroy, 24);
AT(odeon_solver_api, start, 32);
AT(odeon_solver_api, step, 40);
AT(odeon_solver_api, interpolate, 48);
AT(odeon_solver_api, save, 56);
AT(odeon_solver_api, load, 64);
AT(odeon_solver_api, get_ext, 72);
AT(odeon_solver_api, order, 80);
AT(odeon_solver_api, first_order, 84);
AT(odeon_solver_api, accept, 88);
AT(odeon_solver_api, error_order, 96);

/* odeon/ext/engine.h */
GROWABLE(odeon_problem_info, 256);
AT(odeon_problem_info, dtype, 4);
AT(odeon_problem_info, backend_api, 8);
AT(odeon_problem_info, backend, 16);
AT(odeon_problem_info, queue, 24);
AT(odeon_problem_info, state, 32);
AT(odeon_problem_info, theta, 112);
AT(odeon_problem_info, tableau, 192);
AT(odeon_problem_info, differentiable, 200);
AT(odeon_problem_info, reserved, 204);
AT(odeon_problem_info, additive, 208);
AT(odeon_problem_info, reserved2, 212);
AT(odeon_problem_info, rtol, 216);
AT(odeon_problem_info, atol, 224);
AT(odeon_problem_info, rtol_vector, 232);
AT(odeon_problem_info, atol_vector, 240);
AT(odeon_problem_info, rows_apart, 248);
AT(odeon_problem_info, reserved3, 252);
FROZEN(odeon_observation, 24);
AT(odeon_observation, index, 0);
AT(odeon_observation, x, 8);
AT(odeon_observation, at_end, 16);
AT(odeon_observation, reserved, 20);
GROWABLE(odeon_step_record, 104);
AT(odeon_step_record, n_k, 4);
AT(odeon_step_record, t0, 8);
AT(odeon_step_record, h, 16);
AT(odeon_step_record, t0_anchor, 24);
AT(odeon_step_record, t1_anchor, 32);
AT(odeon_step_record, first_same_as_last, 40);
AT(odeon_step_record, end_derivative, 44);
AT(odeon_step_record, y0, 48);
AT(odeon_step_record, y1, 56);
AT(odeon_step_record, k, 64);
AT(odeon_step_record, observations, 72);
AT(odeon_step_record, n_observations, 80);
AT(odeon_step_record, begin_derivative, 88);
AT(odeon_step_record, reserved, 92);
AT(odeon_step_record, residuals, 96);
GROWABLE(odeon_solve_args, 96);
AT(odeon_solve_args, steps, 4);
AT(odeon_solve_args, y0, 8);
AT(odeon_solve_args, times, 16);
AT(odeon_solve_args, n_times, 24);
AT(odeon_solve_args, ys, 32);
AT(odeon_solve_args, y_last, 40);
AT(odeon_solve_args, quadrature, 48);
AT(odeon_solve_args, on_step, 56);
AT(odeon_solve_args, user, 64);
AT(odeon_solve_args, theta, 72);
AT(odeon_solve_args, dense, 80);
AT(odeon_solve_args, residuals, 88);
AT(odeon_solve_args, reserved, 92);
GROWABLE(odeon_derived_field, 40);
AT(odeon_derived_field, parts, 4);
AT(odeon_derived_field, quadratures, 8);
AT(odeon_derived_field, quadrature_in_norm, 16);
AT(odeon_derived_field, reserved, 20);
AT(odeon_derived_field, eval, 24);
AT(odeon_derived_field, user, 32);
GROWABLE(odeon_derive_args, 48);
AT(odeon_derive_args, reserved, 4);
AT(odeon_derive_args, field, 8);
AT(odeon_derive_args, solver, 16);
AT(odeon_derive_args, rtol, 24);
AT(odeon_derive_args, atol, 32);
AT(odeon_derive_args, ends_exactly, 40);
AT(odeon_derive_args, reserved2, 44);
GROWABLE(odeon_row_solve_args, 80);
AT(odeon_row_solve_args, method, 4);
AT(odeon_row_solve_args, y0, 8);
AT(odeon_row_solve_args, times, 16);
AT(odeon_row_solve_args, n_times, 24);
AT(odeon_row_solve_args, ys, 32);
AT(odeon_row_solve_args, tape_limit, 40);
AT(odeon_row_solve_args, most_states, 48);
AT(odeon_row_solve_args, solver, 56);
AT(odeon_row_solve_args, rtol, 64);
AT(odeon_row_solve_args, atol, 72);
GROWABLE(odeon_row_reverse_args, 64);
AT(odeon_row_reverse_args, reserved, 4);
AT(odeon_row_reverse_args, gys, 8);
AT(odeon_row_reverse_args, gy0, 16);
AT(odeon_row_reverse_args, gtheta, 24);
AT(odeon_row_reverse_args, gtimes, 32);
AT(odeon_row_reverse_args, y_found, 40);
AT(odeon_row_reverse_args, failed_at, 48);
AT(odeon_row_reverse_args, backward, 56);
GROWABLE(odeon_engine_api, 232);
AT(odeon_engine_api, reserved, 4);
AT(odeon_engine_api, info, 8);
AT(odeon_engine_api, solve, 16);
AT(odeon_engine_api, dense_weights, 24);
AT(odeon_engine_api, field_eval, 32);
AT(odeon_engine_api, field_vjp, 40);
AT(odeon_engine_api, derive, 48);
AT(odeon_engine_api, problem_destroy, 56);
AT(odeon_engine_api, tape_alloc, 64);
AT(odeon_engine_api, tape_release, 72);
AT(odeon_engine_api, field_jvp, 80);
AT(odeon_engine_api, replay, 88);
AT(odeon_engine_api, stage_cotangents, 96);
AT(odeon_engine_api, dense_eval, 104);
AT(odeon_engine_api, dense_times, 112);
AT(odeon_engine_api, dense_destroy, 120);
AT(odeon_engine_api, trace, 128);
AT(odeon_engine_api, trace_reverse, 136);
AT(odeon_engine_api, trace_destroy, 144);
AT(odeon_engine_api, reversible_solve, 152);
AT(odeon_engine_api, reversal_run, 160);
AT(odeon_engine_api, reversal_destroy, 168);
AT(odeon_engine_api, row_solve, 176);
AT(odeon_engine_api, row_reverse, 184);
AT(odeon_engine_api, row_destroy, 192);
AT(odeon_engine_api, residual_bytes, 200);
AT(odeon_engine_api, residuals_keep, 208);
AT(odeon_engine_api, residuals_release, 216);
AT(odeon_engine_api, residuals_vjp, 224);
GROWABLE(odeon_reversal_args, 56);
AT(odeon_reversal_args, y0, 8);
AT(odeon_reversal_args, gys, 16);
AT(odeon_reversal_args, gy0, 24);
AT(odeon_reversal_args, gtheta, 32);
AT(odeon_reversal_args, on_observation, 40);
AT(odeon_reversal_args, user, 48);
GROWABLE(odeon_jvp_args, 72);
AT(odeon_jvp_args, t, 8);
AT(odeon_jvp_args, y, 32);
AT(odeon_jvp_args, u, 40);
AT(odeon_jvp_args, theta_dot, 48);
AT(odeon_jvp_args, t_dot, 56);
AT(odeon_jvp_args, Ju, 64);
GROWABLE(odeon_stage_cotangents_args, 56);
AT(odeon_stage_cotangents_args, t0, 8);
AT(odeon_stage_cotangents_args, h, 16);
AT(odeon_stage_cotangents_args, y0, 24);
AT(odeon_stage_cotangents_args, k, 32);
AT(odeon_stage_cotangents_args, r, 40);
AT(odeon_stage_cotangents_args, kappa, 48);
GROWABLE(odeon_replay_args, 96);
AT(odeon_replay_args, y0, 8);
AT(odeon_replay_args, n_steps, 16);
AT(odeon_replay_args, t0, 24);
AT(odeon_replay_args, h, 32);
AT(odeon_replay_args, end_derivative, 40);
AT(odeon_replay_args, begin_t, 48);
AT(odeon_replay_args, y1, 56);
AT(odeon_replay_args, on_step, 64);
AT(odeon_replay_args, user, 72);
AT(odeon_replay_args, theta, 80);
AT(odeon_replay_args, residuals, 88);
AT(odeon_replay_args, reserved2, 92);

/* odeon/ext/reversible.h */
GROWABLE(odeon_solver_reversible_api, 32);
AT(odeon_solver_reversible_api, carried, 8);
AT(odeon_solver_reversible_api, resume, 16);
AT(odeon_solver_reversible_api, step_back, 24);

/* odeon/ext/events.h */
GROWABLE(odeon_event, 48);
AT(odeon_event, direction, 4);
AT(odeon_event, name, 8);
AT(odeon_event, terminal, 24);
AT(odeon_event, resets, 28);
AT(odeon_event, tolerance, 32);
AT(odeon_event, max_count, 40);
GROWABLE(odeon_event_point, 32);
AT(odeon_event_point, reserved, 4);
AT(odeon_event_point, t, 8);
AT(odeon_event_point, y, 16);
AT(odeon_event_point, theta, 24);
GROWABLE(odeon_field_events_api, 40);
AT(odeon_field_events_api, reserved, 4);
AT(odeon_field_events_api, events, 8);
AT(odeon_field_events_api, n_events, 16);
AT(odeon_field_events_api, evaluate, 24);
AT(odeon_field_events_api, reset, 32);

/* odeon/gradient.h */
GROWABLE(odeon_gradient_forward_args, 40);
AT(odeon_gradient_forward_args, reserved, 4);
AT(odeon_gradient_forward_args, y0, 8);
AT(odeon_gradient_forward_args, times, 16);
AT(odeon_gradient_forward_args, n_times, 24);
AT(odeon_gradient_forward_args, ys, 32);
GROWABLE(odeon_gradient_backward_args, 40);
AT(odeon_gradient_backward_args, reserved, 4);
AT(odeon_gradient_backward_args, gys, 8);
AT(odeon_gradient_backward_args, gy0, 16);
AT(odeon_gradient_backward_args, gtheta, 24);
AT(odeon_gradient_backward_args, gtimes, 32);
GROWABLE(odeon_gradient_api, 48);
AT(odeon_gradient_api, capabilities, 4);
AT(odeon_gradient_api, create, 8);
AT(odeon_gradient_api, destroy, 16);
AT(odeon_gradient_api, forward, 24);
AT(odeon_gradient_api, backward, 32);
AT(odeon_gradient_api, tape_destroy, 40);

/* odeon/communicator.h */
GROWABLE(odeon_communicator_info, 16);
AT(odeon_communicator_info, rank, 4);
AT(odeon_communicator_info, size, 8);
AT(odeon_communicator_info, local_rank, 12);
GROWABLE(odeon_communicator_api, 64);
AT(odeon_communicator_api, reserved, 4);
AT(odeon_communicator_api, create, 8);
AT(odeon_communicator_api, destroy, 16);
AT(odeon_communicator_api, info, 24);
AT(odeon_communicator_api, sum, 32);
AT(odeon_communicator_api, broadcast, 40);
AT(odeon_communicator_api, barrier, 48);
AT(odeon_communicator_api, abort, 56);

/* odeon/ext/ranks.h */
GROWABLE(odeon_ranks_api, 16);
AT(odeon_ranks_api, reserved, 4);
AT(odeon_ranks_api, info, 8);
