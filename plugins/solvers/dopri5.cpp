// Dormand-Prince 5(4), FSAL, with quartic dense output through the midpoint.
// J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6 (1980) 19-26. The error weights are
// b - b_hat with Shampine's b_hat (Math. Comp. 46, 1986), as torchdiffeq and SciPy's peers use.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<7, 4> kDopri5 = [] {
  odeon::Tableau<7, 4> m{
      .order = 5,
      .embedded_order = 4,
      .c = {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
      .a = {{{},
             {1. / 5},
             {3. / 40, 9. / 40},
             {44. / 45, -56. / 15, 32. / 9},
             {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
             {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
             {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}}},
      .b = {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
      .b_hat = {1951. / 21600, 0, 22642. / 50085, 451. / 720, -12231. / 42400, 649. / 6300, 1. / 60},
      .dense_order = 4,
  };
  m.dense = odeon::quartic_dense<7>(m.b, {6025192743. / 30085553152. / 2, 0, 51252292925. / 65400821598. / 2,
                                          -2691868925. / 45128329728. / 2, 187940372067. / 1594534317056. / 2,
                                          -1776094331. / 19743644256. / 2, 11237099. / 235043384. / 2});
  return m;
}();

ODEON_PLUGIN_EXPLICIT_RK(
    "dopri5", kDopri5, "Dormand-Prince 5(4)",
    "Explicit Runge-Kutta of order 5 with an embedded estimate of order 4, FSAL, quartic dense "
    "output. Dormand and Prince (1980). The default for non-stiff problems.")
