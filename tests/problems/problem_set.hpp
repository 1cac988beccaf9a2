// All problems that have an end state in tests/golden/references.json.
#pragma once
#include "problems/arenstorf.hpp"
#include "problems/chemistry.hpp"
#include "problems/detest_a.hpp"
#include "problems/detest_b.hpp"
#include "problems/detest_c.hpp"
#include "problems/detest_e.hpp"
#include "problems/kepler.hpp"
#include "problems/lorenz.hpp"
#include "problems/lotka_volterra.hpp"
#include "problems/method_of_lines.hpp"
#include "problems/pleiades.hpp"
#include "problems/stiff_detest.hpp"
#include "problems/van_der_pol.hpp"

namespace odeon::test {

inline std::vector<Problem> problem_set() {
  std::vector<Problem> all;
  for (auto family : {detest_a, detest_b, detest_c, detest_d, detest_e, stiff_detest_a, stiff_detest_b,
                      stiff_detest_c, stiff_detest_d, stiff_detest_e})
    for (Problem& p : family()) all.push_back(std::move(p));
  for (Problem p :
       {lotka_volterra(), lorenz(), kepler(), arenstorf(), pleiades(), van_der_pol_5(), van_der_pol_1e3(),
        van_der_pol_1e6(), robertson(), hires(), orego(), brusselator(), heat()})
    all.push_back(std::move(p));
  return all;
}

}  // namespace odeon::test
