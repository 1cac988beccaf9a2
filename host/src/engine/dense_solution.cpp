#include <algorithm>
#include <cmath>
#include <odeon/host/dense_solution.hpp>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "data/safetensors.hpp"
#include "engine/chebyshev.hpp"

namespace odeon::host {
namespace {

int64_t elements(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (int64_t d : shape) n *= d;
  return n;
}

// True where the track, in its direction, covers t; a little round-off beyond the ends is forgiven.
bool covers(const std::vector<double>& times, double t) {
  const double low = std::min(times.front(), times.back()), high = std::max(times.front(), times.back());
  const double slack = 1e-12 * (high - low);
  return t >= low - slack && t <= high + slack;
}

const NamedArray* find(const std::vector<NamedArray>& file, const std::string& name) {
  for (const NamedArray& a : file)
    if (a.name == name) return &a;
  return nullptr;
}

}  // namespace

DenseSolution::DenseSolution(std::vector<int64_t> state_shape, int64_t batch, int degree)
    : state_shape_(std::move(state_shape)), batch_(batch), degree_(degree) {}

double DenseSolution::node(int degree, int j) { return chebyshev_node(degree, j); }

double DenseSolution::start() const { return tracks_.empty() ? NAN : tracks_.front().times.front(); }

double DenseSolution::stop() const {
  double stop = tracks_.empty() ? NAN : tracks_.front().times.back();
  for (const Track& track : tracks_)
    if (std::abs(track.times.back() - start()) < std::abs(stop - start())) stop = track.times.back();
  return stop;
}

std::vector<double> DenseSolution::at(double t) const {
  std::vector<double> out(static_cast<size_t>(batch_ * elements(state_shape_)));
  const size_t each = tracks_.empty() ? 0 : out.size() / tracks_.size();
  for (size_t i = 0; i < tracks_.size(); ++i) {
    if (!covers(tracks_[i].times, t))
      throw RunError("the dense solution" +
                     (tracks_.size() > 1 ? " of row " + std::to_string(i) : std::string()) +
                     " runs from t = " + number_text(tracks_[i].times.front()) + " to " +
                     number_text(tracks_[i].times.back()) + ", and t = " + number_text(t) +
                     " is not inside; ask for a time in between, or solve further");
    evaluate(tracks_[i], t, {out.data() + i * each, each});
  }
  return out;
}

void DenseSolution::evaluate(const Track& track, double t, std::span<double> out) const {
  const std::vector<double>& times = track.times;
  const size_t step = step_at(times, t), points = static_cast<size_t>(degree_) + 1, n = out.size();
  std::vector<double> weights(points);
  chebyshev_weights(degree_, (t - times[step]) / (times[step + 1] - times[step]), weights);
  const double* values = track.values.data() + step * points * n;
  std::fill(out.begin(), out.end(), 0.0);
  for (size_t j = 0; j < points; ++j)
    for (size_t i = 0; weights[j] != 0 && i < n; ++i) out[i] += weights[j] * values[j * n + i];
}

// Names: "0.times" [steps + 1] and "0.values" [steps, degree + 1, rows, state…], one pair per track.
void DenseSolution::write(const std::string& path) const {
  std::vector<NamedArray> file;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    const Track& track = tracks_[i];
    std::vector<int64_t> shape{static_cast<int64_t>(track.times.size()) - 1, degree_ + 1,
                               batch_ / static_cast<int64_t>(tracks_.size())};
    shape.insert(shape.end(), state_shape_.begin(), state_shape_.end());
    file.push_back({std::to_string(i) + ".times", Array::of(track.times, {shape[0] + 1})});
    file.push_back({std::to_string(i) + ".values", Array::of(track.values, shape)});
  }
  write_safetensors(path, file);
}

DenseSolution DenseSolution::read(const std::string& path) {
  const std::vector<NamedArray> file = read_safetensors(path);
  const auto bad = [&](const std::string& rule) {
    throw RunError(path + ": is no dense solution: " + rule + "; write it with output: {dense: true}");
  };
  DenseSolution out;
  const size_t tracks = file.size() / 2;
  for (size_t i = 0; i < tracks; ++i) {
    const std::string name = std::to_string(i);
    const NamedArray *times = find(file, name + ".times"), *values = find(file, name + ".values");
    if (!times || !values) bad("'" + name + ".times' and '" + name + ".values' must both be there");
    const std::vector<int64_t>& v = values->array.shape;
    const std::vector<int64_t>& t = times->array.shape;
    if (t.size() != 1 || v.size() < 3 || v[0] < 1 || t[0] != v[0] + 1 || v[1] < 2 || v[1] > 32)
      bad("'" + name + ".values' must have the shape [steps, degree + 1, rows, state] and '" + name +
          ".times' one more entry than steps");
    const std::vector<int64_t> state(v.begin() + 3, v.end());
    if (i == 0) out = DenseSolution(state, v[2] * static_cast<int64_t>(tracks), static_cast<int>(v[1]) - 1);
    if (state != out.state_shape_ || v[2] * static_cast<int64_t>(tracks) != out.batch_ ||
        v[1] != out.degree_ + 1)
      bad("all tracks must have the shape of the first");
    Track track{times->array.to_doubles(), values->array.to_doubles()};
    const double direction = track.times.back() - track.times.front();
    for (size_t k = 1; k < track.times.size(); ++k)
      if (!((track.times[k] - track.times[k - 1]) * direction > 0) || !std::isfinite(track.times[k]))
        bad("'" + name + ".times' must be strictly monotone");
    out.tracks_.push_back(std::move(track));
  }
  if (out.tracks_.empty() || file.size() != 2 * tracks) bad("it must hold pairs of times and values");
  return out;
}

}  // namespace odeon::host
