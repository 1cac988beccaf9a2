#include "train/flow_data.hpp"

#include <cmath>
#include <filesystem>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "experiment/experiment.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "train/dataset.hpp"
#include "train/two_moons.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option kCount = ranged(
    make_option(ODEON_OPTION_INT, str("count"), kNoText, str("Points that are drawn."), kRequired), 1, 1e6);
constexpr odeon_option kNoise = ranged(
    make_option(ODEON_OPTION_REAL, str("noise"), str("0.1"), str("Standard deviation around the moons.")),
    0.01, 1);
constexpr odeon_option kHeldOut = ranged(
    make_option(ODEON_OPTION_INT, str("held_out"), kNoText, str("Rows not trained on; without, a tenth.")), 1,
    ODEON_UNBOUNDED_ABOVE);
constexpr odeon_option kFile = make_option(ODEON_OPTION_STRING, str("file"), kNoText,
                                           str("A table, .npy [rows, columns] or .csv."), kRequired);
constexpr odeon_option kStandardise =
    make_option(ODEON_OPTION_BOOL, str("standardise"), str("true"),
                str("Each column by the mean and deviation of the training rows."));
constexpr const odeon_option* kMoonsKeys[] = {&kCount, &kNoise, &kHeldOut};
constexpr const odeon_option* kTableKeys[] = {&kFile, &kHeldOut, &kStandardise};
constexpr odeon_option kMoons = with_children(
    make_option(ODEON_OPTION_GROUP, str("two_moons"), kNoText, str("Two half circles.")), kMoonsKeys);
constexpr odeon_option kTable =
    with_children(make_option(ODEON_OPTION_GROUP, str("table"), kNoText, str("Rows of a file.")), kTableKeys);
constexpr const odeon_option* kFormats[] = {&kMoons, &kTable};
constexpr odeon_str kTag[] = {str("format")};

// The last rows are held out: a tenth of them unless the section says how many.
int64_t read_held_out(const ConfigNode& node, int64_t rows) {
  if (rows < 2) bad(node, "the data must have at least two rows, one of them held out; found one");
  const ConfigNode* held_out = node.find("held_out");
  if (!held_out) return std::max<int64_t>(1, rows / 10);
  const int64_t count = read_integer(*held_out, "'held_out'");
  if (count < 1 || count > rows - 1)
    bad(*held_out, "'held_out' must be from 1 to " + std::to_string(rows - 1) +
                       ", one less than the rows; found " + held_out->text);
  return count;
}

void split(FlowData& data, const Array& all, const std::vector<int64_t>& order, int64_t held_out) {
  data.train = rows_of(all, {order.begin(), order.end() - held_out});
  data.held_out = rows_of(all, {order.end() - held_out, order.end()});
}

FlowData read_two_moons(const ConfigNode& node, uint64_t seed) {
  check_keys(node, "'data' of format two_moons", kFlowDataSection, "two_moons");
  require_key(node, "'data'", "count");
  const int64_t count = read_integer(node, kCount, 0);
  const double noise = read_real(node, kNoise, 0.1);
  FlowData data;
  data.mean = {0, 0}, data.scale = {1, 1};
  data.log_density = [noise](const std::vector<double>& x) {
    return two_moons_log_density(x[0], x[1], noise);
  };
  split(data, two_moons(count, noise, seed), epoch_order(count, seed, 0, false), read_held_out(node, count));
  return data;
}

Array read_table_file(const ConfigNode& file) {
  read_text(file, "'file'");
  const std::string path = resolve_path(file), ending = std::filesystem::path(path).extension();
  if (ending != ".npy" && ending != ".csv")
    bad(file, "'file' of a table must end in .npy or .csv; found '" + file.text + "'");
  const Array a = read_array_file(file, "'file'");
  if (a.shape.size() != 2 || a.size() == 0)
    bad(file, "'file': " + path + ": a table has the shape [rows, columns]; found " + shape_text(a.shape));
  return a;
}

// Mean and deviation of the training rows. A constant column has no density.
void standardise(FlowData& data, const ConfigNode& file) {
  const int64_t d = data.dimension(), n = data.train.shape[0];
  for (int64_t i = 0; i < d; ++i) {
    double sum = 0, squares = 0;
    for (int64_t r = 0; r < n; ++r) sum += data.train.at(r * d + i);
    const double mean = sum / static_cast<double>(n);
    for (int64_t r = 0; r < n; ++r) squares += std::pow(data.train.at(r * d + i) - mean, 2);
    const double deviation = std::sqrt(squares / static_cast<double>(n));
    if (!(deviation > 0))
      bad(file, "'file': column " + std::to_string(i) + " has the same number in every training row, " +
                    number_text(mean) + ", so that it has no density; leave it out");
    data.mean[size_t(i)] = mean, data.scale[size_t(i)] = deviation;
  }
  for (Array* rows : {&data.train, &data.held_out})
    for (int64_t k = 0; k < rows->size(); ++k)
      rows->set(k, (rows->at(k) - data.mean[size_t(k % d)]) / data.scale[size_t(k % d)]);
}

FlowData read_table(const ConfigNode& node, uint64_t seed) {
  check_keys(node, "'data' of format table", kFlowDataSection, "table");
  const ConfigNode& file = require_key(node, "'data'", "file");
  const Array all = read_table_file(file);
  FlowData data;
  data.mean.assign(size_t(all.shape[1]), 0.0), data.scale.assign(size_t(all.shape[1]), 1.0);
  split(data, all, epoch_order(all.shape[0], seed, 0, true), read_held_out(node, all.shape[0]));
  if (read_boolean(node, kStandardise, true)) standardise(data, file);
  return data;
}

}  // namespace

constinit const odeon_option kFlowDataSection =
    with_choices(with_children(make_option(kTaggedSection, str("data"), kNoText,
                                           str("The rows whose density is fitted."), kRequired),
                               kFormats),
                 kTag);

Array rows_of(const Array& all, std::span<const int64_t> which) {
  const int64_t d = all.shape[1];
  Array out = Array::zeros(ODEON_F64, {static_cast<int64_t>(which.size()), d});
  for (size_t r = 0; r < which.size(); ++r)
    for (int64_t i = 0; i < d; ++i) out.set(static_cast<int64_t>(r) * d + i, all.at(which[r] * d + i));
  return out;
}

double FlowData::log_scale() const {
  double sum = 0;
  for (double s : scale) sum += std::log(s);
  return sum;
}

std::vector<double> FlowData::in_data_units(const Array& rows, int64_t row) const {
  std::vector<double> x;
  for (int64_t i = 0; i < dimension(); ++i)
    x.push_back(mean[size_t(i)] + scale[size_t(i)] * rows.at(row * dimension() + i));
  return x;
}

FlowData read_flow_data(const ConfigNode& node, uint64_t seed) {
  const ConfigNode& format = require_key(node, "'data'", "format");
  const std::vector<std::string> formats = names_of(children_of(kFlowDataSection));
  return read_choice(format, "'format' for a flow", formats) == 0 ? read_two_moons(node, seed)
                                                                  : read_table(node, seed);
}

}  // namespace odeon::host
