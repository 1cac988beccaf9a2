#include "graph/products/product.hpp"

#include <odeon/tensor.h>

#include <odeon/sdk/error.hpp>

#include "launch.hpp"

namespace odeon::cuda {
namespace {

// Multiply-adds up to which a loop per element takes about as long as starting the kernel does.
constexpr int64_t kTinyWork = int64_t{1} << 18;
// Shorter sums leave a tile nothing to share, and a thread each is fused with everything else of its size;
// sums over the batch would take a block each.
constexpr int64_t kShortSum = 16;
// Blocks that fill a GPU of today: 108 (A100) to 144 (GH100) multiprocessors. One number for all of them.
constexpr int64_t kEnoughBlocks = 128;
// Of one slice: fewer terms do not pay for its sums' way through memory.
constexpr int64_t kSliceTerms = 256;
// Work on the padding of big tiles, as a part of that of middle ones, that their faster loop makes up for.
constexpr double kWorthPadding = 1.25;

int64_t blocks(const Tile& t, int64_t m, int64_t n) { return ceil_div(m, t.m) * ceil_div(n, t.n); }

// A power of two, so that few texts serve all batch sizes.
int slices(int64_t tiles, int64_t k) {
  int s = 1;
  while (tiles * s * 2 <= kEnoughBlocks && k >= kSliceTerms * s * 2) s *= 2;
  return s;
}

}  // namespace

bool is_product(const odeon_node& node) {
  return node.op >= ODEON_OP_MATMUL && node.op <= ODEON_OP_CONV2D_WEIGHT_GRAD;
}

Product product_of(const odeon_node& node, const odeon_node& x, const odeon_node& y) {
  const auto axis = [](const odeon_node& of, int64_t i) { return count_of(of, i, i + 1); };
  switch (node.op) {
    case ODEON_OP_MATMUL:
      return {axis(node, 0), axis(node, 1), axis(x, node.ints[0] ? 0 : 1)};
    case ODEON_OP_CONV2D:
      return {axis(node, 1), axis(node, 0) * (node.shape[2] * node.shape[3]), count_of(y, 1, 4)};
    case ODEON_OP_CONV2D_INPUT_GRAD:
      return {axis(node, 1), axis(node, 0) * (node.shape[2] * node.shape[3]),
              axis(y, 0) * (y.shape[2] * y.shape[3])};
    default:  // CONV2D_WEIGHT_GRAD
      return {axis(node, 0), count_of(node, 1, 4), axis(y, 0) * (y.shape[2] * y.shape[3])};
  }
}

int64_t row_length(const odeon_node& node) {
  const bool images = node.op == ODEON_OP_CONV2D || node.op == ODEON_OP_CONV2D_INPUT_GRAD;
  return count_of(node, images ? 2 : 1, node.rank).inner;
}

Way choose(const Product& product, int32_t dtype, const ProductSettings& settings) {
  if (settings.always) return *settings.always;
  if (!settings.batch) return {};
  const int64_t m = product.m.of(*settings.batch), n = product.n.of(*settings.batch),
                k = product.k.of(*settings.batch);
  const bool short_sum = k < kShortSum && !product.k.batch;
  if (short_sum || double(m) * double(n) * double(k) < double(kTinyWork)) return {};
  const int64_t mid = blocks(kMidTile, m, n), big = blocks(kBigTile, m, n);
  // A thread has the registers for 8 x 4 numbers of f64.
  if (dtype == ODEON_F64) return {kDoubleTile, slices(mid, k)};
  const bool wide =
      big * slices(big, k) >= kEnoughBlocks &&
      double(big * kBigTile.m * kBigTile.n) <= kWorthPadding * double(mid * kMidTile.m * kMidTile.n);
  return {wide ? kBigTile : kMidTile, slices(wide ? big : mid, k)};
}

bool is_shared(int64_t sums, int64_t terms, int64_t threads) {
  constexpr int64_t kWarp = 32, kJoin = 9;  // of a warp's partial sums, in terms that a thread adds meanwhile
  const int64_t alone = ceil_div(sums, threads) * terms,
                shared = ceil_div(sums, threads / kWarp) * (ceil_div(terms, kWarp) + kJoin);
  return shared < alone;
}

int64_t tile_count(const Product& product, const Way& way, int64_t batch) {
  return blocks(*way.tile, product.m.of(batch), product.n.of(batch)) * way.slices;
}

std::string name_of(Precision precision) {
  return precision == Precision::tf32 ? "tf32" : precision == Precision::bf16 ? "bf16" : "full";
}
Precision precision_named(std::string_view name) {
  return name == "tf32" ? Precision::tf32 : name == "bf16" ? Precision::bf16 : Precision::full;
}

void require_dtype(Precision precision, int32_t dtype) {
  if (precision != Precision::full && dtype != ODEON_F32)
    throw Error("matmul_precision: " + name_of(precision) +
                    " rounds the factors of float32 products, but the experiment is float64; use precision: "
                    "float32 or "
                    "matmul_precision: full",
                ODEON_E_INVALID);
}

void require_support(Precision precision, int capability, int32_t mark) {
  constexpr int kFirst = 80;  // PTX ISA, "mma": .tf32 and .bf16 require sm_80
  if (precision == Precision::full || capability >= kFirst) return;
  throw Error("'matmul_precision' is " + name_of(precision) + ", but the device has compute capability " +
                  std::to_string(capability / 10) + "." + std::to_string(capability % 10) +
                  ", and tensor cores multiply so from 8.0 on; use full",
              ODEON_E_UNSUPPORTED, mark);
}

}  // namespace odeon::cuda
