#include "train/flow_plan.hpp"

#include <cmath>

#include "data/error.hpp"
#include "experiment/session.hpp"
#include "experiment/times.hpp"

namespace odeon::host {
namespace {

constexpr odeon_str kTraces[] = {str("exact"), str("hutchinson")};
constexpr odeon_str kProbes[] = {str("rademacher"), str("gaussian")};
constexpr odeon_option kField = field_section(str("field"), str("Moves the data to a normal distribution."));
constexpr odeon_option kSolver = solver_section(str("The integration method."));
constexpr odeon_option kGradient = gradient_section(str("How the flow is differentiated."));
constexpr odeon_option kTimes =
    times_section(str("[0, 1] when absent: where the data is, and where the normal distribution is."), 0);
constexpr odeon_option kTrace =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("trace"), str("exact"),
                             str("hutchinson: e'Je with one random e per row and step of training.")),
                 kTraces);
constexpr odeon_option kProbe = with_choices(
    make_option(ODEON_OPTION_CHOICE, str("probe"), str("rademacher"), str("Of trace: hutchinson.")), kProbes);
constexpr odeon_option kSamples = ranged(
    make_option(ODEON_OPTION_INT, str("samples"), str("1000"), str("Drawn when training is over.")), 0, 1e6);
constexpr const odeon_option* kFlowKeys[] = {&kField, &kSolver, &kGradient,          &kTimes,
                                             &kTrace, &kProbe,  &kRegulariseSection, &kSamples};

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
  if (read_choice(flow, kTrace, 0) == 1) p.trace = Trace::hutchinson;
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
  p.probe = read_choice(flow, kProbe, 0) == 0 ? Probe::rademacher : Probe::gaussian;
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

constinit const odeon_option kFlowSection =
    with_children(make_option(ODEON_OPTION_GROUP, str("flow"), kNoText,
                              str("A normalizing flow: fits a density."), kRequired),
                  kFlowKeys);

FlowPlan read_flow_plan(const Experiment& e, const Registry& registry) {
  const std::string task = std::string("task ") + task_name(e.task);
  const ConfigNode &flow = require_key(e.root, task, "flow"), &data = require_key(e.root, task, "data");
  check_keys(flow, "'flow'", kFlowSection);
  FlowPlan p;
  p.train = read_train(e);
  p.optimizer = read_optimizer(require_key(e.root, task, "optimizer"));
  p.data = read_flow_data(data, e.seed);
  p.times = read_ends(flow);
  read_trace(flow, p);
  p.regularisers = read_regularisers(flow);
  p.samples = read_integer(flow, kSamples, p.samples);
  const ConfigNode& field = require_key(flow, "'flow'", "field");
  p.field = read_field(field, registry);
  const ComponentChoice solver =
      bind_component(ODEON_KIND_SOLVER, require_key(flow, "'flow'", "solver"), registry);
  p.gradient = bind_component(ODEON_KIND_GRADIENT, require_key(flow, "'flow'", "gradient"), registry);
  p.parts = fit_parts(p.field, solver, {p.data.dimension()}, p.times, "a row of the data", data.where);
  check_augmentable(*p.parts.field, "a flow", field);
  check_gradient(p.gradient, p.parts);
  check_task(e, p, field);
  return p;
}

}  // namespace odeon::host
