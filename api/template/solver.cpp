// A solver: Ralston's second-order method with embedded Euler; minimal local truncation error.
// A. Ralston, Math. Comp. 16 (1962) 431-437. The 2/3 method, not the 3/4 method.
//
// A Runge-Kutta method is its tableau and nothing else: the host's engine takes the steps and controls them
// with the difference of the two rows. Order conditions up to 4 are checked here by the compiler, all of them
// by `odeon check`. A method that is no tableau fills in the other slots of odeon_solver_api; see
// <odeon/sdk/step_solver.hpp>.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .embedded_order = 1,
    .c = {0, 2. / 3},
    .a = {{{}, {2. / 3}}},
    .b = {1. / 4, 3. / 4},
    .b_hat = {1, 0},
};

ODEON_PLUGIN_EXPLICIT_RK("my_ralston21", kTableau, "Ralston 2(1)",
                         "Order 2, two stages, with an embedded estimate of order 1.")
