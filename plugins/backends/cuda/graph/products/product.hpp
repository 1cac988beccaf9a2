// Matrix products and convolutions as sums z(m, n) = Σ_k a(m, k) b(k, n), and which code computes them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "graph/count.hpp"

namespace odeon::cuda {

// How the factors of f32 products are rounded before they are multiplied; sums are f32.
enum class Precision {
  full,  // not at all
  tf32,  // to 10 bits after the point
  bf16,  // to 7 bits after the point
};

// A block of threads computes an m x n piece of z, each thread 8 rows of it; so many blocks at once on a
// multiprocessor, whose 65536 registers they share.
struct Tile {
  int m, n, threads, blocks;
  friend bool operator==(const Tile&, const Tile&) = default;
};
constexpr Tile kMidTile{64, 64, 128, 4}, kBigTile{128, 128, 256, 2}, kDoubleTile{64, 64, 128, 3};

// No tile: a loop over k for each element of z, by one thread or shared among those of a warp. Several slices
// of k: their sums go to memory, and are added in order by whoever reads z.
struct Way {
  std::optional<Tile> tile;
  int slices = 1;
  bool shared = false;
  friend bool operator==(const Way&, const Way&) = default;
};

struct ProductSettings {
  // Unknown: loops. The text that is made then serves every batch.
  std::optional<int64_t> batch;
  Precision precision = Precision::full;
  // For every product, whatever its size. For tests.
  std::optional<Way> always;
  // One kernel of blocks of so many threads runs the whole graph: no tiles. 0: none does.
  unsigned whole_threads = 0;
};

struct Product {
  Count m, n, k;
};
// node: MATMUL or a convolution; x, y: its inputs.
bool is_product(const odeon_node& node);
Product product_of(const odeon_node& node, const odeon_node& x, const odeon_node& y);
// Elements of z that lie side by side for one m: all n, or, of images, those of one image.
int64_t row_length(const odeon_node& node);

// By the sizes alone, never by the device, so that sums are added in the same order everywhere.
Way choose(const Product& product, int32_t dtype, const ProductSettings& settings);

// Whether so many sums of so many terms are shared by the warps of a block of so many threads, in a kernel
// that runs the whole graph.
bool is_shared(int64_t sums, int64_t terms, int64_t threads);

int64_t tile_count(const Product& product, const Way& way, int64_t batch);

// "full", "tf32" or "bf16".
std::string name_of(Precision precision);
Precision precision_named(std::string_view name);
// ODEON_E_INVALID unless products of this dtype can be rounded so.
void require_dtype(Precision precision, int32_t dtype);
// Throws ODEON_E_UNSUPPORTED at `mark` unless a device of this compute capability (90: 9.0) multiplies so.
void require_support(Precision precision, int capability, int32_t mark);

}  // namespace odeon::cuda
