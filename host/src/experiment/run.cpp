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
      return run_sweep(e, settings, folder);
  }
}

// The record of a run that did not get to its end.
void write_failure(const Experiment& e, const std::string& folder, const Error& error) {
  RunResult failed;
  failed.record = record_head(e);
  failed.record["status"] = dynamic_cast<const Cancelled*>(&error) ? "cancelled" : "failed";
  failed.record["message"] = error.what();
  if (const auto* f = dynamic_cast<const SolveFailed*>(&error))
    failed.record["failure"] = {{"reason", f->failure().reason}, {"remedy", f->failure().remedy},
                                {"t", f->failure().t},           {"h", f->failure().h},
                                {"error", f->failure().error},   {"steps", f->failure().steps}};
  write_outputs(failed, folder);
}

}  // namespace

RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings) {
  const ConfigNode root = load_source(source);
  const Registry registry = Registry::discover(read_deployment(root));
  const Experiment e = read_experiment(root, source.path, registry);
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
    if (!folder.empty()) write_failure(e, folder, error);
    throw;
  }
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
