// For each check a specimen of tests/bad_plugins that this check rejects and every other one lets pass.
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/run_odeon.hpp"
#include "conformance/check.hpp"
#include "conformance/plugin_file.hpp"
#include "loader/kinds.hpp"
#include "loader/specimen_folder.hpp"

namespace odeon::test {
namespace {

using Json = nlohmann::json;

struct Case {
  const char *specimen, *check;
};

// Of the file; then nothing inside is looked at.
constexpr Case kFile[] = {{"missing_symbol", "symbol"},     {"unresolved_symbol", "load"},
                          {"crashes_when_loaded", "load"},  {"wrong_magic", "structure"},
                          {"tableau_row_sum", "structure"}, {"option_default_range", "structure"},
                          {"fails_in_init", "init"},        {"throws_in_init", "init"},
                          {"hangs_in_init", "init"},        {"two_of_one_id", "components"}};

constexpr Case kSolvers[] = {{"option_without_doc", "options"},
                             {"crashes_in_create", "create"},
                             {"wrong_order", "order conditions"},
                             {"understated_order", "order conditions"},
                             {"wrong_embedded_order", "embedded order"},
                             {"wrong_dense_output", "dense output"},
                             {"wrong_companion", "additive order"},
                             {"unstable", "stability"},
                             {"claims_stiff", "stability"},
                             {"steps_too_far", "steps"},
                             {"crashes_in_step", "steps"},
                             {"hangs_in_step", "steps"},
                             {"exits_in_step", "steps"},
                             {"stands_still", "solve"},
                             {"not_deterministic", "determinism"},
                             {"first_order", "observed order"},
                             {"forwards_only", "backwards in time"},
                             {"wrong_estimate", "error estimate"},
                             {"bad_interpolation", "interpolation"},
                             {"stiff_at_first", "stiffness"},
                             {"moves_when_refused", "refused steps"},
                             {"keeps_history", "restart"},
                             {"saves_too_little", "save and load"},
                             {"claims_reversible", "reversibility"},
                             {"carries_too_little", "steps back"},
                             {"wrong_step_back", "steps back"},
                             {"claims_symplectic", "energy"},
                             {"doubles_only", "precision"},
                             {"needs_a_span", "zero span"},
                             {"accepts_nan", "not a number"},
                             {"ignores_cancellation", "cancellation"},
                             {"swallows_field_errors", "field errors"},
                             {"allocates_per_step", "allocations"},
                             {"starts_a_thread", "threads"},
                             {"shares_state", "instances"}};

constexpr Case kFields[] = {{"option_without_doc", "options"},
                            {"crashes_in_create", "create"},
                            {"nameless_parameter", "shape"},
                            {"two_functions", "graph"},
                            {"writes_half", "evaluation"},
                            {"changes_its_input", "evaluation"},
                            {"halves_of_another", "halves"},
                            {"noisy", "determinism"},
                            {"mixes_rows", "rows"},
                            {"one_time_for_all", "rows"},
                            {"other_in_single", "precision"},
                            {"wrong_vjp", "derivatives"},
                            {"wrong_parameter_gradient", "derivatives"},
                            {"wrong_time_gradient", "derivatives"},
                            {"ignores_accumulate", "write modes"},
                            {"ignores_skip", "write modes"},
                            {"allocates", "allocations"},
                            {"starts_a_thread", "threads"},
                            {"shares_state", "instances"}};

constexpr Case kGradients[] = {{"option_without_doc", "options"},
                               {"crashes_in_create", "create"},
                               {"wrong_gradient", "gradients"},
                               {"forwards_only", "backwards in time"},
                               {"needs_a_span", "zero span"},
                               {"overwrites_theta", "theta"},
                               {"wants_all", "not wanted"},
                               {"uses_its_tape_up", "repeated"},
                               {"not_deterministic", "determinism"},
                               {"unknown_capability", "capabilities"},
                               {"claims_constant_memory", "capabilities"},
                               {"needs_vjp_unsaid", "needs"},
                               {"leaks_tape", "tape"},
                               {"swallows_field_errors", "field errors"},
                               {"ignores_cancellation", "cancellation"},
                               {"starts_a_thread", "threads"},
                               {"shares_state", "instances"}};

constexpr Case kBackends[] = {{"option_without_doc", "options"},
                              {"crashes_in_create", "create"},
                              {"nameless", "info"},
                              {"misaligned", "memory"},
                              {"copies_whole_words", "copy"},
                              {"fills_too_much", "fill"},
                              {"lincomb_in_fours", "lincomb"},
                              {"norm_forgets_nan", "error_norm"},
                              {"reduce_from_zero", "reduce"},
                              {"dot_in_single", "dot"},
                              {"select_reads_one", "select"},
                              {"overwrites_outputs", "graph"},
                              {"forgets_to_reverse", "gradient"},
                              {"remembers_time", "solve"},
                              {"not_deterministic", "determinism"},
                              {"shares_state", "instances"}};

constexpr Case kCommunicators[] = {
    {"option_without_doc", "options"}, {"crashes_in_create", "create"},        {"counts_from_one", "info"},
    {"sums_in_single", "sum"},         {"broadcasts_too_little", "broadcast"}, {"barrier_waits", "barrier"},
    {"takes_any_root", "refusals"},    {"not_deterministic", "determinism"},   {"shares_state", "instances"},
    {"abort_returns", "abort"}};

std::span<const Case> cases_of(int32_t kind) {
  switch (kind) {
    case ODEON_KIND_BACKEND:
      return kBackends;
    case ODEON_KIND_FIELD:
      return kFields;
    case ODEON_KIND_SOLVER:
      return kSolvers;
    case ODEON_KIND_COMMUNICATOR:
      return kCommunicators;
    default:
      return kGradients;
  }
}

// Seconds after which a check hangs. Each takes a tenth of one, with a sanitizer fifteen times that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kTimeout = "20";
#else
constexpr const char* kTimeout = "5";
#endif

// Checks that the sanitizers' own allocator leaves out.
bool is_left_out(const std::string& check) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return check == "allocations";
#else
  return check.empty();
#endif
}

Json report_of(const std::string& specimen, int& status) {
  const SpecimenFolder folder, scratch;
  const std::string file = folder.add(specimen, "specimen.so");
  const Outcome o = run_odeon(scratch.path(), {"check", file, "--json", "--timeout", kTimeout});
  status = o.status;
  return Json::parse(o.out);
}

void rejected_by(const std::string& specimen, const std::string& check, int expected_status) {
  CAPTURE(specimen);
  int status = 0;
  const Json report = report_of(specimen, status);
  CHECK(status == expected_status);
  for (const Json& line : report["checks"]) {
    if (line["verdict"] != "FAIL") continue;
    CAPTURE(line["figure"].get<std::string>());
    CHECK(line["name"] == check);
    CHECK(!line["remedy"].get<std::string>().empty());
  }
  CHECK(report["failed"] == 1);
}

void each_rejected(int32_t kind) {
  for (const Case& c : cases_of(kind))
    if (!is_left_out(c.check)) rejected_by(host::kind_name(kind) + "/" + c.specimen, c.check, 1);
}

}  // namespace

