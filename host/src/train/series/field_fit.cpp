#include "train/series/field_fit.hpp"

#include <cmath>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/series/sequences.hpp"
#include "train/series/series_solve.hpp"

namespace odeon::host {
namespace {

void require_first_points(const SeriesData& data, const ConfigNode& place) {
  for (int64_t n = 0; n < data.size(); ++n)
    if (!std::isfinite(data.values.at(data.at(n, 0))))
      throw ConfigError(
          place.where + ": series " + std::to_string(n) +
          " has no number at the first time, where the field begins from; remove the series, or let it "
          "begin later in a fit of its own");
}

// The loss and dL/dstates: of each series the mean over what was observed of it behind its first point.
double mean_squares(const Array& found, const Targets& targets, int64_t rows, Array& cotangent) {
  const int64_t width = targets.values.shape[1], points = targets.values.shape[0];
  std::vector<double> each(size_t(rows), 0.0);
  for (int64_t i = rows; i < points; ++i)
    each[size_t(i % rows)] += targets.weight.at(i) * static_cast<double>(width);
  for (double& e : each) e = e > 0 ? 1 / (e * static_cast<double>(rows)) : 0;
  double loss = 0;
  for (int64_t i = rows; i < points; ++i)
    for (int64_t k = i * width; k < (i + 1) * width && targets.weight.at(i) > 0; ++k) {
      const double d = found.at(k) - targets.values.at(k);
      loss += each[size_t(i % rows)] * d * d;
      cotangent.set(k, 2 * each[size_t(i % rows)] * d);
    }
  return loss;
}

}  // namespace

struct FieldFit::Batch {
  DeviceTensor y0, gy0;
  SeriesSolve solve;
};

FieldFit::FieldFit(const ConfigNode& root, const SeriesData& data, const Registry& registry, int32_t dtype)
    : data_(data), dtype_(dtype) {
  const auto section = [&](const char* key) -> const ConfigNode& {
    return require_key(root, "task train", key);
  };
  const ConfigNode& place = section("data");
  choice_ = read_field(section("field"), registry);
  const ComponentChoice solver = bind_component(ODEON_KIND_SOLVER, section("solver"), registry);
  const ComponentChoice gradient = bind_component(ODEON_KIND_GRADIENT, section("gradient"), registry);
  ode_ = fit_parts(choice_, solver, {data.width()}, data.times, "a point of the series", place.where);
  check_gradient(gradient, ode_);
  if (ode_.field->parameter_count() == 0)
    throw ConfigError(section("field").where + ": field '" + ode_.field->id() +
                      "' has no parameters that could be fitted; give it some");
  require_first_points(data, place);
  gradient_ = std::make_unique<Gradient>(gradient);
  parameters_.add(*ode_.field, "");
}

FieldFit::~FieldFit() = default;

std::string FieldFit::summary() const { return "parameters: " + std::to_string(parameters_.count) + "\n"; }

ParameterSet FieldFit::start(int32_t dtype, uint64_t seed) const {
  return starting_parameters(*ode_.field, choice_, dtype, seed);
}

FieldFit::Batch& FieldFit::batch_of(int64_t rows) {
  auto& slot = batches_[rows];
  if (slot) return *slot;
  const auto state = [&] {
    return DeviceTensor(backend_, dtype_, std::vector<int64_t>{rows, data_.width()});
  };
  slot.reset(
      new Batch{state(), state(), {backend_, ode_, data_, dtype_, rows, data_.width(), device_->theta.view}});
  return *slot;
}

void FieldFit::upload_first_points(Batch& batch, std::span<const int64_t> series) {
  Array first = Array::zeros(dtype_, {std::ssize(series), data_.width()});
  for (int64_t i = 0; i < first.size(); ++i)
    first.set(i, data_.values.at(data_.at(series[size_t(i / data_.width())], 0) + i % data_.width()));
  upload(*backend_, batch.y0.view, first);
}

SeriesLoss FieldFit::differentiate(std::span<const int64_t> series, const Array&, PassCosts& costs) {
  Batch& batch = batch_of(std::ssize(series));
  upload_first_points(batch, series);
  backend_->fill(device_->gradient.view, 0);
  double loss = 0;
  batch.solve.differentiate(
      *gradient_, batch.y0.view, batch.gy0.view, device_->gradient.view, costs,
      [&](const odeon_tensor& ys, const odeon_tensor& gys) {
        Array cotangent = Array::zeros(dtype_, {data_.window, std::ssize(series), data_.width()});
        loss = mean_squares(download(*backend_, ys), observed_targets(data_, series, dtype_),
                            std::ssize(series), cotangent);
        upload(*backend_, gys, cotangent);
      });
  return {loss, 0};
}

Array FieldFit::predict(std::span<const int64_t> series, PassCosts& costs) {
  Batch& batch = batch_of(std::ssize(series));
  upload_first_points(batch, series);
  const bool whole = batch.solve.predict(batch.y0.view, costs);
  return by_series(data_, download(*backend_, batch.solve.all_ys()), std::ssize(series), whole);
}

}  // namespace odeon::host
