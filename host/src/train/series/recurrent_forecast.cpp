#include "train/series/recurrent_forecast.hpp"

#include <cmath>

#include "data/error.hpp"
#include "experiment/experiment.hpp"
#include "train/series/device_arrays.hpp"

namespace odeon::host {

struct RecurrentForecast::Batch {
  int64_t rows;
  Recurrence cell;
  DecoderProgram decoder;  // of the states behind all steps
  DecoderProgram one;      // of one state
  DeviceTensor state[2];   // beyond the window, in turn

  // [steps * rows, hidden]: behind each step.
  odeon_tensor behind(const odeon_tensor& states) const {
    const odeon_tensor first = row(states, 1);
    return make_tensor(first.data, first.dtype, {(states.shape[0] - 1) * rows, states.shape[2]});
  }
};

RecurrentForecast::RecurrentForecast(const ConfigNode& node, const SeriesData& data, const Registry& registry,
                                     int32_t dtype)
    : data_(data), dtype_(dtype) {
  check_keys(node, "'recurrent'", {"cell", "time_step", "decoder", "noise"});
  const CellChoice cell = read_cell(require_key(node, "'recurrent'", "cell"), "'cell'");
  const ConfigNode* gaps = node.find("time_step");
  gaps_ = !gaps || read_boolean(*gaps, "'time_step'");
  hidden_ = cell.hidden;
  cell_ = cell_graph(cell, data.width() + gaps_, parameters_, "cell.");
  decoder_ = read_decoder(node, hidden_, data.width(), registry, parameters_);
}

RecurrentForecast::~RecurrentForecast() = default;

std::string RecurrentForecast::summary() const {
  return "  total: " + std::to_string(parameters_.count) + " parameters\n";
}

void RecurrentForecast::bind(std::shared_ptr<Backend> backend, const DeviceParameters& parameters) {
  backend_ = std::move(backend);
  device_ = &parameters;
}

RecurrentForecast::Batch& RecurrentForecast::batch_of(int64_t rows) {
  auto& slot = batches_[rows];
  if (slot) return *slot;
  const int64_t steps = data_.most_observed();
  const auto state = [&] { return DeviceTensor(backend_, dtype_, std::vector<int64_t>{rows, hidden_}); };
  slot.reset(new Batch{rows,
                       {backend_, cell_, dtype_, steps, rows},
                       {backend_, decoder_, dtype_, steps * rows},
                       {backend_, decoder_, dtype_, rows},
                       {state(), state()}});
  return *slot;
}

void RecurrentForecast::read(Batch& batch, std::span<const int64_t> series) {
  const Sequences read = read_forwards(data_, series, gaps_, dtype_);
  batch.cell.forward(device_->theta.view, read.inputs, read.mask);
}

SeriesLoss RecurrentForecast::differentiate(std::span<const int64_t> series, RandomDraws&, PassCosts&) {
  Batch& batch = batch_of(static_cast<int64_t>(series.size()));
  const double each = 1 / static_cast<double>(batch.rows);
  read(batch, series);
  backend_->fill(device_->gradient.view, 0);
  backend_->fill(batch.cell.cotangents(), 0);
  const Targets targets = next_targets(data_, series, dtype_);
  const double misfit = batch.decoder.differentiate(*device_, batch.behind(batch.cell.states()), targets,
                                                    each, batch.behind(batch.cell.cotangents()));
  batch.cell.backward(device_->theta.view, device_->gradient.view);
  return {(misfit + decoder_.constant(targets.count)) * each, 0};
}

Array RecurrentForecast::predict(std::span<const int64_t> series, PassCosts&) {
  Batch& batch = batch_of(static_cast<int64_t>(series.size()));
  read(batch, series);
  const odeon_tensor& theta = device_->theta.view;
  const int64_t rows = batch.rows, width = data_.width();
  Array out = Array::zeros(ODEON_F64, {rows, data_.points(), width});
  for (int64_t i = 0; i < out.size(); ++i) out.set(i, std::nan(""));
  const auto put = [&](int64_t r, int64_t point, const Array& from, int64_t from_row) {
    for (int64_t i = 0; i < width; ++i)
      out.set((r * data_.points() + point) * width + i, from.at(from_row * width + i));
  };
  const Array next = batch.decoder.decode(theta, batch.behind(batch.cell.states()));
  for (int64_t r = 0; r < rows; ++r) {
    const std::vector<int64_t>& points = data_.observed[size_t(series[size_t(r)])];
    for (size_t k = 0; k + 1 < points.size(); ++k)
      put(r, points[k + 1], next, static_cast<int64_t>(k) * rows + r);
  }
  // A masked step keeps the state, so that the last one is that behind the last observation.
  odeon_tensor state = row(batch.cell.states(), batch.cell.states().shape[0] - 1);
  for (int64_t t = data_.window; t < data_.points(); ++t) {
    const Array found = batch.one.decode(theta, state);
    for (int64_t r = 0; r < rows; ++r) put(r, t, found, r);
    if (t + 1 == data_.points()) break;
    Array input = Array::zeros(dtype_, {rows, width + gaps_});
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < width; ++i) input.set(r * (width + gaps_) + i, found.at(r * width + i));
      if (gaps_) input.set(r * (width + 1) + width, data_.times[size_t(t) + 1] - data_.times[size_t(t)]);
    }
    const odeon_tensor to = batch.state[t % 2].view;
    batch.cell.step(theta, state, input, to);
    state = to;
  }
  return out;
}

}  // namespace odeon::host
