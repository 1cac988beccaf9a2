// Labelled images in memory, from IDX files.
#pragma once
#include "data/array.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

struct Dataset {
  Array images;                 // [N, 1, H, W] in the run's dtype, scaled
  std::vector<int64_t> labels;  // [N]
  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  std::vector<int64_t> row_shape() const { return {images.shape.begin() + 1, images.shape.end()}; }
};

// from, from + 1, …, to - 1
std::vector<int64_t> range(int64_t from, int64_t to);

// The rows 0..n-1 in the order of an epoch. Deterministic in (seed, epoch), so that a resumed run sees the
// same batches.
std::vector<int64_t> epoch_order(int64_t n, uint64_t seed, int64_t epoch, bool shuffle);

// Rows `which` as a batch: inputs [B, …] and one-hot targets [B, classes].
struct LabelledBatch {
  Array inputs, one_hot;
};
LabelledBatch gather(const Dataset& data, std::span<const int64_t> which, int64_t classes);

struct ImageData {
  Dataset train, test;
};

extern const odeon_option kImageSection;

// `shape` of the `data` section, [1, height, width]; empty when it is not given. Throws ConfigError.
std::vector<int64_t> read_image_shape(const ConfigNode& node);

// Whether the training images are in the folder; `validate` needs only `shape` for those still to come.
bool images_are_here(const ConfigNode& node);

// The `data` section: {format: idx, directory, shape, scale: 255, mean, std}. Throws ConfigError.
ImageData load_images(const ConfigNode& node, int32_t dtype);

}  // namespace odeon::host
