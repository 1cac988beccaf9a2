/* A solver in plain C11, without the SDK: Ralston's second-order method.
 * A. Ralston, Math. Comp. 16 (1962) 431-437.
 *
 * A Runge-Kutta method is its tableau and nothing else: the host's engine takes the steps, and derives from
 * the numbers that the method is explicit. Everything is a constant, so listing plugins runs no code of this
 * file. In C++, <odeon/sdk/explicit_rk.hpp> does the same in ten lines and checks the order when compiling. */
#include <odeon/plugin.h>
#include <odeon/solver.h>

static const double kA[2 * 2] = {0, 0,
                                 2. / 3, 0};
static const double kB[2] = {1. / 4, 3. / 4};
static const double kC[2] = {0, 2. / 3};

static const odeon_tableau kTableau = {
    .struct_size = sizeof(odeon_tableau),
    .stages = 2,
    .order = 2,
    .a = kA,
    .b = kB,
    .c = kC,
};

static const odeon_solver_api kSolver = {
    .struct_size = sizeof(odeon_solver_api),
    .tableau = &kTableau,
};

static const odeon_component kComponent = {
    .struct_size = sizeof(odeon_component),
    .kind = ODEON_KIND_SOLVER,
    .id = ODEON_STR("my_ralston2"),
    .version = ODEON_STR("1.0.0"),
    .title = ODEON_STR("Ralston 2, in plain C"),
    .summary = ODEON_STR("Order 2, two stages, fixed steps; the smallest error constant of its kind."),
    .licence = ODEON_STR("Apache-2.0"),
    .vtable = &kSolver,
};
static const odeon_component* const kComponents[] = {&kComponent};

extern ODEON_EXPORT const odeon_plugin odeon_plugin_v1;
const odeon_plugin odeon_plugin_v1 = {
    .struct_size = sizeof(odeon_plugin),
    .abi_major = ODEON_ABI_MAJOR,
    .magic = ODEON_PLUGIN_MAGIC,
    .abi_minor = ODEON_ABI_MINOR,
    .need_host_minor = 0,
    .id = ODEON_STR("my_ralston2"),
    .version = ODEON_STR("1.0.0"),
    .components = kComponents,
    .n_components = 1,
};
