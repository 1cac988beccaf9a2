#include "train/series/recurrent_forecast.hpp"

#include <cmath>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "experiment/experiment.hpp"

namespace odeon::host {

const odeon_option& recurrent_section() {
  static constexpr odeon_option kCell = cell_section(str("cell"), str("What reads the observations."));
  static const odeon_option* const keys[] = {&kCell, &kTimeStepKey, &decoder_section(), &kNoiseKey};
  static const odeon_option section =
      with_children(make_option(ODEON_OPTION_GROUP, str("recurrent"), kNoText,
                                str("A recurrent network that predicts the next observation."), kRequired),
                    keys);
  return section;
}

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
  check_keys(node, "'recurrent'", recurrent_section());
  const CellChoice cell = read_cell(require_key(node, "'recurrent'", "cell"), "'cell'");
  gaps_ = read_boolean(node, kTimeStepKey, true);
  hidden_ = cell.hidden;
  cell_ = cell_graph(cell, data.width() + gaps_, parameters_, "cell.");
  decoder_ = read_decoder(node, hidden_, data.width(), registry, parameters_);
}

RecurrentForecast::~RecurrentForecast() = default;

std::string RecurrentForecast::summary() const {
  return "  total: " + std::to_string(parameters_.count) + " parameters\n";
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

SeriesLoss RecurrentForecast::differentiate(std::span<const int64_t> series, const Array&, PassCosts&) {
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

// A step from the state before the last observation, which it reads with the time from there to the point.
void RecurrentForecast::predict_window(Batch& batch, std::span<const int64_t> series, Array& out) {
  const int64_t rows = batch.rows, width = data_.width();
  const Array states = download(*backend_, batch.cell.states());
  std::vector<size_t> read(size_t(rows), 0);  // observations before the point
  for (int64_t t = 0; t < data_.window; ++t) {
    Array from = Array::zeros(dtype_, {rows, hidden_}), input = Array::zeros(dtype_, {rows, width + gaps_});
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t n = series[size_t(r)];
      const std::vector<int64_t>& points = data_.observed[size_t(n)];
      size_t& k = read[size_t(r)];
      if (k < points.size() && points[k] < t) ++k;
      if (k == 0) continue;
      const int64_t last = points[k - 1];
      for (int64_t i = 0; i < hidden_; ++i)
        from.set(r * hidden_ + i, states.at(((static_cast<int64_t>(k) - 1) * rows + r) * hidden_ + i));
      for (int64_t i = 0; i < width; ++i)
        input.set(r * (width + gaps_) + i, data_.values.at(data_.at(n, last) + i));
      if (gaps_) input.set(r * (width + 1) + width, data_.times[size_t(t)] - data_.times[size_t(last)]);
    }
    upload(*backend_, batch.state[0].view, from);
    batch.cell.step(device_->theta.view, batch.state[0].view, input, batch.state[1].view);
    const Array found = batch.one.decode(device_->theta.view, batch.state[1].view);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = 0; i < width; ++i)
        out.set((r * data_.points() + t) * width + i,
                read[size_t(r)] > 0 ? found.at(r * width + i) : std::nan(""));
  }
}

void RecurrentForecast::predict_beyond(Batch& batch, Array& out) {
  const int64_t rows = batch.rows, width = data_.width(), last = batch.cell.states().shape[0] - 1;
  // A masked step keeps the state, so that the last one is that behind the last observation.
  odeon_tensor state = row(batch.cell.states(), last);
  for (int64_t t = data_.window; t < data_.points(); ++t) {
    const Array found = batch.one.decode(device_->theta.view, state);
    Array input = Array::zeros(dtype_, {rows, width + gaps_});
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        out.set((r * data_.points() + t) * width + i, found.at(r * width + i));
        input.set(r * (width + gaps_) + i, found.at(r * width + i));
      }
      if (gaps_ && t + 1 < data_.points())
        input.set(r * (width + 1) + width, data_.times[size_t(t) + 1] - data_.times[size_t(t)]);
    }
    const odeon_tensor& to = batch.state[t % 2].view;
    batch.cell.step(device_->theta.view, state, input, to);
    state = to;
  }
}

Array RecurrentForecast::predict(std::span<const int64_t> series, PassCosts&) {
  Batch& batch = batch_of(static_cast<int64_t>(series.size()));
  read(batch, series);
  Array out = Array::zeros(ODEON_F64, {batch.rows, data_.points(), data_.width()});
  predict_window(batch, series, out);
  predict_beyond(batch, out);
  return out;
}

}  // namespace odeon::host
