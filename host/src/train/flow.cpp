#include "train/flow.hpp"

#include <optional>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/dataset.hpp"
#include "train/epochs.hpp"
#include "train/shared_gradient.hpp"
#include "train/text_line.hpp"
#include "train/trained_flow.hpp"

namespace odeon::host {
namespace {

struct EpochResult {
  double train_nll = 0, kinetic = 0, jacobian = 0, held_out_nll = 0;
  double evaluations = 0, vjps = 0, seconds = 0;  // the first two per batch
};

class Flow {
 public:
  Flow(const Experiment& e, const Registry& registry)
      : e_(e),
        ranks_(*e.ranks),
        plan_(read_flow_plan(e, registry)),
        gradient_(plan_.gradient),
        backend_(open_backend(e, registry)),
        loss_(backend_, plan_.parts,
              {plan_.trace, plan_.regularisers.kinetic > 0, plan_.regularisers.jacobian > 0}, plan_.times,
              e.dtype),
        flow_(backend_, plan_, ranks_, e.dtype, e.seed),
        gtheta_(backend_, e.dtype, {flow_.field().theta().shape, 1}),
        epochs_(e, plan_.train, plan_.optimizer, backend_, flow_.field().theta(), gtheta_.view, columns()) {}

  RunResult train(bool quiet, const std::string& folder) {
    std::optional<EpochResult> last;  // none where a checkpoint was at the end already
    epochs_.run("fitting a flow", plan_.data.train.shape[0], quiet, folder, [&](int64_t epoch) {
      last = train_epoch(epoch);
      last->held_out_nll = flow_.held_out_nll();
      return line_of(epoch, *last);
    });
    RunResult r = result();
    if (last) add_metrics(r.record["metrics"], *last);
    r.record["counters"] = {{"forward", to_json(loss_.forward)},
                            {"backward", to_json(loss_.backward)},
                            {"tape_peak_bytes", loss_.tape_peak}};
    r.tensors.emplace_back("weights.safetensors", flow_.field().download().named());
    epochs_.report(r);
    return r;
  }

  RunResult result() {
    RunResult r;
    r.record = record_head(e_);
    nlohmann::ordered_json& components = r.record["components"];
    components["field"] = component_json(plan_.field.component);
    components["solver"] = component_json(plan_.parts.solver.component);
    components["gradient"] = component_json(plan_.gradient);
    flow_.report(r);
    return r;
  }

 private:
  EpochResult train_epoch(int64_t epoch) {
    EpochResult sum;
    const Counters forward = loss_.forward, backward = loss_.backward;
    const auto rows = static_cast<double>(plan_.data.train.shape[0]);
    const auto [count, seconds] = epochs_.steps(epoch, [&](std::span<const int64_t> batch) {
      const FlowDensity::Rows found = differentiate(batch);
      const double share = static_cast<double>(found.log_density.size()) / rows;
      if (share > 0) sum.train_nll += share * (plan_.data.log_scale() - mean(found.log_density));
      if (!found.kinetic.empty()) sum.kinetic += share * mean(found.kinetic);
      if (!found.jacobian.empty()) sum.jacobian += share * mean(found.jacobian);
      return sum.train_nll + sum.kinetic + sum.jacobian;
    });
    const auto batches = static_cast<double>(count);
    double sums[] = {sum.train_nll, sum.kinetic, sum.jacobian};
    ranks_.sum(sums);
    sum.train_nll = sums[0], sum.kinetic = sums[1], sum.jacobian = sums[2];
    sum.evaluations = static_cast<double>(loss_.forward.evaluations - forward.evaluations) / batches;
    sum.vjps = static_cast<double>(loss_.backward.vjps - backward.vjps) / batches;
    sum.seconds = seconds;
    return sum;
  }

  // The gradient of a batch of all ranks; what this rank's rows of it gave.
  FlowDensity::Rows differentiate(std::span<const int64_t> batch) {
    const std::span<const int64_t> mine = ranks_.share(batch);
    FlowDensity::Rows found;
    if (!mine.empty())
      found = loss_.differentiate(rows_of(plan_.data.train, mine), probes(std::ssize(batch)),
                                  flow_.field().theta(), gradient_, plan_.regularisers, gtheta_.view);
    share_gradient(ranks_, *backend_, gtheta_.view,
                   static_cast<double>(mine.size()) / static_cast<double>(batch.size()));
    return found;
  }

  // Of this rank's rows of a batch of all ranks; empty with an exact trace.
  Array probes(int64_t batch) const {
    if (plan_.trace != Trace::hutchinson) return {};
    const Array all =
        drawn(batch, plan_.data.dimension(),
              Random(e_.seed, kProbes + static_cast<uint64_t>(epochs_.optimizer_steps())), plan_.probe);
    return rows_of(all, range(ranks_.share_begin(batch), ranks_.share_end(batch)));
  }

  void add_metrics(nlohmann::ordered_json& metrics, const EpochResult& last) const {
    metrics["train_nll"] = last.train_nll;
    if (plan_.regularisers.kinetic > 0) metrics["kinetic"] = last.kinetic;
    if (plan_.regularisers.jacobian > 0) metrics["jacobian"] = last.jacobian;
    metrics["evaluations_per_batch"] = last.evaluations;
    metrics["vjps_per_batch"] = last.vjps;
    metrics["seconds_per_epoch"] = last.seconds;
  }

  std::string columns() const {
    std::string out = "epoch,train_nll,held_out_nll,held_out_bits_per_dimension,";
    if (plan_.regularisers.kinetic > 0) out += "kinetic,";
    if (plan_.regularisers.jacobian > 0) out += "jacobian,";
    return out + "evaluations_per_batch,vjps_per_batch,seconds\n";
  }
  std::string line_of(int64_t epoch, const EpochResult& r) const {
    std::string out = text_line("%lld,%.9g,%.9g,%.9g,", static_cast<long long>(epoch + 1), r.train_nll,
                                r.held_out_nll, flow_.bits_per_dimension(r.held_out_nll));
    if (plan_.regularisers.kinetic > 0) out += text_line("%.9g,", r.kinetic);
    if (plan_.regularisers.jacobian > 0) out += text_line("%.9g,", r.jacobian);
    return out + text_line("%.4g,%.4g,%.4g\n", r.evaluations, r.vjps, r.seconds);
  }

  const Experiment& e_;
  Ranks& ranks_;
  FlowPlan plan_;
  Gradient gradient_;
  std::shared_ptr<Backend> backend_;
  FlowDensity loss_;  // with what training adds to the density
  TrainedFlow flow_;
  DeviceTensor gtheta_;
  Epochs epochs_;
};

}  // namespace

std::string check_flow(const Experiment& e, const Registry& registry) {
  const FlowPlan p = read_flow_plan(e, registry);
  const Field& field = *p.parts.field;
  if (!p.field.weights.empty()) starting_parameters(field, p.field, e.dtype, e.seed);
  if (!p.train.resume.empty())
    resume_from(p.train, field.parameter_count(), moment_count(p.optimizer), e.dtype);
  return "parameters: " + std::to_string(field.parameter_count()) +
         ", rows: " + std::to_string(p.data.train.shape[0]) + " and " +
         std::to_string(p.data.held_out.shape[0]) + " held out, of " + std::to_string(p.data.dimension()) +
         " columns\n";
}

RunResult run_flow(const Experiment& e, const Registry& registry, bool quiet, const std::string& folder) {
  Flow flow(e, registry);
  return e.task == Task::train ? flow.train(quiet, folder) : flow.result();
}

}  // namespace odeon::host
