#include "train/trained_flow.hpp"

#include <cmath>
#include <cstdio>
#include <numbers>
#include <numeric>

#include "engine/failure.hpp"
#include "loader/host_table.hpp"
#include "train/dataset.hpp"
#include "train/flow_picture.hpp"
#include "train/gaussian_baseline.hpp"

namespace odeon::host {
namespace {

std::string rounded(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", v);
  return text;
}

double true_nll(const FlowData& data) {
  double sum = 0;
  const int64_t rows = data.held_out.shape[0];
  for (int64_t r = 0; r < rows; ++r) sum -= data.log_density(data.in_data_units(data.held_out, r));
  return sum / static_cast<double>(rows);
}

}  // namespace

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Array drawn(int64_t rows, int64_t columns, Random random, Probe kind) {
  Array out = Array::zeros(ODEON_F64, {rows, columns});
  for (int64_t i = 0; i < out.size(); ++i)
    out.set(i, kind == Probe::gaussian ? random.normal() : random.sign());
  return out;
}

TrainedFlow::TrainedFlow(std::shared_ptr<Backend> backend, const FlowPlan& plan, Ranks& ranks, int32_t dtype,
                         uint64_t seed)
    : plan_(plan),
      ranks_(ranks),
      seed_(seed),
      exact_(plan.data.dimension() <= kLargestExactTrace),
      density_(backend, plan.parts, {exact_ ? Trace::exact : Trace::hutchinson}, plan.times, dtype),
      field_(backend, plan.field, plan.parts, dtype, seed) {}

double TrainedFlow::bits_per_dimension(double nats) const {
  return nats / (std::numbers::ln2 * static_cast<double>(plan_.data.dimension()));
}

double TrainedFlow::held_out_nll() { return -mean(log_density(plan_.data.held_out, ranks_)); }

std::vector<double> TrainedFlow::log_density(const Array& rows) {
  Ranks alone;
  return log_density(rows, alone);
}

std::vector<double> TrainedFlow::log_density(const Array& rows, Ranks& ranks) {
  const int64_t n = rows.shape[0];
  std::vector<double> out(static_cast<size_t>(n), 0);
  Array probes;
  if (!exact_) probes = drawn(n, plan_.data.dimension(), Random(seed_, kHeldOutProbe), plan_.probe);
  for (int64_t from = 0; from < n; from += plan_.train.batch) {
    if (cancel_requested()) throw Cancelled();
    const std::vector<int64_t> batch = range(from, std::min(from + plan_.train.batch, n));
    const std::span<const int64_t> mine = ranks.share(std::span(batch));
    if (mine.empty()) continue;
    const FlowDensity::Rows found =
        density_.evaluate(rows_of(rows, mine), exact_ ? Array() : rows_of(probes, mine), field_.theta());
    for (size_t i = 0; i < mine.size(); ++i)
      out[size_t(mine[i])] = found.log_density[i] - plan_.data.log_scale();
  }
  ranks.sum(out);
  return out;
}

// From the normal distribution back to the data, [samples, d].
Array TrainedFlow::draw_samples() {
  const int64_t d = plan_.data.dimension();
  const Array base = drawn(plan_.samples, d, Random(seed_, kSamples), Probe::gaussian);
  const Array path = field_.solve(base, {plan_.times[1], plan_.times[0]});
  Array end = Array::zeros(ODEON_F64, base.shape);
  for (int64_t i = 0; i < end.size(); ++i) end.set(i, path.at(end.size() + i));
  return in_data_units(end);
}

Array TrainedFlow::in_data_units(const Array& rows) const {
  Array out = rows;
  for (int64_t r = 0, k = 0; r < rows.shape[0]; ++r)
    for (double v : plan_.data.in_data_units(rows, r)) out.set(k++, v);
  return out;
}

std::string TrainedFlow::picture(const Array& samples) {
  return flow_picture(plan_.data, samples, [&](const Array& points) {
    Array rows = points;
    for (int64_t k = 0; k < rows.size(); ++k) {
      const size_t i = static_cast<size_t>(k % 2);
      rows.set(k, (points.at(k) - plan_.data.mean[i]) / plan_.data.scale[i]);
    }
    std::vector<double> p = log_density(rows);
    for (double& v : p) v = std::exp(v);
    return p;
  });
}

// Both solve where there may be no data; what was learnt is kept where they fail.
void TrainedFlow::add_drawings(RunResult& result) {
  try {
    Array samples = Array::zeros(ODEON_F64, {0, plan_.data.dimension()});
    if (plan_.samples > 0) {
      samples = draw_samples();
      result.arrays.emplace_back("samples.npy", samples.cast(field_.theta().dtype));
    }
    if (plan_.data.dimension() == 2) result.texts.emplace_back("density.svg", picture(samples));
  } catch (const SolveFailed& e) {
    log(ODEON_LOG_WARNING, std::string("samples or their picture are not drawn: ") + e.what());
  }
}

void TrainedFlow::report(RunResult& result) {
  const FlowData& data = plan_.data;
  const std::vector<double> log_densities = log_density(data.held_out);
  const double found = -mean(log_densities);
  nlohmann::ordered_json& metrics = result.record["metrics"];
  metrics["held_out_nll"] = found;
  metrics["held_out_bits_per_dimension"] = bits_per_dimension(found);
  metrics["held_out_trace"] = exact_ ? "exact" : "hutchinson";
  std::string beside;
  if (const auto gaussian = gaussian_nll(data.train, data.held_out)) {
    metrics["gaussian_nll"] = *gaussian + data.log_scale();
    beside += "; a normal distribution fitted to the others has " + rounded(metrics["gaussian_nll"]);
  }
  if (data.log_density) {
    metrics["true_nll"] = true_nll(data);
    beside += "; the true density has " + rounded(metrics["true_nll"]);
  }
  metrics["parameters"] = field_.download().flat.size();
  const int64_t rows = data.held_out.shape[0];
  result.arrays.emplace_back("held_out.npy", in_data_units(data.held_out));
  result.arrays.emplace_back("log_density.npy", Array::of(log_densities, {rows}));
  add_drawings(result);
  result.summary = "held-out rows: " + rounded(found) + " nats each, " + rounded(bits_per_dimension(found)) +
                   " bits per dimension" + beside + "\n";
}

}  // namespace odeon::host
