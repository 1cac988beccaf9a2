#include "train/dataset.hpp"

#include <algorithm>

#include "data/atomic_file.hpp"
#include "train/idx_files.hpp"
#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// Three training images of 1x2 pixels and one test image, unpacked.
std::string small_set(const ScratchFolder& folder, const std::string& data = "") {
  write_idx(folder / "train-images-idx3-ubyte", {3, 1, 2}, {0, 1, 10, 20, '\x7f', '\xff'});
  write_idx(folder / "train-labels-idx1-ubyte", {3}, {2, 0, 1});
  write_idx(folder / "t10k-images-idx3-ubyte", {1, 1, 2}, {30, 40});
  write_idx(folder / "t10k-labels-idx1-ubyte", {1}, {1});
  return "{format: idx, directory: " + folder.path() + data + "}";
}

}  // namespace

TEST_CASE("unpacked IDX files are read, and pixels end between 0 and 1") {
  const ScratchFolder folder;
  const ImageData data = load_images(yaml(small_set(folder)), ODEON_F64);
  CHECK(data.train.images.shape == std::vector<int64_t>{3, 1, 1, 2});
  CHECK(data.train.images.to_doubles() ==
        std::vector<double>{0, 1 / 255., 10 / 255., 20 / 255., 127 / 255., 1});
  CHECK(data.train.labels == std::vector<int64_t>{2, 0, 1});
  CHECK(data.test.images.to_doubles() == std::vector<double>{30 / 255., 40 / 255.});
  CHECK(data.test.labels == std::vector<int64_t>{1});
}

TEST_CASE("pixels are divided by scale, then centred by mean and divided by std") {
  const ScratchFolder folder;
  const ImageData data = load_images(yaml(small_set(folder, ", scale: 10, mean: 0.5, std: 0.25")), ODEON_F64);
  CHECK(data.test.images.to_doubles() == std::vector<double>{(3 - 0.5) / 0.25, (4 - 0.5) / 0.25});
}

TEST_CASE("a batch holds the chosen rows in their order, with one-hot labels") {
  const ScratchFolder folder;
  const Dataset train = load_images(yaml(small_set(folder, ", scale: 1")), ODEON_F32).train;
  const LabelledBatch batch = gather(train, std::vector<int64_t>{2, 0, 2}, 3);
  CHECK(batch.inputs.shape == std::vector<int64_t>{3, 1, 1, 2});
  CHECK(batch.inputs.to_doubles() == std::vector<double>{127, 255, 0, 1, 127, 255});
  CHECK(batch.one_hot.to_doubles() == std::vector<double>{0, 1, 0, 0, 0, 1, 0, 1, 0});
}

TEST_CASE("every epoch visits every row once, in an order that seed and epoch alone decide") {
  constexpr int64_t kRows = 100;
  const auto order = [](uint64_t seed, int64_t epoch) { return epoch_order(kRows, seed, epoch, true); };
  std::vector<int64_t> sorted = order(1, 0);
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == epoch_order(kRows, 1, 0, false));
  CHECK(std::is_sorted(sorted.begin(), sorted.end()));
  CHECK(order(1, 0) == order(1, 0));
  CHECK(order(1, 0) != order(1, 1));
  CHECK(order(1, 0) != order(2, 0));
  CHECK(order(1, 0) != sorted);
}
