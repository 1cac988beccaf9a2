// Products and convolutions in tiles, against the SDK's interpreter.
#include <cuda_runtime.h>

#include "plugins/backends/cuda/product_case.hpp"
#include "plugins/backends/random_graph.hpp"

using namespace odeon;
using namespace odeon::test;
using B = GraphBuilder;

namespace {

// Sums of up to a thousand products of numbers below one, in another order.
template <class T>
constexpr double kTolerance = sizeof(T) == 4 ? 5e-5 : 1e-13;
constexpr double kChainTolerance = 1e-11;  // of chains of ops, each of which may amplify

const cuda::Way kMid{cuda::kMidTile, 1}, kBig{cuda::kBigTile, 1}, kBigSlices{cuda::kBigTile, 2},
    kDouble{cuda::kDoubleTile, 1}, kDoubleSlices{cuda::kDoubleTile, 4};

cuda::ProductSettings always(const cuda::Way& way, cuda::Precision precision = cuda::Precision::full) {
  return {1, precision, way};
}

template <class T>
GraphData<T> data_of(const Graph& graph, int64_t batch) {
  GraphData<T> data(graph, batch, 1);
  for (size_t k = 0; k < data.modes.size(); ++k)
    data.modes[k] = k % 2 ? ODEON_WRITE_ACCUMULATE : ODEON_WRITE_OVERWRITE;
  return data;
}

template <class T>
void check(const Graph& graph, const cuda::ProductSettings& products,
           std::initializer_list<int64_t> batches) {
  const OnFibers<T> compiled(graph, products);
  for (int64_t batch : batches) {
    CAPTURE(batch);
    CAPTURE(products.always->tile->m);
    CAPTURE(products.always->slices);
    const GraphData<T> data = data_of<T>(graph, batch);
    CHECK(distance(compiled.run(batch, data), interpret(graph, batch, data)) <= kTolerance<T>);
  }
}

// Every transposition, with the batch in rows, in the sum and nowhere. An odd place in θ is not aligned.
void add_matmuls(B& b, int input, int64_t n, int64_t k) {
  const Value x = b.input(input, {ODEON_BATCH, k}), g = b.input(input + 1, {ODEON_BATCH, n});
  b.mark_output(b.matmul(x, b.parameter(0, {k, n})));
  b.mark_output(b.matmul(x, b.parameter(1, {n, k}), false, true));
  b.mark_output(b.matmul(x, g, true, false));
  b.mark_output(b.matmul(b.parameter(4, {k, n}), b.parameter(0, {9, k}), true, true));
}

Graph matmuls(const std::vector<std::pair<int64_t, int64_t>>& sizes) {
  B b;
  int input = 0;
  for (const auto& [n, k] : sizes) add_matmuls(b, input, n, k), input += 2;
  return b.finish();
}

}  // namespace

TEST_CASE("matrix products of every transposition agree at the edges of tiles") {
  const Graph graph = matmuls({{1, 7}, {9, 1}, {64, 16}, {65, 36}});
  check<float>(graph, always(kMid), {0, 1, 7, 63, 64, 65});
  check<double>(graph, always(kDoubleSlices), {0, 8, 64, 65});
  check<double>(matmuls({{64, 16}}), always(kDouble), {9, 64});
  check<float>(matmuls({{127, 17}, {128, 4}}), always(kBig), {127, 128, 129});
  check<float>(matmuls({{129, 33}}), always(kBigSlices), {1, 129});
}

TEST_CASE("long sums in slices agree, and so do positions of 64 bits" * doctest::test_suite("ptx")) {
  const Graph graph = matmuls({{20, 400}});
  check<float>(graph, always({cuda::kMidTile, 8}), {3, 400});
  check<double>(graph, always(kDoubleSlices), {400});
  cuda::ProductSettings vast = always({cuda::kMidTile, 2});
  vast.batch = int64_t{1} << 31;
  REQUIRE(cuda::generate(graph.view(), ODEON_F32, vast).source.find("typedef long long pos") !=
          std::string::npos);
  check<float>(graph, vast, {70});
}

