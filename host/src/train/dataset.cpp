#include "train/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>

#include "data/error.hpp"
#include "data/idx.hpp"
#include "experiment/experiment.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

// The file by its published name, packed or not; empty when it is not there.
std::string path_of(const std::string& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"})
    if (std::filesystem::exists(folder + "/" + name + ending)) return folder + "/" + name + ending;
  return "";
}

std::string find_file(const std::string& folder, const std::string& name, const ConfigNode& node) {
  if (const std::string path = path_of(folder, name); !path.empty()) return path;
  throw ConfigError(node.where + ": " + folder + " has no " + name + " (nor " + name +
                    ".gz); put the IDX files of MNIST or Fashion-MNIST there, or name another 'directory'");
}

Dataset load(const std::string& images_path, const std::string& labels_path, double scale, double mean,
             double std, int32_t dtype) {
  const Array raw = read_idx(images_path), labels = read_idx(labels_path);
  if (raw.shape.size() != 3)
    throw RunError(images_path + ": holds no images (3 dimensions) but " + std::to_string(raw.shape.size()) +
                   " dimensions");
  if (raw.size() == 0) throw RunError(images_path + ": holds no pixel; name another folder");
  if (labels.shape.size() != 1 || labels.shape[0] != raw.shape[0])
    throw RunError(labels_path + ": must hold one label for each of the " + std::to_string(raw.shape[0]) +
                   " images of " + images_path);
  Dataset d;
  d.images = Array::zeros(dtype, {raw.shape[0], 1, raw.shape[1], raw.shape[2]});
  for (int64_t i = 0; i < raw.size(); ++i) d.images.set(i, (raw.at(i) / scale - mean) / std);
  for (int64_t i = 0; i < labels.size(); ++i) d.labels.push_back(static_cast<int64_t>(labels.at(i)));
  return d;
}

}  // namespace

std::vector<int64_t> range(int64_t from, int64_t to) {
  std::vector<int64_t> out(static_cast<size_t>(to - from));
  std::iota(out.begin(), out.end(), from);
  return out;
}

std::vector<int64_t> epoch_order(int64_t n, uint64_t seed, int64_t epoch, bool shuffle) {
  std::vector<int64_t> order = range(0, n);
  std::mt19937_64 engine(seed * 1'000'003 + static_cast<uint64_t>(epoch));
  for (size_t i = order.size(); shuffle && i > 1; --i) std::swap(order[i - 1], order[engine() % i]);
  return order;
}

LabelledBatch gather(const Dataset& data, std::span<const int64_t> which, int64_t classes) {
  LabelledBatch b;
  std::vector<int64_t> shape = data.images.shape;
  shape[0] = static_cast<int64_t>(which.size());
  b.inputs = Array::zeros(data.images.dtype, shape);
  b.one_hot = Array::zeros(data.images.dtype, {shape[0], classes});
  const size_t row = data.size() > 0 ? data.images.bytes.size() / static_cast<size_t>(data.size()) : 0;
  for (size_t r = 0; r < which.size(); ++r) {
    std::memcpy(b.inputs.bytes.data() + r * row,
                data.images.bytes.data() + static_cast<size_t>(which[r]) * row, row);
    const int64_t label = data.labels[size_t(which[r])];
    if (label >= classes)
      throw RunError("the data has label " + std::to_string(label) + ", but the model ends with " +
                     std::to_string(classes) + " logits; widen its last layer");
    b.one_hot.set(static_cast<int64_t>(r) * classes + label, 1);
  }
  return b;
}

