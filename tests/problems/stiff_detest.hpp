// The stiff DETEST set, classes A to E. W. H. Enright, T. E. Hull, B. Lindberg, BIT 15 (1975) 10-48, in the
// form of Enright and Pryce, ACM TOMS 13 (1987) 1-34.
#pragma once
#include <array>
#include <cmath>

#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem stiff(std::string name, nlohmann::ordered_json field, std::vector<double> y0, double stop,
                     double magnitude = 1) {
  Problem p{"stiff_detest_" + std::move(name), std::move(field), {std::move(y0)}, 0, stop};
  p.stiff = true;
  p.magnitude = magnitude;
  return p;
}

inline std::vector<double> ones(size_t n) { return std::vector<double>(n, 1.0); }

// Linear, real eigenvalues.
inline std::vector<Problem> stiff_detest_a() {
  std::vector<std::vector<double>> a2 = second_difference(9), a4(10, std::vector<double>(10));
  a2[0][0] = -1800, a2[0][1] = 900, a2[8][7] = 1000, a2[8][8] = -2000;
  std::vector<double> b2(9);
  b2[8] = 1000;
  for (size_t i = 0; i < 10; ++i) a4[i][i] = -std::pow(static_cast<double>(i + 1), 5);
  return {
      stiff("a1", linear_system({{-0.5, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, -100, 0}, {0, 0, 0, -90}}), ones(4),
            20),
      stiff("a2", linear_system(a2, b2), std::vector<double>(9), 120),
      stiff("a3", linear_system({{-1e4, 100, -10, 1}, {0, -1e3, 10, -10}, {0, 0, -1, 10}, {0, 0, 0, -0.1}}),
            ones(4), 20),
      stiff("a4", linear_system(a4), ones(10), 1),
  };
}

// Linear, complex eigenvalues: B1 -1 ± 10i and -100 ± 100i, B2 to B5 -10 ± ai, nearer and nearer to the axis.
inline std::vector<Problem> stiff_detest_b() {
  std::vector<Problem> all{
      stiff("b1", linear_system({{-1, 1, 0, 0}, {-100, -1, 0, 0}, {0, 0, -100, 1}, {0, 0, -1e4, -100}}),
            {1, 0, 1, 0}, 20)};
  for (double a : {3, 8, 25, 100}) {
    std::vector<std::vector<double>> m(6, std::vector<double>(6));
    m[0][0] = m[1][1] = -10, m[0][1] = a, m[1][0] = -a;
    m[2][2] = -4, m[3][3] = -1, m[4][4] = -0.5, m[5][5] = -0.1;
    all.push_back(stiff("b" + std::to_string(all.size() + 1), linear_system(m), ones(6), 20));
  }
  return all;
}

// Nonlinear coupling, from the steady state to the transient and back.
inline std::vector<Problem> stiff_detest_c() {
  std::vector<Problem> all{stiff("c1",
                                 expression({"-y1 + y2^2 + y3^2 + y4^2", "-10*y2 + 10*(y3^2 + y4^2)",
                                             "-40*y3 + 40*y4^2", "-100*y4 + 2"}),
                                 ones(4), 20)};
  for (const char* b : {"0.1", "1", "10", "20"})
    all.push_back(stiff("c" + std::to_string(all.size() + 1),
                        expression({"-y1 + 2", std::string("-10*y2 + ") + b + "*y1^2",
                                    std::string("-40*y3 + 4*") + b + "*(y1^2 + y2^2)",
                                    std::string("-100*y4 + 10*") + b + "*(y1^2 + y2^2 + y3^2)"}),
                        ones(4), 20));
  return all;
}

