// odeon interpolate, and `output: {dense: true}` that it reads.
#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

// A run that keeps its solution; its folder is named on the command line alone.
std::string dense_run(const SpecimenFolder& scratch) {
  const std::string folder = scratch.file("dense");
  const Outcome o = run_odeon(scratch.path(), {"run", ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml",
                                               "--set", "output={dense: true}", "--output", folder});
  CHECK(o.err == "");
  REQUIRE(o.status == 0);
  return folder;
}

}  // namespace

TEST_CASE("a dense solution may have its folder from --output, and needs one") {
  const SpecimenFolder scratch;
  CHECK(std::filesystem::exists(dense_run(scratch) + "/dense.safetensors"));
  const Outcome o = run_odeon(scratch.path(), {"run", ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml",
                                               "--set", "output={dense: true}"});
  CHECK(o.status == 2);
  CHECK(o.err == "odeon: --set output: 'output' needs 'directory'; add it\n");
}

TEST_CASE("odeon interpolate takes times in any order, and refuses what are none") {
  const SpecimenFolder scratch;
  const std::string folder = dense_run(scratch);
  const auto at = [&](const std::string& times) {
    return run_odeon(scratch.path(), {"interpolate", folder, "--times", times});
  };
  CHECK(at("[0.5, 0.25]").out.starts_with("0.5 "));
  CHECK(at("0.5").status == 0);
  for (const auto& [times, message] :
       {std::pair("[]", "'times' must be a number or one list of numbers; found an empty list"),
        {"[[0.5]]", "'times' must be a number or one list of numbers; found an array of 2 axes"},
        {"soon", "'times' must be lists of numbers or {file: name.npy}; found 'soon'"},
        {"{start: 0, stop: 1}", "'times' needs 'count'; add it"}}) {
    const Outcome o = at(times);
    CHECK(o.status == 2);
    CHECK(o.out == "");
    CHECK(contains(o.err, message));
  }
}

TEST_CASE("odeon interpolate says what it reads when it gets something else") {
  const SpecimenFolder scratch;
  for (const std::string& file :
       {std::string("/nothing/here"), std::string(ODEON_SOURCE_DIR "/README.md"), scratch.path()}) {
    const Outcome o = run_odeon(scratch.path(), {"interpolate", file, "--times", "1"});
    CHECK(o.status == 2);
    CHECK(contains(o.err, "`odeon interpolate` reads what `odeon run` leaves with output: {dense: true}.\n"));
  }
}

}  // namespace odeon::test
