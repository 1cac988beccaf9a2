#include "train/flow.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "loader/host_table.hpp"
#include "train/checkpoint.hpp"
#include "train/dataset.hpp"
#include "train/progress.hpp"
#include "train/shared_gradient.hpp"
#include "train/trained_flow.hpp"

namespace odeon::host {
namespace {

using Clock = std::chrono::steady_clock;

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
        optimizer_(backend_, plan_.optimizer, e.dtype, flow_.field().theta().shape[0]),
        gtheta_(backend_, e.dtype, {flow_.field().theta().shape, 1}) {
    if (!plan_.train.resume.empty()) resume();
  }

  RunResult train(bool quiet, const std::string& folder) {
    const TrainSettings& train = plan_.train;
    Progress progress("fitting a flow", std::max<int64_t>(0, train.epochs - first_epoch_), quiet);
    std::optional<EpochResult> last;  // none where a checkpoint was at the end already
    require_same_theta(ranks_, *backend_, flow_.field().theta(), first_epoch_);
    for (int64_t epoch = first_epoch_; epoch < train.epochs; ++epoch) {
      last = train_epoch(epoch);
      last->held_out_nll = flow_.held_out_nll();
      write_history(epoch, *last);
      if (train.checkpoint_every > 0 && (epoch + 1) % train.checkpoint_every == 0 && !folder.empty())
        write_safetensors(folder + "/checkpoint.safetensors", format_checkpoint(checkpoint(epoch + 1)));
      progress.advance();
    }
    RunResult r = result();
    if (last) add_metrics(r.record["metrics"], *last);
    r.record["counters"] = {{"forward", to_json(loss_.forward)},
                            {"backward", to_json(loss_.backward)},
                            {"tape_peak_bytes", loss_.tape_peak}};
    r.tensors.emplace_back("weights.safetensors", flow_.field().download().named());
    r.tensors.emplace_back("checkpoint.safetensors",
                           format_checkpoint(checkpoint(std::max(first_epoch_, train.epochs))));
    r.texts.emplace_back("history.csv", history_);
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
    const auto start = Clock::now();
    const Counters forward = loss_.forward, backward = loss_.backward;
    const int64_t rows = plan_.data.train.shape[0];
    const std::vector<int64_t> order = epoch_order(rows, e_.seed, epoch, plan_.train.shuffle);
    double batches = 0;
    for (size_t from = 0; from < order.size(); from += static_cast<size_t>(plan_.train.batch), ++batches) {
      if (cancel_requested()) throw Cancelled();
      const size_t count = std::min(static_cast<size_t>(plan_.train.batch), order.size() - from);
      const FlowDensity::Rows found = step({order.data() + from, count}, epoch);
      const double share = static_cast<double>(found.log_density.size()) / static_cast<double>(rows);
      if (share > 0) sum.train_nll += share * (plan_.data.log_scale() - mean(found.log_density));
      if (!found.kinetic.empty()) sum.kinetic += share * mean(found.kinetic);
      if (!found.jacobian.empty()) sum.jacobian += share * mean(found.jacobian);
      if (!std::isfinite(sum.train_nll + sum.kinetic + sum.jacobian))
        throw RunError("the loss is not finite in epoch " + std::to_string(epoch + 1) +
                       "; use a smaller learning_rate");
    }
    require_same_theta(ranks_, *backend_, flow_.field().theta(), epoch + 1);
    double sums[] = {sum.train_nll, sum.kinetic, sum.jacobian};
    ranks_.sum(sums);
    sum.train_nll = sums[0], sum.kinetic = sums[1], sum.jacobian = sums[2];
    sum.evaluations = static_cast<double>(loss_.forward.evaluations - forward.evaluations) / batches;
    sum.vjps = static_cast<double>(loss_.backward.vjps - backward.vjps) / batches;
    sum.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return sum;
  }

  // One step of the optimiser on a batch of all ranks; what this rank's rows of it gave.
  FlowDensity::Rows step(std::span<const int64_t> batch, int64_t epoch) {
    const std::span<const int64_t> mine = ranks_.share(batch);
    FlowDensity::Rows found;
    if (!mine.empty())
      found = loss_.differentiate(rows_of(plan_.data.train, mine), probes(std::ssize(batch)),
                                  flow_.field().theta(), gradient_, plan_.regularisers, gtheta_.view);
    share_gradient(ranks_, *backend_, gtheta_.view,
                   static_cast<double>(mine.size()) / static_cast<double>(batch.size()));
    optimizer_.step(flow_.field().theta(), gtheta_.view,
                    plan_.optimizer.learning_rate * plan_.train.factor(epoch));
    return found;
  }

  // Of this rank's rows of a batch of all ranks; empty with an exact trace.
  Array probes(int64_t batch) const {
    if (plan_.trace != Trace::hutchinson) return {};
    const Array all =
        drawn(batch, plan_.data.dimension(),
              Random(e_.seed, kProbes + static_cast<uint64_t>(optimizer_.steps())), plan_.probe);
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

  void write_history(int64_t epoch, const EpochResult& r) {
    const auto add = [&](const char* format, auto value) {
      char text[48];
      std::snprintf(text, sizeof text, format, value);
      history_ += text;
    };
    if (epoch == 0) {
      history_ = "epoch,train_nll,held_out_nll,held_out_bits_per_dimension,";
      if (plan_.regularisers.kinetic > 0) history_ += "kinetic,";
      if (plan_.regularisers.jacobian > 0) history_ += "jacobian,";
      history_ += "evaluations_per_batch,vjps_per_batch,seconds\n";
    }
    add("%lld,", static_cast<long long>(epoch + 1));
    add("%.9g,", r.train_nll);
    add("%.9g,", r.held_out_nll);
    add("%.9g,", flow_.bits_per_dimension(r.held_out_nll));
    if (plan_.regularisers.kinetic > 0) add("%.9g,", r.kinetic);
    if (plan_.regularisers.jacobian > 0) add("%.9g,", r.jacobian);
    add("%.4g,", r.evaluations);
    add("%.4g,", r.vjps);
    add("%.4g\n", r.seconds);
  }

  Checkpoint checkpoint(int64_t epochs_done) {
    return {flow_.field().download().flat, optimizer_.moments(), optimizer_.steps(), epochs_done, history_};
  }

  void resume() {
    const Checkpoint c =
        resume_from(plan_.train, flow_.field().theta().shape[0], moment_count(plan_.optimizer), e_.dtype);
    optimizer_.restore(c.moments, c.steps);
    first_epoch_ = c.epochs;
    history_ = c.history;
    upload(*backend_, flow_.field().theta(), c.parameters);
  }

  const Experiment& e_;
  Ranks& ranks_;
  FlowPlan plan_;
  Gradient gradient_;
  std::shared_ptr<Backend> backend_;
  FlowDensity loss_;  // with what training adds to the density
  TrainedFlow flow_;
  Optimizer optimizer_;
  DeviceTensor gtheta_;
  int64_t first_epoch_ = 0;
  std::string history_;
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
