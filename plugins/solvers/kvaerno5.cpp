// Kvaerno's ESDIRK 5/4 with seven stages: the step and its companion, the stage before the last, are stiffly
// accurate; the step is L-stable. A. Kvaerno, BIT Numer. Math. 44 (2004) 489-502, section 4.
// Dense output: the quartic through both ends, their derivatives and a midpoint of order 4. Its weights are
// the only ones of that order whose value vanishes, as the step's does, for infinitely stiff components.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<7, 4> kTableau = [] {
  constexpr double g = 0.26;
  odeon::Tableau<7, 4> m{
      .order = 5,
      .embedded_order = 4,
      .a = {{{},
             {g, g},
             {0.13, 0.84033320996790809, g},
             {0.22371961478320505, 0.47675532319799699, -0.06470895363112615, g},
             {0.16648564323248321, 0.10450018841591720, 0.03631482272098715, -0.13090704451073998, g},
             {0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.61943039072480676, g},
             {0.13659751177640291, 0, -0.05496908796538376, -0.04118626728321046, 0.62993304899016403,
              0.06962479448202728, g}}},
      .dense_order = 4,
  };
  m.b = m.a[6];
  m.b_hat = m.a[5];
  for (size_t i = 0; i < 7; ++i)
    for (size_t j = 0; j < 7; ++j) m.c[i] += m.a[i][j];
  m.c[5] = m.c[6] = 1;
  m.dense = odeon::quartic_dense<7>(
      m.b, {0.15974605481675920722, 0, 0.013524374792975033706, -0.16976865960426080413,
            0.41884678934347774938, 0.0066589485477979824744, 0.070992492103250867482});
  return m;
}();

ODEON_PLUGIN_IMPLICIT_RK(
    "kvaerno5", kTableau, "Kvaerno 5(4)",
    "Order 5 with an embedded estimate of order 4, L-stable, stiffly accurate, quartic dense "
    "output. Kvaerno (2004).")
