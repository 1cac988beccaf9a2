#include "train/series/series_data.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "experiment/experiment.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "experiment/times.hpp"
#include "train/random.hpp"
#include "train/series/series_lines.hpp"
#include "train/series/spirals.hpp"

namespace odeon::host {
namespace {

// Streams of the seed, so that another number of observations leaves the series as they are.
constexpr uint64_t kChoiceStream = 1;

constexpr int64_t kMostSeries = 1'000'000;
constexpr odeon_option number(odeon_str key, double least, double most, odeon_str doc) {
  return ranged(make_option(ODEON_OPTION_INT, key, kNoText, doc), least, most);
}
constexpr odeon_option kCount = number(str("count"), 2, double(kMostSeries), str("Spirals that are drawn."));
constexpr odeon_option kPoints =
    number(str("points"), 2, kSpiralPoints / 2 - 1, str("Points of a series, evenly spaced."));
constexpr odeon_option kExtrapolate =
    number(str("extrapolate"), 0, ODEON_UNBOUNDED_ABOVE, str("Points beyond the window, only predicted."));
constexpr odeon_option kNoise = ranged(
    make_option(ODEON_OPTION_REAL, str("noise"), kNoText, str("Standard deviation around the spirals.")), 0,
    1e3);
constexpr odeon_option kObserved =
    number(str("observed"), 1, ODEON_UNBOUNDED_ABOVE, str("Points that a model sees of each series."));
constexpr odeon_option kHeldOut = number(str("held_out"), 0, ODEON_UNBOUNDED_ABOVE,
                                         str("The last series, not trained on; without, a fifth."));
constexpr odeon_option kFile = make_option(
    ODEON_OPTION_STRING, str("file"), kNoText,
    str("An .npy [series, times, numbers] with NaN where nothing was measured, or a .csv with the columns "
        "series, time, numbers…"),
    kRequired);
constexpr odeon_option kTruth = make_option(ODEON_OPTION_STRING, str("truth"), kNoText,
                                            str("An .npy that errors are measured from, if not `file`."));
constexpr odeon_option kTimes =
    times_section(str("Of all series, rising, at any distance; a .csv has its own."), 0);
constexpr const odeon_option* kSpiralKeys[] = {&kCount, &kPoints,   &kExtrapolate,
                                               &kNoise, &kObserved, &kHeldOut};
constexpr const odeon_option* kFileKeys[] = {&kFile, &kTruth, &kTimes, &kExtrapolate, &kObserved, &kHeldOut};
constexpr odeon_option kSpirals = with_children(
    make_option(ODEON_OPTION_GROUP, str("spirals"), kNoText, str("As in Chen et al. 2018, section 5.")),
    kSpiralKeys);
constexpr odeon_option kSeries =
    with_children(make_option(ODEON_OPTION_GROUP, str("series"), kNoText, str("Your own.")), kFileKeys);
constexpr const odeon_option* kFormats[] = {&kSpirals, &kSeries};
constexpr odeon_str kTag[] = {str("format")};

int64_t read_count(const ConfigNode& data, const char* key, int64_t otherwise, int64_t least, int64_t most,
                   const std::string& meaning) {
  const ConfigNode* node = data.find(key);
  if (!node) return otherwise;
  const int64_t n = read_integer(*node, std::string("'") + key + "'");
  if (n < least || n > most)
    throw ConfigError(node->where + ": '" + key + "' must be from " + std::to_string(least) + " to " +
                      std::to_string(most) + ", " + meaning + "; found " + node->text);
  return n;
}

SeriesData read_spirals(const ConfigNode& node, uint64_t seed) {
  check_keys(node, "'data' of format spirals", kSeriesSection, "spirals");
  SpiralSettings s;
  s.count = read_count(node, "count", s.count, 2, kMostSeries, "the series");
  s.points = read_count(node, "points", s.points, 2, kSpiralPoints / 2 - 1, "points of a series");
  const int64_t room = kSpiralPoints - 2 * s.points - 1;
  s.extrapolate = read_count(node, "extrapolate", std::min(s.points, room), 0, room,
                             "what is left of a spiral of " + std::to_string(kSpiralPoints) + " points");
  s.noise = read_real(node, kNoise, s.noise);
  return make_spirals(s, seed);
}

bool is_table(const ConfigNode& file) { return file.text.ends_with(".csv"); }

Array read_values(const ConfigNode& node, const std::string& what) {
  Array a = read_array_file(node, what, Missing::nan);
  if (a.shape.size() != 3 || a.size() == 0)
    bad(node, what + ": " + resolve_path(node) + ": has the shape " + shape_text(a.shape) +
                  "; give an array [series, times, numbers], with NaN where nothing was measured");
  return a;
}

void read_times_of(SeriesData& d, const ConfigNode& times) {
  d.times = read_times(times);
  if (std::ssize(d.times) != d.points())
    bad(times, "'times' has " + std::to_string(d.times.size()) + " entries, but each series has " +
                   std::to_string(d.points()) + " points; give one each");
  if (d.times[1] < d.times[0])
    bad(times, "'times' of series must rise; found " + number_text(d.times[1]) + " after " +
                   number_text(d.times[0]));
}

// A point has all its numbers or none.
bool is_measured(const SeriesData& d, const ConfigNode& file, int64_t n, int64_t point) {
  int64_t finite = 0;
  for (int64_t k = 0; k < d.width(); ++k) finite += std::isfinite(d.values.at(d.at(n, point) + k));
  if (finite != 0 && finite != d.width())
    throw ConfigError(file.where + ": 'file': series " + std::to_string(n) + " has " +
                      std::to_string(finite) + " of " + std::to_string(d.width()) + " numbers at point " +
                      std::to_string(point) + "; a point must have all its numbers, or none (NaN)");
  return finite > 0;
}

SeriesData read_file(const ConfigNode& node) {
  check_keys(node, "'data' of format series", kSeriesSection, "series");
  SeriesData d;
  const ConfigNode& file = require_key(node, "'data'", "file");
  read_text(file, "'file'");
  const ConfigNode* times = node.find("times");
  if (is_table(file)) {
    if (times)
      throw ConfigError(times->key_where + ": 'times' stands in the second column of a .csv; remove it");
    read_series_lines(d, file);
  } else {
    d.values = read_values(file, "'file'");
    read_times_of(d, require_key(node, "'data'", "times"));
  }
  d.truth = d.values;
  if (const ConfigNode* truth = node.find("truth")) {
    read_text(*truth, "'truth'");
    d.truth = read_values(*truth, "'truth'");
    if (d.truth.shape != d.values.shape)
      throw ConfigError(truth->where + ": 'truth' has the shape " + shape_text(d.truth.shape) +
                        ", but the series have " + shape_text(d.values.shape) + "; give one number for each");
  }
  d.window = d.points() - read_count(node, "extrapolate", 0, 0, d.points() - 2,
                                     "so that two of the " + std::to_string(d.points()) + " points are left");
  return d;
}

// `wanted` of the measured points of the window for each series, or all where it has no more.
void choose_observed(SeriesData& d, const ConfigNode& place, int64_t wanted, uint64_t seed) {
  Random draws(seed, kChoiceStream);
  for (int64_t n = 0; n < d.size(); ++n) {
    std::vector<int64_t> points;
    for (int64_t i = 0; i < d.window; ++i)
      if (is_measured(d, place, n, i)) points.push_back(i);
    if (points.empty())
      throw ConfigError(place.where + ": 'file': series " + std::to_string(n) +
                        " has no number at its first " + std::to_string(d.window) +
                        " points, which a model shall see; remove the series");
    const size_t count = std::min(points.size(), static_cast<size_t>(wanted));
    for (size_t i = 0; i < count; ++i)
      std::swap(points[i], points[i + size_t(draws.below(static_cast<int64_t>(points.size() - i)))]);
    points.resize(count);
    std::sort(points.begin(), points.end());
    d.observed.push_back(std::move(points));
  }
}

}  // namespace

constinit const odeon_option kSeriesSection = with_choices(
    with_children(make_option(kTaggedSection, str("data"), kNoText, str("Time series."), kRequired),
                  kFormats),
    kTag);

int64_t SeriesData::most_observed() const {
  size_t most = 0;
  for (const auto& points : observed) most = std::max(most, points.size());
  return static_cast<int64_t>(most);
}

SeriesData read_series(const ConfigNode& node, uint64_t seed) {
  const std::vector<std::string> formats = names_of(children_of(kSeriesSection));
  const bool drawn = read_choice(require_key(node, "'data'", "format"), "'format'", formats) == 0;
  SeriesData d = drawn ? read_spirals(node, seed) : read_file(node);
  constexpr int64_t kHeldOutPart = 5;
  const int64_t by_default = d.size() == 1 ? 0 : std::max<int64_t>(1, d.size() / kHeldOutPart);
  d.training = d.size() - read_count(node, "held_out", by_default, 0, d.size() - 1,
                                     "so that one series is left to train on");
  const int64_t wanted =
      read_count(node, "observed", d.window, 1, d.window, "the points that a model can see of a series");
  choose_observed(d, drawn ? node : *node.find("file"), wanted, seed);
  return d;
}

double prediction_error(const SeriesData& d, const Array& predictions, int64_t first, int64_t from,
                        int64_t to) {
  double sum = 0;
  int64_t count = 0;
  const int64_t row = d.points() * d.width();
  for (int64_t n = 0; n < predictions.shape[0]; ++n)
    for (int64_t i = from * d.width(); i < to * d.width(); ++i) {
      const double difference = predictions.at(n * row + i) - d.truth.at((first + n) * row + i);
      if (std::isnan(difference)) continue;
      sum += difference * difference;
      ++count;
    }
  return count > 0 ? std::sqrt(sum / static_cast<double>(count)) : std::nan("");
}

}  // namespace odeon::host
