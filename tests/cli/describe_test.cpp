// odeon describe KIND/ID.
#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {

TEST_CASE("odeon describe gives the method's properties, which are derived from its tableau") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"describe", "solver/dopri5"});
  CHECK(o.status == 0);
  CHECK(o.out.starts_with("solver/dopri5 1.0.0: "));
  CHECK(contains(o.out, "\norder 5, 7 stages, embedded order 4, explicit, first same as last, "));
  CHECK(contains(o.out, "\noptions of every solver:\n"));
  CHECK(contains(o.out, "\n  rtol: reals (>= 0)\n"));
}

TEST_CASE("odeon describe --help says how it is called") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"describe", "--help"});
  CHECK(o.status == 0);
  CHECK(o.out.starts_with("usage: odeon describe KIND/ID, where KIND is "));
  CHECK(o.err == "");
}

TEST_CASE("odeon describe gives type, range, default and meaning of options") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"describe", "field/linear"});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "\n  matrix: array, required\n      A, n lists of n numbers.\n"));
  CHECK(contains(o.out, "\n  power: integer (from 1 to 16) = 1\n"));
}

TEST_CASE("odeon describe opens groups and lists within options, a list that holds itself once") {
  const SpecimenFolder scratch;
  const std::string text = run_odeon(scratch.path(), {"describe", "field/expression"}).out;
  CHECK(contains(text, "\n  network: group\n"));
  CHECK(contains(text, "\n    layers: list of, required\n"));
  CHECK(contains(text, "\n      linear: group\n"));
  CHECK(contains(text, "\n        features: integer (from 1 to 16777216), required\n"));
  CHECK(contains(text, "\n      residual: group\n"));
  CHECK(contains(text, "\n        layers: list of, required\n"));
  CHECK_FALSE(contains(text, "\n          linear: group\n"));
}

TEST_CASE("odeon describe says what a gradient strategy costs and needs") {
  const SpecimenFolder scratch;
  CHECK(contains(run_odeon(scratch.path(), {"describe", "gradient/adjoint"}).out,
                 "continuous; memory constant in the number of steps; needs vjp of the field"));
  CHECK(contains(
      run_odeon(scratch.path(), {"describe", "gradient/direct"}).out,
      "exact for the discrete program; memory linear in the number of steps; needs vjp of the field\n"));
  CHECK(contains(
      run_odeon(scratch.path(), {"describe", "gradient/reversible"}).out,
      "exact for the discrete program; memory constant in the number of steps; needs vjp of the field, a "
      "reversible solver\n"));
  CHECK(contains(run_odeon(scratch.path(), {"describe", "gradient/finite_difference"}).out,
                 "approximate; memory constant in the number of steps; needs nothing of the field\n"));
}

TEST_CASE("odeon describe of what is not there ends with status 3 and the nearest id") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"describe", "solver/dopri6"});
  CHECK(o.status == 3);
  CHECK(o.err.starts_with("odeon: there is no solver 'dopri6'; did you mean 'dopri5'? Installed: "));
}

TEST_CASE("odeon describe of a refused file ends with status 3 and the reason") {
  const SpecimenFolder folder, scratch;
  const std::string bad = folder.add("wrong_major", "odeon_solver_mine.so");
  const Outcome o =
      run_odeon(scratch.path(), {"describe", "solver/mine"}, "ODEON_PLUGIN_PATH=" + folder.path());
  CHECK(o.status == 3);
  CHECK(o.err ==
        "odeon: solver 'mine' was found but refused: " + bad +
            ": the ABI major must be 1; found 2; rebuild the plugin with the headers of this Odeon\n");
}

TEST_CASE("odeon describe without KIND/ID ends with status 2 and an example") {
  const SpecimenFolder scratch;
  for (const char* word : {"dopri5", "method/dopri5"}) {
    const Outcome o = run_odeon(scratch.path(), {"describe", word});
    CHECK(o.status == 2);
    CHECK(contains(o.err, "usage: odeon describe KIND/ID"));
    CHECK(contains(o.err, "solver/dopri5"));
  }
}

}  // namespace odeon::test
