// odeon check: what it prints, and how it ends.
#include <nlohmann/json.hpp>

#include "cli/run_odeon.hpp"
#include "loader/specimen_folder.hpp"

namespace odeon::test {
namespace {

const std::string kPlugins = ODEON_BINARY_DIR "/plugins/";

Outcome check(std::vector<std::string> args) {
  const SpecimenFolder scratch;
  args.insert(args.begin(), "check");
  return run_odeon(scratch.path(), args);
}

}  // namespace

TEST_CASE("odeon check prints a line for each check, counts them, and ends with 0 when all passed") {
  const Outcome o = check({kPlugins + "odeon_solver_bosh3.so"});
  CHECK(o.status == 0);
  CHECK(o.err.empty());
  CHECK(o.out.starts_with("pass  file\npass  symbol\npass  load\npass  structure\npass  init\n"));
  CHECK(contains(o.out, "\npass  solver/bosh3: embedded order              2, to "));
  CHECK(contains(o.out, "\nskip  solver/bosh3: dense output                it has none of its own\n"));
  CHECK(contains(o.out, " passed, 0 failed, "));
}

TEST_CASE("odeon check of a failure gives what was found and a remedy, and ends with 1") {
  const SpecimenFolder folder;
  const Outcome o = check({folder.add("solver/wrong_order", "mine.so")});
  CHECK(o.status == 1);
  CHECK(contains(
      o.out,
      "\nFAIL  solver/specimen: order conditions         b states order 3, but misses a condition "
      "of order 3 by 0.167; check a, b and c against the paper, or state the order that they have\n"));
  CHECK(contains(o.out,
                 "\nskip  solver/specimen: solve                    nothing is to be seen without 'order "
                 "conditions'\n"));
  CHECK(contains(o.out, " passed, 1 failed, "));
}

TEST_CASE("a plugin that crashes, hangs or ends the process does not end the kit") {
  const SpecimenFolder folder;
  const struct {
    const char *specimen, *found, *timeout = "30";  // a sanitizer's report takes a while
  } cases[] = {{"solver/crashes_in_step", "solver/specimen: steps                    ended "},
               {"solver/hangs_in_step", "still running after 0.5 s", "0.5"},
               {"solver/exits_in_step", "ended the process with status 0"},
               {"crashes_at_the_end", "solver/specimen: create                   ended by signal 6"}};
  for (const auto& c : cases) {
    CAPTURE(c.specimen);
    const Outcome o = check({folder.add(c.specimen, "mine.so"), "--timeout", c.timeout});
    CHECK(contains(o.out, c.found));
    CHECK(contains(o.out, " passed, "));
  }
}

TEST_CASE("a backend whose device this machine does not have is skipped with the driver's words") {
  const SpecimenFolder folder;
  const Outcome o = check({folder.add("backend/no_device", "mine.so")});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "backend 'specimen': driver: no such device\n"));
  CHECK(contains(o.out, "nothing is to be seen without 'create'\n"));
  CHECK(contains(o.out, " passed, 0 failed, "));
}

TEST_CASE("odeon check --json is one document with every line, its verdict, figure and remedy") {
  const Outcome o = check({kPlugins + "odeon_gradient_direct.so", "--json"});
  CHECK(o.status == 0);
  const nlohmann::json report = nlohmann::json::parse(o.out);
  CHECK(report["plugin"] == kPlugins + "odeon_gradient_direct.so");
  CHECK(report["loaded"] == true);
  CHECK(report["failed"] == 0);
  CHECK(report["passed"].get<int>() + report["skipped"].get<int>() == int(report["checks"].size()));
  for (const auto& line : report["checks"])
    for (const char* key : {"component", "name", "verdict", "figure", "remedy", "seconds"})
      CHECK(line.contains(key));
}

TEST_CASE("odeon check --only makes one check of each component") {
  const Outcome o = check({kPlugins + "odeon_solver_euler.so", "--only", "stability"});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "\npass  init\npass  solver/euler: stability "));
  CHECK(contains(o.out, "\n6 passed, 0 failed, 0 skipped\n"));
  const Outcome unknown = check({kPlugins + "odeon_solver_euler.so", "--only", "stabilty"});
  CHECK(unknown.status == 2);
  CHECK(contains(unknown.err,
                 "odeon: --only: there is no check 'stabilty'; did you mean 'stability'? Checks: "));
}

TEST_CASE("a field gets its options and the shape of its state from the command line") {
  const std::string neural = kPlugins + "odeon_field_neural.so";
  const Outcome without = check({neural});
  CHECK(without.status == 1);
  CHECK(contains(without.out, "field 'neural' needs 'network'"));
  CHECK(contains(without.out, "options that it needs come by --options YAML and --state SHAPE\n"));
  const Outcome with =
      check({neural, "--options", "{network: [{linear: 8}, tanh, {linear: 3}]}", "--state", "3"});
  CHECK(with.status == 0);
  CHECK(contains(with.out, "field/neural: derivatives "));
  const Outcome bad = check({neural, "--state", "3,x"});
  CHECK(bad.status == 2);
  CHECK(contains(
      bad.err,
      "odeon: --state is the shape of one row, up to 7 positive numbers, such as 2 or 3,8,8; found '3,x'"));
}

TEST_CASE("a file that cannot be loaded ends with 3 and the reason") {
  const SpecimenFolder folder;
  const Outcome nothing = check({folder.file("none.so")});
  CHECK(nothing.status == 3);
  CHECK(contains(nothing.out,
                 "FAIL  file                                      a plugin is a regular file; found none of "
                 "that name; check the name"));
  const std::string open = folder.add("good");
  fs::permissions(open, fs::perms::others_write, fs::perm_options::add);
  const Outcome unsafe = check({open});
  CHECK(unsafe.status == 3);
  CHECK(contains(unsafe.out, "nobody else may change a plugin; found a path that everybody can write to; "));
  const Outcome text = check({folder.add_text("text.so", "no library")});
  CHECK(text.status == 3);
  CHECK(contains(text.out,
                 "\nFAIL  symbol                                    a plugin is an ELF shared library for "
                 "this machine; "));
}

TEST_CASE("a wrong command line ends with 2 and the usage") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"--loud"}, {"a.so", "b.so"}, {"a.so", "--timeout", "soon"}}) {
    const Outcome o = check(args);
    CHECK(o.status == 2);
    CHECK(contains(o.err, "usage: odeon check PLUGIN.so [--json] [--only NAME] [--timeout S] "));
  }
  CHECK(check({"--help"}).status == 0);
  CHECK(contains(check({"a.so", "--timeout", "0"}).err,
                 "--timeout is a number of seconds above zero; found 0"));
}

}  // namespace odeon::test
