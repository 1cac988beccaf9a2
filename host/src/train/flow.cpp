#include "train/flow.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "data/error.hpp"
#include "loader/host_table.hpp"
#include "train/checkpoint.hpp"
#include "train/dataset.hpp"
#include "train/field_runner.hpp"
#include "train/flow_density.hpp"
#include "train/flow_picture.hpp"
#include "train/flow_plan.hpp"
#include "train/gaussian_baseline.hpp"
#include "train/progress.hpp"
#include "train/random.hpp"

namespace odeon::host {
namespace {

using Clock = std::chrono::steady_clock;

// Streams of random numbers; that of a step's probe is kProbes + the steps before it, so that a run which
// resumes draws the same.
enum : uint64_t { kSamples = 1, kHeldOutProbe = 2, kProbes = 16 };

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

Array drawn(int64_t rows, int64_t columns, Random random, Probe kind) {
  Array out = Array::zeros(ODEON_F64, {rows, columns});
  for (int64_t i = 0; i < out.size(); ++i)
    out.set(i, kind == Probe::gaussian ? random.normal() : random.sign());
  return out;
}

// Rows `which` of a, as an array of their own.
Array gathered(const Array& a, std::span<const int64_t> which) {
  const int64_t d = a.shape[1];
  Array out = Array::zeros(ODEON_F64, {static_cast<int64_t>(which.size()), d});
  for (size_t r = 0; r < which.size(); ++r)
    for (int64_t i = 0; i < d; ++i) out.set(static_cast<int64_t>(r) * d + i, a.at(which[r] * d + i));
  return out;
}

struct EpochResult {
  double train_nll = 0, kinetic = 0, jacobian = 0, held_out_nll = 0;
  double evaluations = 0, vjps = 0, seconds = 0;  // the first two per batch
};

class Flow {
 public:
  Flow(const Experiment& e, const Registry& registry)
      : e_(e),
        plan_(read_flow_plan(e, registry)),
        exact_(plan_.data.dimension() <= kLargestExactTrace),
        gradient_(plan_.gradient),
        backend_(open_backend(e, registry)),
        trained_(backend_, plan_.parts,
                 {plan_.trace, plan_.regularisers.kinetic > 0, plan_.regularisers.jacobian > 0}, plan_.times,
                 e.dtype),
        measured_(backend_, plan_.parts, {exact_ ? Trace::exact : Trace::hutchinson}, plan_.times, e.dtype),
        field_(backend_, plan_.field, plan_.parts, e.dtype, e.seed),
        optimizer_(backend_, plan_.optimizer, e.dtype, field_.theta().shape[0]),
        gtheta_(backend_, e.dtype, {field_.theta().shape, 1}) {
    if (!plan_.train.resume.empty()) resume();
  }

  RunResult train(bool quiet, const std::string& folder) {
    const TrainSettings& train = plan_.train;
    Progress progress("fitting a flow", std::max<int64_t>(0, train.epochs - first_epoch_), quiet);
    EpochResult last;
    for (int64_t epoch = first_epoch_; epoch < train.epochs; ++epoch) {
      last = train_epoch(epoch);
      last.held_out_nll = held_out_nll();
      write_history(epoch, last);
      if (train.checkpoint_every > 0 && (epoch + 1) % train.checkpoint_every == 0 && !folder.empty())
        write_safetensors(folder + "/checkpoint.safetensors", format_checkpoint(checkpoint(epoch + 1)));
      progress.advance();
    }
    RunResult r = result();
    nlohmann::ordered_json& metrics = r.record["metrics"];
    metrics["train_nll"] = last.train_nll;
    if (plan_.regularisers.kinetic > 0) metrics["kinetic"] = last.kinetic;
    if (plan_.regularisers.jacobian > 0) metrics["jacobian"] = last.jacobian;
    metrics["evaluations_per_batch"] = last.evaluations;
    metrics["vjps_per_batch"] = last.vjps;
    metrics["seconds_per_epoch"] = last.seconds;
    r.record["counters"] = {{"forward", to_json(trained_.forward)},
                            {"backward", to_json(trained_.backward)},
                            {"tape_peak_bytes", trained_.tape_peak()}};
    r.tensors.emplace_back("weights.safetensors", field_.download().named());
    r.tensors.emplace_back("checkpoint.safetensors",
                           format_checkpoint(checkpoint(std::max(first_epoch_, train.epochs))));
    r.texts.emplace_back("history.csv", history_);
    return r;
  }

