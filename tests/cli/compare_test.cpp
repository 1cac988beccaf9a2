// odeon compare: gradient strategies side by side.
#include <iterator>
#include <sstream>

#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

Outcome compare(const SpecimenFolder& scratch, const std::vector<std::string>& more,
                const std::string& solver = "{plugin: dopri5, rtol: 1.0e-8, atol: 1.0e-10}",
                const std::string& task = "gradient") {
  scratch.add_text("experiment.yaml",
                   "odeon: 1\ntask: " + task +
                       "\nbackend: reference\nfield: {plugin: expression, state: [x], parameters: {k: 0.7}, "
                       "derivatives: {x: -k*x*x}}\ninitial: [[1.0], [2.0]]\ntimes: [0.0, 1.0]\nsolver: " +
                       solver + "\n" + (task == "gradient" ? "gradient: direct\n" : ""));
  std::vector<std::string> args{"compare", scratch.file("experiment.yaml")};
  args.insert(args.end(), more.begin(), more.end());
  return run_odeon(scratch.path(), args);
}

// The words of the line that begins with `first`.
std::vector<std::string> line_of(const std::string& text, const std::string& first) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(first + " ")) continue;
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
  }
  FAIL("no line begins with '" << first << "' in:\n" << text);
  return {};
}

}  // namespace

TEST_CASE("odeon compare measures every installed strategy against the exact one") {
  const SpecimenFolder scratch;
  const Outcome o = compare(scratch, {});
  CHECK(o.status == 0);
  const auto direct = line_of(o.out, "direct"), adjoint = line_of(o.out, "adjoint");
  REQUIRE(adjoint.size() == 9);
  // A rtol of 1e-8 leaves an error that is there and small.
  for (size_t column : {1u, 2u}) {
    CHECK(std::stod(direct[column]) < 1e-10);
    CHECK(std::stod(adjoint[column]) > 1e-14);
    CHECK(std::stod(adjoint[column]) < 1e-6);
  }
  CHECK(direct[3] == adjoint[3]);                       // the same forward solve
  CHECK(std::stoi(adjoint[5]) > std::stoi(direct[5]));  // vjps
  CHECK(std::stod(adjoint[7]) < std::stod(direct[7]));  // tape
  CHECK(contains(o.out, "errors against "));
}

TEST_CASE("odeon compare measures a field of formulas with a network in them") {
  const SpecimenFolder scratch;
  const Outcome o = compare(
      scratch,
      {"--set",
       "field={plugin: expression, state: [x], parameters: {k: 0.7}, derivatives: {x: u - k*x}, network: "
       "{inputs: [x, t], outputs: [u], layers: [{linear: 4}, tanh, {linear: 1}]}}"});
  CHECK(o.status == 0);
  for (size_t column : {1u, 2u}) {
    CHECK(std::stod(line_of(o.out, "direct")[column]) < 1e-10);
    CHECK(std::stod(line_of(o.out, "forward")[column]) < 1e-6);
    CHECK(std::stod(line_of(o.out, "finite_difference")[column]) < 1e-6);
  }
}

TEST_CASE("odeon compare recommends the fastest strategy that is accurate, and warns of others") {
  const SpecimenFolder scratch;
  const Outcome o = compare(scratch, {"--gradients", "adjoint,direct", "--set", "gradient.plugin=adjoint",
                                      "--set", "gradient.rtol=1e-2", "--set", "gradient.atol=1e-2"});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "\nUse direct ("));
  CHECK(contains(o.out, "the fastest with an error within 1e-07 (10 x the solver's rtol)"));
  CHECK(contains(o.out, "None of them needs less memory."));
  CHECK(contains(o.out, "warning: the error of adjoint, "));
}

TEST_CASE("odeon compare names the strategy with least memory beside the fastest") {
  const SpecimenFolder scratch;
  // Many steps: the tape of direct is long.
  const Outcome o =
      compare(scratch, {"--gradients", "adjoint, direct"}, "{plugin: dopri5, rtol: 1.0e-6, max_step: 0.01}");
  CHECK(o.status == 0);
  CHECK((o.out.find("Least memory: adjoint (") != std::string::npos ||
         o.out.find("Use adjoint (") != std::string::npos));
}

TEST_CASE("odeon compare lists refused strategies with their reason and falls back on tighter tolerances") {
  const SpecimenFolder scratch;
  const Outcome o = compare(scratch, {"--gradients", "adjoint,direct"}, "cvode");
  CHECK(o.status == 0);
  CHECK(contains(o.out, "\ndirect    refused: no exact derivative goes through solver 'cvode'"));
  CHECK(contains(o.out, "with tolerances / 1000, because no exact strategy works with this solver"));
}

TEST_CASE("odeon compare writes its table and picture, and nothing else") {
  const SpecimenFolder scratch;
  const std::string folder = scratch.file("out");
  REQUIRE(compare(scratch, {"--output", folder, "--quiet"}).out.empty());
  const std::string csv = text_of(folder + "/compare.csv");
  CHECK(csv.starts_with("strategy,error_initial,error_parameters,evaluations_forward,"));
  CHECK(contains(csv, "\ndirect,"));
  CHECK(contains(text_of(folder + "/compare.svg"), ">direct</text>"));
  CHECK(std::distance(fs::directory_iterator(folder), {}) == 2);
}

TEST_CASE("odeon compare ends with status 1 and every reason when no strategy works") {
  const SpecimenFolder scratch;
  const Outcome o = compare(scratch, {"--gradients", "adjoint,direct"}, "{plugin: dopri5, max_steps: 1}");
  CHECK(o.status == 1);
  CHECK(contains(o.err, "odeon: no gradient strategy works here:\n  adjoint: the integration stopped: "));
  CHECK(contains(o.err, "\n  direct: the integration stopped: "));
}

TEST_CASE("odeon compare of an unknown strategy, another task or a wrong option says what is wrong") {
  const SpecimenFolder scratch;
  const Outcome unknown = compare(scratch, {"--gradients", "direct,adjont"});
  CHECK(unknown.status == 3);
  CHECK(contains(unknown.err, "--gradients: there is no gradient 'adjont'; did you mean 'adjoint'?"));
  const Outcome other = compare(scratch, {}, "dopri5", "solve");
  CHECK(other.status == 2);
  CHECK(contains(other.err,
                 "experiment.yaml:2:7: odeon compare needs an experiment of task gradient; found 'solve'"));
  const Outcome option = compare(scratch, {"--gradient", "direct", "--loud"});
  CHECK(option.status == 2);
  CHECK(contains(option.err, "usage: odeon compare CONFIG"));
}

}  // namespace odeon::test
