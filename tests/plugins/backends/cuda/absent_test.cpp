// On a machine without a GPU, or with all of them hidden, the backend loads, is listed, and says why it does
// not open.
#include <nlohmann/json.hpp>

#include "cli/run_odeon.hpp"
#include "loader/specimen_folder.hpp"

using namespace odeon::test;

namespace {

const std::string kHidden = "CUDA_VISIBLE_DEVICES= ";
const std::string kConfig =
    "odeon: 1\ntask: solve\nfield: {plugin: linear, matrix: [[-1]]}\ninitial: [[1.0]]\ntimes: [0, 1]\n"
    "solver: {plugin: rk4, step_size: 0.1}\n";
// The driver's words: without its library, and with no device that it may use.
bool has_drivers_words(const std::string& text) {
  return text.find("libcuda.so.1: cannot open shared object file") != std::string::npos ||
         text.find("no CUDA-capable device is detected") != std::string::npos;
}

}  // namespace

TEST_CASE("odeon plugins -v lists it with the driver's words") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"plugins", "-v"}, kHidden);
  CHECK(o.status == 0);
  CHECK(contains(o.out, "backend      cuda "));
  CHECK(contains(o.out, "backend 'cuda': no device: "));
  CHECK(has_drivers_words(o.out));
}

TEST_CASE("a run that names it ends with status 1, the driver's words and a remedy") {
  const SpecimenFolder scratch;
  const std::string config = scratch.add_text("solve.yaml", kConfig);
  const Outcome o = run_odeon(scratch.path(), {"run", config, "--set", "backend=cuda"}, kHidden);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "odeon: backend 'cuda': no device: "));
  CHECK(has_drivers_words(o.err));
  CHECK(contains(o.err, "use backend 'cpu'"));
}

TEST_CASE("backend auto computes on the processor, and the record says what it passed over") {
  const SpecimenFolder scratch;
  const std::string config = scratch.add_text("solve.yaml", kConfig);
  const Outcome o = run_odeon(
      scratch.path(), {"run", config, "--set", "backend=auto", "--output", scratch.file("out")}, kHidden);
  CHECK(o.status == 0);
  const auto backend =
      nlohmann::json::parse(text_of(scratch.file("out/record.json")))["components"]["backend"];
  CHECK(backend["id"] == "cpu");
  REQUIRE(backend["passed_over"].size() == 1);
  CHECK(contains(backend["passed_over"][0], "backend 'cuda': no device: "));
}

TEST_CASE("its options are described and checked without a device") {
  const SpecimenFolder scratch;
  const Outcome described = run_odeon(scratch.path(), {"describe", "backend/cuda"}, kHidden);
  CHECK(described.status == 0);
  for (const char* option : {"  device: integer", "  memory_limit: real", "  matmul_precision: "})
    CHECK(contains(described.out, option));
  const std::string config = scratch.add_text("solve.yaml", kConfig);
  const Outcome o =
      run_odeon(scratch.path(),
                {"run", config, "--set", "backend.plugin=cuda", "--set", "backend.memory_limit=-1"}, kHidden);
  CHECK(o.status == 2);
  CHECK(contains(o.err, "memory_limit"));
}
