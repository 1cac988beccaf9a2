// A whole explicit Runge-Kutta plugin from one constexpr tableau.
#pragma once
#include <odeon/sdk/runge_kutta.hpp>

// id: string literal; tableau: a constexpr odeon::Tableau; title and summary: string literals.
#define ODEON_PLUGIN_EXPLICIT_RK(id_, tableau_, title_, summary_)                               \
  static_assert(odeon::is_explicit(tableau_), id_ ": a is not strictly lower triangular");      \
  static_assert(!odeon::is_additive(tableau_), id_ ": a_explicit stands beside an implicit a"); \
  ODEON_DETAIL_PLUGIN_RK(id_, tableau_, title_, summary_)
