// What solver.h promises of every solver that takes steps by code and solves no linear systems: saved state,
// restart.
#include "plugins/solvers/hand_stepped.hpp"
#include "plugins/solvers/observed_order.hpp"
#include "problems/two_bodies.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

template <class Check>
void for_each_solver(Check check) {
  int seen = 0;
  for (const std::string& id : solver_ids()) {
    const odeon_solver_api& api = solver_api(id);
    if (api.tableau || (api.capabilities & (ODEON_SOLVER_STIFF | ODEON_SOLVER_ESTIMATES))) continue;
    CAPTURE(id);
    check(experiment_of(two_bodies(), {0, 10}, {{"plugin", id}}));
    ++seen;
  }
  CHECK(seen >= 6);
}

// Successful steps of the solver's own size, or 0.05 where it has no opinion.
void take_steps(HandStepped& s, int n) {
  double h = s.next_h != 0 ? s.next_h : 0.05;
  while (n > 0) {
    n -= s.step(h) == ODEON_OK;
    if (s.next_h != 0) h = s.next_h;
  }
}

}  // namespace

TEST_CASE("a solver that takes steps goes on with the same bits after save and load") {
  for_each_solver([](const Json& config) {
    for (int steps : {0, 1, 5, 40}) {
      CAPTURE(steps);
      HandStepped original(config), copy(config);
      original.start(0, 10);
      take_steps(original, steps);
      const std::vector<char> saved = original.save();
      copy.start(0, 10);
      copy.load(saved, original.t, original.next_h);
      CHECK(copy.save() == saved);
      if (steps > 0 && copy.has_interpolation())
        CHECK(copy.interpolated(original.t) == original.interpolated(original.t));
      take_steps(original, 20);
      take_steps(copy, 20);
      CHECK(copy.t == original.t);
      CHECK(copy.state() == original.state());
    }
  });
}

TEST_CASE("saved state that is too short is refused") {
  for_each_solver([](const Json& config) {
    HandStepped s(config);
    s.start(0, 10);
    take_steps(s, 5);
    std::vector<char> saved = s.save();
    saved.resize(saved.size() - 8);
    CHECK_THROWS(s.load(saved, s.t, s.next_h));
  });
}

TEST_CASE("a solver that takes steps forgets everything when it starts again, and allocates nothing") {
  for_each_solver([](const Json& config) {
    HandStepped s(config);
    s.start(0, 10);
    take_steps(s, 30);
    const std::vector<double> first = s.state();
    const double t = s.t;
    const int64_t before = HandStepped::allocations;
    CHECK(before > 0);
    s.start(0, 10);
    take_steps(s, 30);
    CHECK(HandStepped::allocations == before);
    CHECK(s.t == t);
    CHECK(s.state() == first);
  });
}

TEST_CASE("two solvers of one kind do not share anything") {
  for_each_solver([](const Json& config) {
    HandStepped alone(config), a(config), b(config);
    alone.start(0, 10);
    a.start(0, 10);
    b.start(0, -10);
    b.next_h = -0.01;
    for (int i = 0; i < 20; ++i) {
      take_steps(alone, 1);
      take_steps(a, 1);
      take_steps(b, 1);
    }
    CHECK(a.state() == alone.state());
  });
}