TEST_CASE("the layer around a product is in its kernel, and views of few columns are read in place" *
          doctest::test_suite("ptx")) {
  B b;
  const Value t = b.reshape(b.time(), {ODEON_BATCH, 1}), y = b.input(0, {ODEON_BATCH, 40});
  const Value x = b.concat(t, y, 1);
  const Value h = b.matmul(x, b.parameter(3, {30, 41}), false, true);
  const Value z = b.tanh(b.add(h, b.parameter(1, {30})));
  b.mark_output(z);
  b.mark_output(b.mul(z, b.input(1, {ODEON_BATCH, 30})));
  b.mark_output(b.mul(h, b.broadcast_to(t, {ODEON_BATCH, 30})));
  const Graph graph = b.finish();
  CHECK(cuda::generate(graph.view(), ODEON_F32, always(kMid)).kernels.size() == 1);
  check<float>(graph, always(kMid), {1, 65});
  check<float>(graph, always(kBigSlices), {130});
  check<double>(graph, always(kDouble), {66});
}

TEST_CASE("a product whose value another product reads goes through memory once" *
          doctest::test_suite("ptx")) {
  B b;
  const Value x = b.input(0, {ODEON_BATCH, 12});
  const Value h = b.relu(b.matmul(x, b.parameter(0, {70, 12}), false, true));
  const Value z = b.matmul(h, b.parameter(0, {12, 70}), false, true);
  b.mark_output(b.sub(z, x));
  b.mark_output(b.matmul(h, z, true, false));
  const Graph graph = b.finish();
  CHECK(cuda::generate(graph.view(), ODEON_F32, always(kMid)).kernels.size() == 3);
  check<float>(graph, always(kMid), {70});
  check<double>(graph, always(kDoubleSlices), {33});
}

namespace {

// The three convolutions with a layer around the first.
void add_convolutions(B& b, int input, const Shape& image, const Shape& filter, const B::Conv& c) {
  const Value x = b.input(input, image), w = b.parameter(1, filter);
  const Value z = b.conv2d(x, w, c);
  const Value g = b.sin(b.add(z, b.broadcast_to(b.parameter(0, {1, filter[0], 1, 1}), b.shape(z))));
  b.mark_output(g);
  b.mark_output(b.conv2d_input_grad(g, w, c, image[2], image[3]));
  b.mark_output(b.conv2d_weight_grad(x, g, c, filter[2], filter[3]));
}

struct Convolution {
  Shape image, filter;
  B::Conv c;
};
Graph graph_of(const std::vector<Convolution>& convolutions) {
  B b;
  int input = 0;
  for (const Convolution& c : convolutions) add_convolutions(b, input++, c.image, c.filter, c.c);
  return b.finish();
}
const Convolution kUsual{{ODEON_BATCH, 6, 5, 7}, {9, 6, 3, 3}, {1, 1, 1, 1}},
    kWholeRuns{{ODEON_BATCH, 4, 8, 8}, {3, 4, 3, 3}, {1, 1, 1, 1}},  // 16-byte loads of images of 64 pixels
    kStrides{{ODEON_BATCH, 6, 5, 7}, {9, 6, 3, 3}, {3, 2, 2, 0}},
    kManyFilters{{ODEON_BATCH, 5, 6, 4}, {65, 5, 1, 4}, {2, 2, 0, 2}},
    kOneFilter{{ODEON_BATCH, 4, 8, 8}, {1, 4, 4, 2}, {1, 2, 3, 1}},
    kOneImage{{1, 8, 9, 9}, {16, 8, 3, 3}, {2, 1, 0, 1}};

}  // namespace