namespace {
constexpr odeon_option kDirectory =
    make_option(ODEON_OPTION_STRING, str("directory"), kNoText,
                str("Folder of the four IDX files, also gzipped."), kRequired);
constexpr odeon_option kShape =
    ranged(make_option(ODEON_OPTION_REALS, str("shape"), kNoText,
                       str("Of one image, [1, height, width]; lets `odeon validate` do without the files.")),
           1, 1 << 16);
constexpr odeon_option kScale =
    ranged(make_option(ODEON_OPTION_REAL, str("scale"), str("255"), str("Pixels are divided by it.")), 0,
           ODEON_UNBOUNDED_ABOVE, ODEON_OPTION_MIN_EXCLUSIVE);
constexpr odeon_option kMean =
    make_option(ODEON_OPTION_REAL, str("mean"), str("0"), str("Subtracted from scaled pixels."));
constexpr odeon_option kStd = ranged(
    make_option(ODEON_OPTION_REAL, str("std"), str("1"), str("Divides what the mean was subtracted from.")),
    0, ODEON_UNBOUNDED_ABOVE, ODEON_OPTION_MIN_EXCLUSIVE);
constexpr const odeon_option* kIdxKeys[] = {&kDirectory, &kShape, &kScale, &kMean, &kStd};
constexpr odeon_option kIdx = with_children(
    make_option(ODEON_OPTION_GROUP, str("idx"), kNoText, str("Images and labels as MNIST has them.")),
    kIdxKeys);
constexpr const odeon_option* kFormats[] = {&kIdx};
constexpr odeon_str kTag[] = {str("format")};
}  // namespace

constinit const odeon_option kImageSection = with_choices(
    with_children(make_option(kTaggedSection, str("data"), kNoText, str("Labelled images."), kRequired),
                  kFormats),
    kTag);

std::vector<int64_t> read_image_shape(const ConfigNode& node) {
  check_keys(node, "'data'", kImageSection, "idx");
  const ConfigNode* shape = node.find("shape");
  if (!shape) return {};
  std::vector<int64_t> out;
  for (const ConfigNode& d : shape->items) out.push_back(read_integer(d, "each of 'shape'"));
  constexpr int64_t kLargest = 1 << 16;
  const bool good = std::all_of(out.begin(), out.end(), [](int64_t d) { return d >= 1 && d <= kLargest; });
  if (out.size() != 3 || out[0] != 1 || !good)
    throw ConfigError(shape->where + ": 'shape' must be that of one image, [1, height, width]; found " +
                      (out.empty() ? describe(*shape) : shape_text(out)));
  return out;
}

bool images_are_here(const ConfigNode& node) {
  const ConfigNode* directory = node.find("directory");
  return directory && !path_of(resolve_path(*directory), "train-images-idx3-ubyte").empty();
}

ImageData load_images(const ConfigNode& node, int32_t dtype) {
  const std::vector<int64_t> shape = read_image_shape(node);
  const ConfigNode& format = require_key(node, "'data'", "format");
  if (read_text(format, "'format'") != "idx")
    throw ConfigError(format.where + ": 'format' must be idx for a model; found '" + format.text + "'");
  const ConfigNode& directory = require_key(node, "'data'", "directory");
  read_text(directory, "'directory'");
  const std::string folder = resolve_path(directory);
  const double scale = read_real(node, kScale, 255), mean = read_real(node, kMean, 0),
               std = read_real(node, kStd, 1);
  const auto part = [&](const std::string& name) {
    const std::string images = find_file(folder, name + "-images-idx3-ubyte", directory);
    return load(images, find_file(folder, name + "-labels-idx1-ubyte", directory), scale, mean, std, dtype);
  };
  try {
    ImageData data{part("train"), part("t10k")};
    if (data.test.row_shape() != data.train.row_shape())
      throw RunError(folder + ": the test images have another size, " + shape_text(data.test.row_shape()) +
                     ", than the training images, " + shape_text(data.train.row_shape()));
    if (!shape.empty() && shape != data.train.row_shape())
      throw ConfigError(node.find("shape")->where + ": 'shape' is " + shape_text(shape) +
                        ", but the images are " + shape_text(data.train.row_shape()) +
                        "; correct or remove it");
    return data;
  } catch (const RunError& e) {
    throw ConfigError(directory.where + ": 'directory': " + e.what());
  }
}

}  // namespace odeon::host
