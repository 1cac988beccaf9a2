#include "experiment/run.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <new>

#include "data/error.hpp"
#include "engine/failure.hpp"
#include "experiment/fit.hpp"
#include "experiment/launched.hpp"
#include "experiment/sweep.hpp"
#include "loader/host_table.hpp"
#include "train/training.hpp"

namespace odeon::host {
namespace {

RunResult run_task(const Experiment& e, const Registry& registry, const RunSettings& settings,
                   const std::string& folder) {
  switch (e.task) {
    case Task::solve:
      return run_solve(e, registry);
    case Task::gradient:
      return run_gradient(e, registry);
    case Task::sweep:
      return run_sweep(e, registry, settings, folder);
    default:
      return trained_kind(e.root, e.task).run(e, registry, settings.quiet, folder);
  }
}

Failure failure_of(const Error& error) {
  if (const auto* f = dynamic_cast<const SolveFailed*>(&error)) return f->failure();
  return {"cancelled", "run it again when it shall end", 0, 0, 0, 0};
}

// What is left of a run that did not get to its end.
RunResult failed_result(const Experiment& e, const Error& error) {
  RunResult failed;
  const bool cancelled = dynamic_cast<const Cancelled*>(&error) != nullptr;
  failed.record = record_head(e);
  failed.record["status"] = cancelled ? "cancelled" : "failed";
  failed.record["message"] = error.what();
  failed.summary = error.what();
  if (!cancelled && !dynamic_cast<const SolveFailed*>(&error)) return failed;
  const Failure& f = failed.failure.emplace(failure_of(error));
  if (!cancelled) failed.record["failure"] = to_json(f);
  return failed;
}

// Some rows of a solve failed; what the others gave stands in the results.
class PartlyFailed : public RunError {
 public:
  using RunError::RunError;
};

void write_failure(RunResult& failed, const std::string& folder) {
  if (folder.empty()) return;
  try {
    write_outputs(failed, folder);
  } catch (const Error& second) {  // the first error is the one to report
    log(ODEON_LOG_WARNING, std::string("the record could not be written: ") + second.what());
  }
}

RunResult carry_out(const Experiment& e, const Registry& registry, const RunSettings& settings,
                    const std::string& folder) {
  try {
    RunResult result = run_task(e, registry, settings, folder);
    if (!folder.empty()) {
      write_outputs(result, folder);
      result.summary += "results in " + folder + "\n";
    }
    return result;
  } catch (const std::bad_alloc&) {
    throw RunError("the memory is not enough for this run; use a smaller batch, fewer times or float32");
  }
}

}  // namespace

RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings) {
  const ConfigNode root = load_source(source);
  check_launched(root, settings.output);
  return run_tree(root, source.path, settings, Registry::discover(read_deployment(root)));
}

RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings,
                         const Registry& registry) {
  const ConfigNode root = load_source(source);
  refuse_plugins(root);
  return run_tree(root, source.path, settings, registry);
}

RunResult run_tree(const ConfigNode& root, const std::string& path, const RunSettings& given,
                   const Registry& registry) {
  const std::shared_ptr<Ranks> ranks = open_ranks(root, registry);
  Experiment e = ranks->together([&] { return read_experiment(root, path, registry); });
  e.ranks = ranks;
  RunSettings settings = given;
  std::string folder = settings.output.empty() ? e.output : settings.output;
  if (!ranks->first()) folder.clear(), settings.quiet = true;  // the first one writes and prints for all
  try {
    ranks->together([&] { check_experiment(e, registry); });
  } catch (const ConfigError&) {
    throw;  // nothing began, so nothing is left behind
  } catch (const Error& error) {
    RunResult failed = failed_result(e, error);
    write_failure(failed, folder);
    throw;
  }
  ranks->together([&] {
    if (!folder.empty()) prepare_folder(folder);
  });
  try {
    RunResult result = ranks->together([&] { return carry_out(e, registry, settings, folder); });
    if (!ranks->first()) result.summary.clear();
    if (result.failure && !settings.failure_is_result)
      throw PartlyFailed(result.failure_text +
                         (folder.empty() ? "" : "; what the others gave is in " + folder));
    return result;
  } catch (const PartlyFailed&) {
    throw;  // its record and results are written
  } catch (const Error& error) {
    RunResult failed = failed_result(e, error);
    write_failure(failed, folder);
    if (!failed.failure || !settings.failure_is_result) throw;
    return failed;
  }
}

void prepare_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::generic_category());
  if (error)
    throw RunError(folder + ": is no folder that can be written to (" + error.message() +
                   "); choose another with output.directory or --output");
}

void refuse_plugins(const ConfigNode& root) {
  if (const ConfigNode* plugins = root.find("plugins"))
    throw ConfigError(plugins->key_where +
                      ": 'plugins' has no effect here, where the components are loaded already; "
                      "remove it, or give the roots to the sweep or the program that runs this");
}

std::string validate_experiment(const ExperimentSource& source) {
  const ConfigNode root = load_source(source);
  const Registry registry = Registry::discover(read_deployment(root));
  const Experiment e = read_experiment(root, source.path, registry);
  return source.path + ": valid\n" + check_experiment(e, registry) + to_text(record_head(e));
}

std::string check_experiment(const Experiment& e, const Registry& registry) {
  switch (e.task) {
    case Task::solve:
    case Task::gradient: {
      const FittedParts parts = fit_parts(e);
      if (!e.field->weights.empty()) starting_parameters(*parts.field, *e.field, e.dtype, e.seed);
      return "parameters: " + std::to_string(parts.field->parameter_count()) + "\n";
    }
    case Task::sweep:
      return check_sweep(e, registry);
    default:
      return trained_kind(e.root, e.task).check(e, registry);
  }
}

}  // namespace odeon::host