TEST_CASE("the three convolutions agree with strides, padding and odd sizes") {
  check<float>(graph_of({kUsual, kStrides, kManyFilters, kOneFilter, kOneImage}), always(kMid), {0, 1, 3});
  check<float>(graph_of({kWholeRuns, kStrides}), always(kBigSlices), {4});
  check<double>(graph_of({kManyFilters, kWholeRuns}), always(kDouble), {2});
  check<double>(graph_of({kUsual}), always(kDoubleSlices), {5});
}

TEST_CASE("the bits are the same in every run, for every number of blocks and order of threads") {
  B b;
  add_matmuls(b, 0, 66, 300);
  add_convolutions(b, 2, kUsual.image, kUsual.filter, kUsual.c);
  const Graph graph = b.finish();
  const OnFibers<float> compiled(graph, always({cuda::kMidTile, 4}));
  const GraphData<float> data = data_of<float>(graph, 70);
  const auto once = compiled.run(70, data);
  for (unsigned blocks : {1u, 3u, ~0u}) CHECK(compiled.run(70, data, blocks) == once);
  for (unsigned order : {0u, 1u, 3u, 4u}) {  // between barriers, no thread may rely on another
    fake::order = order;
    CHECK(compiled.run(70, data) == once);
  }
  fake::order = 2;
}

TEST_CASE("NaN and infinity come to the elements whose sums have them and to no others" *
          doctest::test_suite("ptx")) {
  const Graph graph = matmuls({{20, 70}});
  const OnFibers<double> compiled(graph, always(kDoubleSlices));
  GraphData<double> data = data_of<double>(graph, 66);
  data.inputs[0][3 * 70 + 69] = std::nan("");
  data.inputs[0][65 * 70] = HUGE_VAL;
  data.theta[0] = -HUGE_VAL;
  CHECK(distance(compiled.run(66, data), interpret(graph, 66, data)) <= kTolerance<double>);
}

TEST_CASE("no NaN of a convolution is lost, and those of the image reach only what they should" *
          doctest::test_suite("ptx")) {
  const Graph graph = graph_of({kUsual});
  const OnFibers<double> compiled(graph, always(kDouble));
  const GraphData<double> finite = data_of<double>(graph, 2);
  GraphData<double> data = finite;
  data.inputs[0][0] = std::nan("");
  CHECK(distance<double>({compiled.run(2, data)[0]}, {interpret(graph, 2, data)[0]}) <= kTolerance<double>);
  data = finite;
  data.theta[1] = std::nan("");  // the filter's corner
  const auto got = compiled.run(2, data), expected = interpret(graph, 2, data);
  for (size_t k = 0; k < got.size(); ++k)
    for (size_t i = 0; i < got[k].size(); ++i)
      if (std::isnan(expected[k][i])) CHECK(std::isnan(got[k][i]));
}

TEST_CASE("random graphs with every product in tiles agree") {
  for (const auto& [seed, way] : {std::pair{3u, kDouble}, {8u, kDoubleSlices}, {17u, kDouble}}) {
    CAPTURE(seed);
    const Graph graph = RandomGraph(seed).make(40);
    const OnFibers<double> compiled(graph, always(way));
    for (int64_t batch : {1, 7}) {
      GraphData<double> data(graph, batch, seed);
      for (size_t k = 0; k < data.modes.size(); ++k) data.modes[k] = int32_t((1 + k * seed) % 3);
      CHECK(distance(compiled.run(batch, data), interpret(graph, batch, data)) <= kChainTolerance);
    }
  }
}