TEST_CASE("each check of the file rejects its specimens, and the file counts as not loaded") {
  for (const Case& c : kFile) rejected_by(c.specimen, c.check, 3);
}

TEST_CASE("each check of solvers rejects its specimens, and no other check does") {
  each_rejected(ODEON_KIND_SOLVER);
}

TEST_CASE("each check of fields rejects its specimens, and no other check does") {
  each_rejected(ODEON_KIND_FIELD);
}

TEST_CASE("each check of gradients rejects its specimens, and no other check does") {
  each_rejected(ODEON_KIND_GRADIENT);
}

TEST_CASE("each check of backends rejects its specimens, and no other check does") {
  each_rejected(ODEON_KIND_BACKEND);
}

TEST_CASE("each check of communicators rejects its specimens, and no other check does") {
  each_rejected(ODEON_KIND_COMMUNICATOR);
}

TEST_CASE("every check has a specimen") {
  for (int32_t kind : host::kKinds) {
    std::set<std::string> known;
    for (const Case& c : cases_of(kind)) known.insert(c.check);
    for (const host::conformance::Check& check : host::conformance::checks_of(kind)) {
      CAPTURE(host::kind_name(kind));
      CAPTURE(check.name);
      CHECK(known.contains(check.name));
    }
  }
  std::set<std::string> known{"file"};  // see check_test.cpp
  for (const Case& c : kFile) known.insert(c.check);
  for (const host::conformance::FileCheck& check : host::conformance::file_checks()) {
    CAPTURE(check.name);
    CHECK(known.contains(check.name));
  }
}

TEST_CASE("what the specimens depart from passes every check") {
  for (const char* good :
       {"solver/good_steps", "solver/good_fixed_steps", "field/good_field", "gradient/good_gradient",
        "backend/good_backend", "communicator/good_communicator"}) {
    CAPTURE(good);
    int status = 0;
    const Json report = report_of(good, status);
    CHECK(status == 0);
    CHECK(report["failed"] == 0);
    CHECK(report["passed"] >= (std::string_view(good).starts_with("communicator") ? 14 : 15));
  }
}

}  // namespace odeon::test
