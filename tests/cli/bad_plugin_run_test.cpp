// odeon run over plugins that are missing, refused, or break their contract while they run.
#include <nlohmann/json.hpp>

#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

// A solve of one state from 0 to 2, with `field` and `solver` as given; lines 5 and 6 of the file.
struct Run {
  SpecimenFolder plugins, scratch;

  Outcome operator()(const std::string& field, const std::string& solver,
                     const std::string& policy = "") const {
    scratch.add_text("experiment.yaml", "odeon: 1\ntask: solve\nbackend: reference\nplugins: {roots: [" +
                                            plugins.path() + "]" + policy + "}\nfield: " + field +
                                            "\nsolver: " + solver +
                                            "\ninitial: [[1.0]]\ntimes: [0.0, 0.25, 2.0]\n");
    return run_odeon(scratch.path(),
                     {"run", scratch.file("experiment.yaml"), "--output", scratch.file("run")});
  }
  std::string place(const std::string& line_and_column) const {
    return scratch.file("experiment.yaml") + ":" + line_and_column + ": ";
  }
  nlohmann::json record() const { return nlohmann::json::parse(text_of(scratch.file("run/record.json"))); }
};

constexpr const char* kDecay = "{plugin: linear, matrix: [[-1.0]]}";
constexpr const char* kFixed = "{plugin: euler, step_size: 0.125}";

}  // namespace

TEST_CASE("a run goes on beside plugins that are refused") {
  const Run run;
  run.plugins.add("good");
  for (const char* bad :
       {"wrong_magic", "small_plugin", "unresolved_symbol", "throws_in_init", "missing_symbol"})
    run.plugins.add(bad);
  run.plugins.add_text("text.so", "no library");
  const Outcome o = run(kDecay, "{plugin: good, step_size: 0.125}");
  CHECK(o.status == 0);
  CHECK(run.record()["components"]["solver"]["id"] == "good");
}

TEST_CASE("a component that is not installed ends with status 3, the place, and the nearest id") {
  const Run run;
  const Outcome o = run(kDecay, "{plugin: dopri6}");
  CHECK(o.status == 3);
  CHECK(o.err.starts_with("odeon: " + run.place("6:18") +
                          "there is no solver 'dopri6'; did you mean 'dopri5'? Installed: "));
  CHECK_FALSE(fs::exists(run.scratch.file("run")));
}

TEST_CASE("a component whose file was refused ends with status 3 and the file's reason") {
  const Run run;
  const std::string bad = run.plugins.add("small_solver", "odeon_solver_mine.so");
  const Outcome o = run(kDecay, "mine");
  CHECK(o.status == 3);
  CHECK(o.err == "odeon: " + run.place("6:9") + "solver 'mine' was found but refused: " + bad +
                     ": odeon_solver_api must be at least 96 bytes; found struct_size 16; rebuild the plugin "
                     "with the headers of this Odeon\n");
}

TEST_CASE("a component that is not there, beside files that were refused, names those files") {
  const Run run;
  const std::string bad = run.plugins.add("wrong_magic");
  const Outcome o = run(kDecay, "specimen");
  CHECK(o.status == 3);
  CHECK(contains(o.err, " Refused: " + bad + ". `odeon plugins -v` shows "));
}

TEST_CASE("a plugin that is not in the lock ends a pinned run with status 3, though it is installed") {
  const Run run;
  run.plugins.add("good", "odeon_solver_good.so");
  const std::string lock = run.scratch.file("plugins.lock");
  REQUIRE(run_odeon(run.scratch.path(), {"plugins", "--lock", lock, "--root", run.plugins.path()}).status ==
          0);
  const std::string policy = ", policy: pinned, lock: " + lock, solver = "{plugin: good, step_size: 0.125}";
  CHECK(run(kDecay, solver, policy).status == 0);
  std::ofstream(run.plugins.file("odeon_solver_good.so"), std::ios::app) << "one byte more";
  const Outcome changed = run(kDecay, solver, policy);
  CHECK(changed.status == 3);
  CHECK(contains(changed.err, "solver 'good' was found but refused: "));
  CHECK(contains(changed.err, lock + "; found another sum; "));
  CHECK(run(kDecay, solver).status == 0);  // policy any
}

TEST_CASE("an exception out of create or eval ends the run with status 3 and a record that names the field") {
  const std::string rule = "field 'specimen': an exception left the plugin, which none may; found ";
  const struct {
    const char *specimen, *found;
  } cases[] = {{"throws_in_create", "'no table for this'"}, {"throws_in_eval", "one of unknown type"}};
  for (const auto& c : cases) {
    CAPTURE(c.specimen);
    const Run run;
    run.plugins.add(c.specimen);
    const Outcome o = run("specimen", kFixed);
    CHECK(o.status == 3);
    CHECK(o.err == "odeon: " + rule + c.found + "; catch it there (odeon::barrier) and return a status\n");
    CHECK(run.record()["status"] == "failed");
    CHECK(contains(run.record()["message"], rule));
  }
}

TEST_CASE("a field that returns NaN ends the run with status 1 and a record of the last good time") {
  const struct {
    const char *solver, *reason;
    double t_least, t_most;  // the field breaks after t = 1/2, and 1/4 was asked for
  } cases[] = {{kFixed, "the state is not finite at the requested time 2", 0.25, 0.25},
               {"dopri5", "the field gave non-finite values at every step size", 0.49, 0.5}};
  for (const auto& c : cases) {
    CAPTURE(c.solver);
    const Run run;
    run.plugins.add("not_a_number");
    const Outcome o = run("specimen", c.solver);
    CHECK(o.status == 1);
    CHECK(o.err.starts_with(std::string("odeon: the integration stopped: ") + c.reason + " at t = 0."));
    CHECK(contains(o.err, "check the field"));
    const nlohmann::json record = run.record();
    CHECK(record["status"] == "failed");
    CHECK(record["failure"]["reason"] == c.reason);
    CHECK(record["failure"]["t"] >= c.t_least);
    CHECK(record["failure"]["t"] <= c.t_most);
  }
}

}  // namespace odeon::test
