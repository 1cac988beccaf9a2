#include "train/dataset.hpp"

#include <cstring>
#include <filesystem>

#include "data/error.hpp"
#include "data/idx.hpp"
#include "experiment/experiment.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

// The file by its published name, packed or not.
std::string find_file(const std::string& folder, const std::string& name, const ConfigNode& node) {
  for (const char* ending : {"", ".gz"})
    if (std::filesystem::exists(folder + "/" + name + ending)) return folder + "/" + name + ending;
  throw ConfigError(node.where + ": " + folder + " has no " + name + " (nor " + name +
                    ".gz); put the IDX files of MNIST or Fashion-MNIST there, or name another 'directory'");
}

Dataset load(const std::string& images_path, const std::string& labels_path, double scale, double mean,
             double std, int32_t dtype) {
  const Array raw = read_idx(images_path), labels = read_idx(labels_path);
  if (raw.shape.size() != 3)
    throw RunError(images_path + ": holds no images (3 dimensions) but " + std::to_string(raw.shape.size()) +
                   " dimensions");
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

ImageData load_images(const ConfigNode& node, int32_t dtype) {
  check_keys(node, "'data'", {"format", "directory", "shape", "scale", "mean", "std"});
  const ConfigNode& format = require_key(node, "'data'", "format");
  if (read_text(format, "'format'") != "idx")
    throw ConfigError(format.where + ": 'format' must be idx for a model; found '" + format.text + "'");
  const ConfigNode& directory = require_key(node, "'data'", "directory");
  read_text(directory, "'directory'");
  const std::string folder = resolve_path(directory);
  const auto number = [&](const char* key, double otherwise) {
    const ConfigNode* n = node.find(key);
    return n ? read_real(*n, std::string("'") + key + "'") : otherwise;
  };
  const double scale = number("scale", 255), mean = number("mean", 0), std = number("std", 1);
  if (!(scale > 0) || !(std > 0)) throw ConfigError(node.where + ": 'scale' and 'std' must be > 0");
  const auto part = [&](const std::string& name) {
    return load(find_file(folder, name + "-images-idx3-ubyte", directory),
                find_file(folder, name + "-labels-idx1-ubyte", directory), scale, mean, std, dtype);
  };
  return {part("train"), part("t10k")};
}

}  // namespace odeon::host