  // What the flow is worth, and what it draws.
  RunResult result() {
    RunResult r;
    r.record = record_head(e_);
    r.record["components"]["field"] = component_json(plan_.field.component);
    const double nll = held_out_nll();
    nlohmann::ordered_json& metrics = r.record["metrics"];
    metrics = {{"held_out_nll", nll},
               {"held_out_bits_per_dimension", bits_per_dimension(nll)},
               {"held_out_trace", exact_ ? "exact" : "hutchinson"}};
    std::string beside;
    if (const auto gaussian = gaussian_nll(plan_.data.train, plan_.data.held_out)) {
      metrics["gaussian_nll"] = *gaussian + plan_.data.log_scale();
      beside += "; a normal distribution fitted to the others has " + rounded(metrics["gaussian_nll"]);
    }
    if (plan_.data.log_density) {
      metrics["true_nll"] = true_nll();
      beside += "; the true density has " + rounded(metrics["true_nll"]);
    }
    metrics["parameters"] = field_.download().flat.size();
    const Array samples = plan_.samples > 0 ? draw_samples() : Array::zeros(ODEON_F64, {0, 2});
    if (plan_.data.dimension() == 2) add_picture(r, samples);
    if (plan_.samples > 0) r.arrays.emplace_back("samples.npy", samples.cast(e_.dtype));
    r.summary = "held-out rows: " + rounded(nll) + " nats each, " + rounded(bits_per_dimension(nll)) +
                " bits per dimension" + beside + "\n";
    return r;
  }

 private:
  static std::string rounded(double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", v);
    return text;
  }
  int64_t dimension() const { return plan_.data.dimension(); }
  double bits_per_dimension(double nats) const {
    return nats / (std::numbers::ln2 * static_cast<double>(dimension()));
  }

  EpochResult train_epoch(int64_t epoch) {
    EpochResult sum;
    const auto start = Clock::now();
    const Counters forward = trained_.forward, backward = trained_.backward;
    const int64_t rows = plan_.data.train.shape[0];
    const std::vector<int64_t> order = epoch_order(rows, e_.seed, epoch, plan_.train.shuffle);
    double batches = 0;
    for (size_t from = 0; from < order.size(); from += static_cast<size_t>(plan_.train.batch), ++batches) {
      if (cancel_requested()) throw Cancelled();
      const size_t count = std::min(static_cast<size_t>(plan_.train.batch), order.size() - from);
      const FlowDensity::Rows found = step({order.data() + from, count}, epoch);
      const double share = static_cast<double>(count) / static_cast<double>(rows);
      sum.train_nll += share * (plan_.data.log_scale() - mean(found.log_density));
      if (plan_.regularisers.kinetic > 0) sum.kinetic += share * mean(found.kinetic);
      if (plan_.regularisers.jacobian > 0) sum.jacobian += share * mean(found.jacobian);
      if (!std::isfinite(sum.train_nll + sum.kinetic + sum.jacobian))
        throw RunError("the loss is not finite in epoch " + std::to_string(epoch + 1) +
                       "; use a smaller learning_rate");
    }
    sum.evaluations = static_cast<double>(trained_.forward.evaluations - forward.evaluations) / batches;
    sum.vjps = static_cast<double>(trained_.backward.vjps - backward.vjps) / batches;
    sum.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return sum;
  }

  FlowDensity::Rows step(std::span<const int64_t> which, int64_t epoch) {
    const Array x = gathered(plan_.data.train, which);
    Array probe;
    if (plan_.trace == Trace::hutchinson)
      probe = drawn(x.shape[0], dimension(),
                    Random(e_.seed, kProbes + static_cast<uint64_t>(optimizer_.steps())), plan_.probe);
    FlowDensity::Rows found =
        trained_.differentiate(x, probe, field_.theta(), gradient_, plan_.regularisers, gtheta_.view);
    optimizer_.step(field_.theta(), gtheta_.view, plan_.optimizer.learning_rate * plan_.train.factor(epoch));
    return found;
  }

