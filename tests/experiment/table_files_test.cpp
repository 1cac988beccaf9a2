// Arrays of a configuration from tables of numbers.
#include <doctest/doctest.h>

#include <fstream>

#include "contains.hpp"
#include "data/scratch_folder.hpp"
#include "experiment/odeon_process.hpp"

using namespace odeon::test;

namespace {

Outcome solve(const ScratchFolder& scratch, const std::string& initial, const std::string& times) {
  std::ofstream(scratch / "initial.csv") << initial;
  std::ofstream(scratch / "times.csv") << times;
  std::ofstream(scratch / "run.yaml")
      << "odeon: 1\ntask: solve\nbackend: reference\n"
         "field: {plugin: expression, state: [x, v], derivatives: {x: 2, v: 0}}\n"
         "initial: {file: initial.csv}\ntimes: {file: times.csv}\nsolver: euler\n";
  return run_odeon({"run", scratch / "run.yaml"});
}

}  // namespace

TEST_CASE("initial rows and times come from tables, times as a column or a row") {
  const ScratchFolder scratch;
  for (const char* times : {"t\n0\n0.5\n2\n", "0,0.5,2\n"}) {
    const Outcome o = solve(scratch, "x,v\r\n1,0\r\n3,7\r\n", times);
    CHECK(o.status == 0);
    CHECK(contains(o.out, "state at t = 2\n  5 0\n  7 7\n"));
  }
}

TEST_CASE("a table that does not fit is refused with file, line or shape") {
  const ScratchFolder scratch;
  Outcome o = solve(scratch, "1,0\n2,\n", "0\n1\n");
  CHECK(o.status == 2);
  CHECK(contains(o.err, "run.yaml:5:17: 'initial': "));
  CHECK(contains(o.err, "initial.csv:2: every cell must be a finite number; found nothing"));
  o = solve(scratch, "1,0\n", "0,1\n2,3\n");
  CHECK(o.status == 2);
  CHECK(contains(o.err, "'times' must be one list of numbers; found an array of 2 axes"));
}
