#include "train/flow_plan.hpp"

#include <cmath>

#include "data/error.hpp"
#include "experiment/session.hpp"

namespace odeon::host {
namespace {

std::vector<double> read_ends(const ConfigNode& flow) {
  const ConfigNode* node = flow.find("times");
  if (!node) return {0, 1};
  std::vector<double> times = read_times(*node);
  if (times.size() != 2)
    bad(*node, "'times' of a flow are two, where the data is and where the base distribution is; found " +
                   std::to_string(times.size()));
  return times;
}

void read_trace(const ConfigNode& flow, FlowPlan& p) {
  const int64_t d = p.data.dimension();
  const ConfigNode *trace = flow.find("trace"), *probe = flow.find("probe");
  if (trace && read_choice(*trace, "'trace'", {"exact", "hutchinson"}) == 1) p.trace = Trace::hutchinson;
  if (p.trace == Trace::exact && d > kLargestExactTrace)
    bad(trace ? *trace : flow,
        "an exact trace takes one product with the Jacobian per column of the data and is for data of at "
        "most " +
            std::to_string(kLargestExactTrace) + "; found " + std::to_string(d) +
            "; write 'trace: hutchinson'");
  if (!probe) return;
  if (p.trace == Trace::exact)
    throw ConfigError(
        probe->key_where +
        ": 'probe' belongs to 'trace: hutchinson' and has no effect on an exact trace; remove it");
  p.probe =
      read_choice(*probe, "'probe'", {"rademacher", "gaussian"}) == 0 ? Probe::rademacher : Probe::gaussian;
}

void check_task(const Experiment& e, const FlowPlan& p, const ConfigNode& field) {
  check_batch(e, p.train, p.data.train.shape[0], "training rows");
  if (e.task == Task::train && p.parts.field->parameter_count() == 0)
    bad(field,
        p.parts.field->name() + " has no parameters, so that nothing can be trained; choose another field");
  if (e.task == Task::evaluate && p.train.resume.empty() && p.field.weights.empty())
    bad(e.root,
        "task evaluate needs the flow to evaluate; add 'weights: {file: weights.safetensors}' to the "
        "field, or 'train: {resume: checkpoint.safetensors}'");
}

}  // namespace

FlowPlan read_flow_plan(const Experiment& e, const Registry& registry) {
  const std::string task = std::string("task ") + task_name(e.task);
  const ConfigNode &flow = require_key(e.root, task, "flow"), &data = require_key(e.root, task, "data");
  check_keys(flow, "'flow'",
             {"field", "solver", "gradient", "times", "trace", "probe", "regularise", "samples"});
  FlowPlan p;
  p.train = read_train(e);
  p.optimizer = read_optimizer(require_key(e.root, task, "optimizer"));
  p.data = read_flow_data(data, e.seed);
  p.times = read_ends(flow);
  read_trace(flow, p);
  p.regularisers = read_regularisers(flow);
  if (const ConfigNode* samples = flow.find("samples")) {
    p.samples = read_integer(*samples, "'samples'");
    if (p.samples < 0 || p.samples > 1'000'000)
      bad(*samples, "'samples' must be from 0 to 1000000; found " + samples->text);
  }
  const ConfigNode& field = require_key(flow, "'flow'", "field");
  p.field = read_field(field, registry);
  const ComponentChoice solver =
      bind_component(ODEON_KIND_SOLVER, require_key(flow, "'flow'", "solver"), registry);
  p.gradient = bind_component(ODEON_KIND_GRADIENT, require_key(flow, "'flow'", "gradient"), registry);
  check_gradient(p.gradient);
  p.parts = fit_parts(p.field, solver, {p.data.dimension()}, p.times, "a row of the data", data.where);
  check_augmentable(*p.parts.field, "a flow", field);
  check_task(e, p, field);
  return p;
}

}  // namespace odeon::host