  // log p of rows as the flow sees them, in the units of the data.
  std::vector<double> log_density(const Array& rows) {
    std::vector<double> out;
    const int64_t d = dimension(), n = rows.shape[0];
    const Array probes = exact_ ? Array() : drawn(n, d, Random(e_.seed, kHeldOutProbe), plan_.probe);
    std::vector<int64_t> which;
    for (int64_t from = 0; from < n; from += plan_.train.batch) {
      if (cancel_requested()) throw Cancelled();
      which.clear();
      for (int64_t r = from; r < std::min(n, from + plan_.train.batch); ++r) which.push_back(r);
      const FlowDensity::Rows found = measured_.evaluate(
          gathered(rows, which), exact_ ? Array() : gathered(probes, which), field_.theta());
      for (double v : found.log_density) out.push_back(v - plan_.data.log_scale());
    }
    return out;
  }

  double held_out_nll() { return -mean(log_density(plan_.data.held_out)); }

  double true_nll() const {
    double sum = 0;
    const Array& rows = plan_.data.held_out;
    for (int64_t r = 0; r < rows.shape[0]; ++r)
      sum -= plan_.data.log_density(plan_.data.in_data_units(rows, r));
    return sum / static_cast<double>(rows.shape[0]);
  }

  // From the base distribution back to the data, [samples, d].
  Array draw_samples() {
    const Array base = drawn(plan_.samples, dimension(), Random(e_.seed, kSamples), Probe::gaussian);
    const Array path = field_.solve(base, {plan_.times[1], plan_.times[0]});
    Array end = Array::zeros(ODEON_F64, base.shape), out = end;
    for (int64_t i = 0; i < end.size(); ++i) end.set(i, path.at(end.size() + i));
    for (int64_t r = 0; r < plan_.samples; ++r) {
      const std::vector<double> x = plan_.data.in_data_units(end, r);
      for (int64_t i = 0; i < dimension(); ++i) out.set(r * dimension() + i, x[static_cast<size_t>(i)]);
    }
    return out;
  }

  void add_picture(RunResult& r, const Array& samples) {
    const auto density = [&](const Array& points) {
      Array rows = points;
      for (int64_t k = 0; k < rows.size(); ++k) {
        const size_t i = static_cast<size_t>(k % 2);
        rows.set(k, (points.at(k) - plan_.data.mean[i]) / plan_.data.scale[i]);
      }
      std::vector<double> p = log_density(rows);
      for (double& v : p) v = std::exp(v);
      return p;
    };
    try {
      r.texts.emplace_back("density.svg", flow_picture(plan_.data, samples, density));
    } catch (const SolveFailed& e) {  // far from the data; what was learnt is kept
      log(ODEON_LOG_WARNING, std::string("density.svg is not drawn: ") + e.what());
    }
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
    add("%.9g,", bits_per_dimension(r.held_out_nll));
    if (plan_.regularisers.kinetic > 0) add("%.9g,", r.kinetic);
    if (plan_.regularisers.jacobian > 0) add("%.9g,", r.jacobian);
    add("%.4g,", r.evaluations);
    add("%.4g,", r.vjps);
    add("%.4g\n", r.seconds);
  }

  Checkpoint checkpoint(int64_t epochs_done) {
    return {field_.download().flat, optimizer_.moments(), optimizer_.steps(), epochs_done, history_};
  }

  void resume() {
    const Checkpoint c = read_flow_checkpoint(plan_, field_.theta().shape[0], e_.dtype);
    optimizer_.restore(c.moments, c.steps);
    first_epoch_ = c.epochs;
    history_ = c.history;
    backend_->upload(field_.theta().data, c.parameters.bytes.data(),
                     static_cast<int64_t>(c.parameters.bytes.size()));
  }

  const Experiment& e_;
  FlowPlan plan_;
  bool exact_;  // the densities of held-out rows and of the picture
  Gradient gradient_;
  std::shared_ptr<Backend> backend_;
  FlowDensity trained_, measured_;
  FieldRunner field_;
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
  if (!p.train.resume.empty()) read_flow_checkpoint(p, field.parameter_count(), e.dtype);
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