// Nonlinear, real eigenvalues: a reactor, four reactions, combustion.
inline std::vector<Problem> stiff_detest_d() {
  return {
      stiff("d1", expression({"0.2*(y2 - y1)", "10*y1 - (60 - 0.125*y3)*y2 + 0.125*y3", "1"}), {0, 0, 0},
            400),
      stiff("d2", expression({"-0.04*y1 + 0.01*y2*y3", "400*y1 - 100*y2*y3 - 3000*y2^2", "30*y2^2"}),
            {1, 0, 0}, 40),
      stiff("d3",
            expression(
                {"y3 - 100*y1*y2", "y3 - 100*y1*y2 + 2*y4 - 2e4*y2^2", "-y3 + 100*y1*y2", "-y4 + 1e4*y2^2"}),
            {1, 1, 0, 0}, 20),
      stiff("d4",
            expression({"-0.013*y1 - 1000*y1*y3", "-2500*y2*y3", "-0.013*y1 - 1000*y1*y3 - 2500*y2*y3"}),
            {1, 1, 0}, 50, 1e-6),
      stiff("d5",
            expression(
                {"0.01 - (0.01 + y1 + y2)*(1 + (y1 + 1000)*(y1 + 1))", "0.01 - (0.01 + y1 + y2)*(1 + y2^2)"}),
            {0, 0}, 100),
      stiff("d6",
            expression({"-y1 + 1e8*y3*(1 - y1)", "-10*y2 + 3e7*y3*(1 - y2)",
                        "y1 - 1e8*y3*(1 - y1) + 10*y2 - 3e7*y3*(1 - y2)"}),
            {1, 0, 0}, 1, 1e-7),
  };
}

// E4: z' = q(z) - B z seen through y = U z, where U v = sum(v)/2 - v is its own inverse.
inline nlohmann::ordered_json turned_quadratic() {
  std::array<std::string, 4> z, d;
  for (size_t i = 0; i < 4; ++i) z[i] = "((y1 + y2 + y3 + y4)/2 - " + y(i + 1) + ")";
  d[0] = "((" + z[0] + "^2 - " + z[1] + "^2)/2 + 10*" + z[0] + " + 10*" + z[1] + ")";
  d[1] = "(" + z[0] + "*" + z[1] + " - 10*" + z[0] + " + 10*" + z[1] + ")";
  d[2] = "(" + z[2] + "^2 - 1000*" + z[2] + ")";
  d[3] = "(" + z[3] + "^2 - 0.01*" + z[3] + ")";
  std::vector<std::string> formulas;
  for (size_t i = 0; i < 4; ++i)
    formulas.push_back("(" + d[0] + " + " + d[1] + " + " + d[2] + " + " + d[3] + ")/2 - " + d[i]);
  return expression(formulas);
}

// Nonlinear, complex eigenvalues: a control system, Van der Pol, a reactor, E4 above, a reaction.
inline std::vector<Problem> stiff_detest_e() {
  return {
      stiff("e1",
            expression({"y2", "y3", "y4",
                        "(y1^2 - sin(y1) - 1e8)*y1 + (y2*y3/(y1^2 + 1) - 4e6)*y2 + (1 - 6e4)*y3 + "
                        "(10*exp(-y4^2) - 400)*y4 + 1"}),
            {0, 0, 0, 0}, 1, 1e-8),
      stiff("e2", expression({"y2", "5*(1 - y1^2)*y2 - y1"}), {2, 0}, 10),
      stiff("e3", expression({"-(55 + y3)*y1 + 65*y2", "0.0785*(y1 - y2)", "0.1*y1"}), {1, 1, 0}, 500),
      stiff("e4", turned_quadratic(), {0, -2, -1, -1}, 1000),
      stiff("e5",
            expression({"-7.89e-10*y1 - 1.1e7*y1*y3", "7.89e-10*y1 - 1.13e9*y2*y3",
                        "7.89e-10*y1 - 1.13e9*y2*y3 - 1.1e7*y1*y3 + 1130*y4", "1.1e7*y1*y3 - 1130*y4"}),
            {1.76e-3, 0, 0, 0}, 1000, 1e-10),
  };
}

}  // namespace odeon::test
