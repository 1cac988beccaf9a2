#include "experiment/run.hpp"

#include <filesystem>

#include "data/error.hpp"
#include "engine/failure.hpp"
#include "experiment/sweep.hpp"
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
    case Task::train:
      return run_training(e, registry, settings.quiet, folder);
    case Task::evaluate:
      return run_evaluation(e, registry);
    default:
      return run_sweep(e, registry, settings, folder);
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
  if (!cancelled)
    failed.record["failure"] = {{"reason", f.reason}, {"remedy", f.remedy}, {"t", f.t},
                                {"h", f.h},           {"error", f.error},   {"steps", f.steps}};
  return failed;
}

RunResult run_loaded(const ConfigNode& root, const std::string& path, const RunSettings& settings,
                     const Registry& registry) {
  const Experiment e = read_experiment(root, path, registry);
  const std::string folder = settings.output.empty() ? e.output : settings.output;
  try {
    RunResult result = run_task(e, registry, settings, folder);
    if (!folder.empty()) {
      write_outputs(result, folder);
      result.summary += "results in " + folder + "\n";
    }
    return result;
  } catch (const ConfigError&) {
    throw;  // nothing ran
  } catch (const Error& error) {
    RunResult failed = failed_result(e, error);
    if (!folder.empty()) write_outputs(failed, folder);
    if (!failed.failure || !settings.failure_is_result) throw;
    return failed;
  }
}

}  // namespace

RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings) {
  const ConfigNode root = load_source(source);
  return run_loaded(root, source.path, settings, Registry::discover(read_deployment(root)));
}

RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings,
                         const Registry& registry) {
  const ConfigNode root = load_source(source);
  if (const ConfigNode* plugins = root.find("plugins"))
    throw ConfigError(plugins->where +
                      ": 'plugins' has no effect here, where the components are loaded already; "
                      "remove it, or give the roots to the sweep or the program that runs this");
  return run_loaded(root, source.path, settings, registry);
}

std::string validate_experiment(const ExperimentSource& source) {
  const ConfigNode root = load_source(source);
  const Registry registry = Registry::discover(read_deployment(root));
  const Experiment e = read_experiment(root, source.path, registry);
  std::string text = source.path + ": valid\n";
  if (e.field) {
    const std::vector<int64_t> row(e.initial.shape.begin() + 1, e.initial.shape.end());
    const auto field = Field::create(*e.field->component.component, &e.field->component.options.value(), row);
    if (e.solver) make_solver(*e.solver->component, e.solver->options.value());
    text += "parameters: " + std::to_string(field->parameter_count()) + "\n";
  }
  if (e.task == Task::train || e.task == Task::evaluate) text += describe_model(e, registry);
  return text + record_head(e).dump(2) + "\n";
}

}  // namespace odeon::host
