// A Runge-Kutta plugin from one constexpr tableau; explicit_rk.hpp and implicit_rk.hpp say of which kind.
#pragma once
#include <odeon/sdk/plugin.hpp>
#include <odeon/sdk/tableau.hpp>

namespace odeon {

constexpr odeon_solver_api tableau_solver(const odeon_tableau* tableau) {
  odeon_solver_api api{};
  api.struct_size = sizeof(odeon_solver_api);
  api.tableau = tableau;
  return api;
}

}  // namespace odeon

// A tableau that breaks its own order (checked up to order 4) does not compile.
#define ODEON_DETAIL_PLUGIN_RK(id_, tableau_, title_, summary_)                                       \
  static_assert(odeon::row_sums_hold(tableau_), id_ ": c is not the row sums of a");                  \
  static_assert(odeon::order_conditions_hold(tableau_, (tableau_).b, (tableau_).order),               \
                id_ ": b does not have the stated order");                                            \
  static_assert(odeon::order_conditions_hold(tableau_, (tableau_).b_hat, (tableau_).embedded_order),  \
                id_ ": b_hat does not have the stated order");                                        \
  namespace {                                                                                         \
  constexpr odeon_tableau kOdeonTableau = odeon::to_abi(tableau_);                                    \
  constexpr odeon_solver_api kOdeonSolver = odeon::tableau_solver(&kOdeonTableau);                    \
  constexpr odeon_component kOdeonSolverComponent = odeon::make_component(                            \
      ODEON_KIND_SOLVER, {odeon::str(id_), odeon::str(title_), odeon::str(summary_)}, &kOdeonSolver); \
  }                                                                                                   \
  ODEON_PLUGIN_SINGLE(kOdeonSolverComponent)