namespace {

// Round to nearest at `bits` bits after the point; ties away from zero or to even. In double, where it is
// exact.
float rounded(float x, int bits, bool ties_away) {
  int exponent;
  const double half = std::frexp(double(x), &exponent), scale = std::ldexp(1, bits + 1);
  return float(
      std::ldexp((ties_away ? std::round(half * scale) : std::nearbyint(half * scale)) / scale, exponent));
}

GraphData<double> rounded(const GraphData<float>& data, int bits, bool ties_away, const Graph& graph,
                          int64_t batch) {
  GraphData<double> out(graph, batch, 1);
  const auto copy = [&](const std::vector<float>& from, std::vector<double>& to) {
    for (size_t i = 0; i < from.size(); ++i) to[i] = double(rounded(from[i], bits, ties_away));
  };
  for (size_t k = 0; k < data.inputs.size(); ++k) copy(data.inputs[k], out.inputs[k]);
  copy(data.theta, out.theta);
  return out;
}

// Of the results of f32 and f64, whose factors are the same; relative to 1 + |expected|.
double difference(const std::vector<std::vector<float>>& got,
                  const std::vector<std::vector<double>>& expected) {
  std::vector<std::vector<double>> wide;
  for (const auto& v : got) wide.emplace_back(v.begin(), v.end());
  return distance(wide, expected);
}

}  // namespace

TEST_CASE("tf32 and bf16 products are those of rounded factors, and full ones are not" *
          doctest::test_suite("ptx")) {
  B b;
  const Value x = b.input(0, {ODEON_BATCH, 37}), g = b.input(1, {ODEON_BATCH, 66});
  b.mark_output(b.matmul(x, b.parameter(0, {66, 37}), false, true));
  b.mark_output(b.matmul(g, b.parameter(0, {66, 37})));
  b.mark_output(b.matmul(g, x, true, false));
  const Value image = b.input(2, {ODEON_BATCH, 3, 6, 5}), cotangent = b.input(3, {ODEON_BATCH, 7, 6, 5});
  b.mark_output(b.conv2d(image, b.parameter(0, {7, 3, 3, 3}), {1, 1, 1, 1}));
  b.mark_output(b.conv2d_input_grad(cotangent, b.parameter(0, {7, 3, 3, 3}), {1, 1, 1, 1}, 6, 5));
  b.mark_output(b.conv2d_weight_grad(image, cotangent, {1, 1, 1, 1}, 3, 3));
  const Graph graph = b.finish();
  constexpr int64_t kBatch = 67;
  GraphData<float> data(graph, kBatch, 1);
  for (int i : {1, 3, 5, 7}) data.inputs[0][size_t(i)] = 1 + float(i) * 0x1p-11f;  // ties of tf32 ...
  for (int i : {1, 3, 5, 7}) data.theta[size_t(i)] = -1 - float(i) * 0x1p-8f;      // ... and of bf16
  constexpr double kOrder = 3e-5;  // of sums of up to 2010 terms of f32
  const auto full = OnFibers<float>(graph, always(kMid)).run(kBatch, data);
  struct Case {
    cuda::Precision precision;
    int bits;
    bool ties_away;
    double least;  // of what rounding does to one of the results
  };
  for (const Case& c :
       {Case{cuda::Precision::tf32, 10, true, 1e-4}, Case{cuda::Precision::bf16, 7, false, 1e-3}})
    for (const cuda::Way& way : {kMid, kBigSlices}) {
      CAPTURE(c.bits);
      const auto got = OnFibers<float>(graph, always(way, c.precision)).run(kBatch, data);
      const auto expected = interpret(graph, kBatch, rounded(data, c.bits, c.ties_away, graph, kBatch));
      for (size_t k = 0; k < got.size(); ++k) {
        CAPTURE(k);
        CHECK(difference({got[k]}, {expected[k]}) <= kOrder);
        CHECK(difference({full[k]}, {expected[k]}) >= c.least);
      }
    }
}

TEST_CASE("rounded products of f64 are refused with the remedy") {
  const Graph graph = matmuls({{20, 70}});
  try {
    cuda::generate(graph.view(), ODEON_F64, always(kDouble, cuda::Precision::tf32));
    FAIL("it was generated");
  } catch (const Error& e) {
    CHECK(e.status() == ODEON_E_INVALID);
    CHECK(std::string(e.what()).find("matmul_precision: tf32") != std::string::npos);
    CHECK(std::string(e.what()).find("precision: float32") != std::string::npos);
  }
}

TEST_CASE("tensor cores of devices before 8.0 are refused with the remedy") {
  cuda::require_support(cuda::Precision::full, 75, 0);
  cuda::require_support(cuda::Precision::tf32, 80, 0);
  try {
    cuda::require_support(cuda::Precision::bf16, 75, 0);
    FAIL("it was accepted");
  } catch (const Error& e) {
    CHECK(e.status() == ODEON_E_UNSUPPORTED);
    CHECK(std::string(e.what()) ==
          "'matmul_precision' is bf16, but the device has compute capability 7.5, and tensor cores multiply "
          "so from "
          "8.0 on; use full");
  }
}

TEST_CASE("the operations and bytes of a run are counted by kernel") {
  B b;
  const Value x = b.input(0, {ODEON_BATCH, 32});
  b.mark_output(b.tanh(b.add(b.matmul(x, b.parameter(0, {48, 32}), false, true), b.parameter(1536, {48}))));
  const Graph graph = b.finish();
  const auto one = cuda::generate(graph.view(), ODEON_F32, always(kMid));
  const auto cost = cuda::cost_of(one, 100, 4);
  CHECK(cost.flops == 100 * 48 * (2 * 32 + 2));
  CHECK(cost.bytes == 4 * (100 * 32 + 48 * 32 + 48 + 100 * 48));
  CHECK(cuda::describe(one, 100, 4) ==
        "1 kernels, batch 100: 3.17e+05 flops, 3.83e+04 bytes a run; product 100 x 48, sums of 32: tiles 64 "
        "x 64");
  const auto sliced = cuda::generate(graph.view(), ODEON_F32, always(kBigSlices));
  CHECK(cuda::cost_of(sliced, 100, 4).flops == cost.flops + 100 * 48 * 2);
  CHECK(cuda::cost_of(sliced, 100, 4).bytes == cost.bytes + 4 * 2 * 2 * 100 * 48);
  CHECK(cuda::describe(sliced, 100, 4).ends_with("tiles 128 x 128, 2 slices"));
  const auto loops = cuda::generate(graph.view(), ODEON_F32);
  CHECK(cuda::cost_of(loops, 100, 4).flops == cost.flops);
  CHECK(cuda::cost_of(loops, 100, 4).bytes == cost.bytes);
}

TEST_CASE("products choose loops, middle or big tiles and slices by their sizes") {
  const auto way = [](int64_t m, int64_t n, int64_t k, int32_t dtype = ODEON_F32) {
    return cuda::choose({{true, 1}, {false, n}, {false, k}}, dtype, {m, cuda::Precision::full, {}});
  };
  CHECK_FALSE(way(0, 64, 64).tile);
  CHECK_FALSE(way(20, 50, 50).tile);
  CHECK_FALSE(way(100000, 64, 8).tile);
  CHECK(way(1024, 64, 64) == cuda::Way{cuda::kMidTile, 1});
  CHECK(way(64, 64, 4096) == cuda::Way{cuda::kMidTile, 16});
  CHECK(way(4096, 1024, 512) == cuda::Way{cuda::kBigTile, 1});
  CHECK(way(4096, 1024, 512, ODEON_F64) == cuda::Way{cuda::kDoubleTile, 1});
  CHECK(way(16384, 65, 512) == cuda::Way{cuda::kBigTile, 1});   // 128 columns either way
  CHECK(way(16384, 150, 512) == cuda::Way{cuda::kMidTile, 1});  // 192 columns, not 256
  CHECK(way(512, 512, 100000) == cuda::Way{cuda::kBigTile, 8});
  CHECK(cuda::choose({{false, 512}, {false, 512}, {true, 1}}, ODEON_F32, {8, cuda::Precision::full, {}}) ==
        cuda::Way{cuda::kMidTile, 1});  // weights of a small batch
  CHECK_FALSE(cuda::choose({{false, 4096}, {false, 4096}, {false, 4096}}, ODEON_F32, {}).tile);
}
