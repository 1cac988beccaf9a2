// Which way a batch that steps together is solved, by sizes alone.
#include "joint/form.hpp"

#include <doctest/doctest.h>

#include <odeon/sdk/graph.hpp>

#include "solve/row_form.hpp"

using namespace odeon;
using cuda::JointForm;
using cuda::JointShape;

namespace {

constexpr int kAtOnce = 132;  // multiprocessors of an H100
constexpr auto kFull = cuda::Precision::full;

// A layer of `width` between two numbers and two numbers, as an evaluation of it is work:
// per row 2 w + w for the first product and its tanh, w 2 for the second.
Graph network(int64_t width) {
  GraphBuilder b;
  const Value y = b.input(0, {ODEON_BATCH, 2});
  b.mark_output(
      b.matmul(b.tanh(b.matmul(y, b.parameter(0, {2, width}))), b.parameter(2 * width, {width, 2})));
  return b.finish();
}

JointShape shape(const Graph& graph, int64_t batch, std::optional<JointForm> wanted = {},
                 int at_once = kAtOnce) {
  return joint_shape(graph.view(), ODEON_F32, batch, kFull, wanted, at_once);
}

}  // namespace

TEST_CASE("the work of a field is the elements that it computes and the terms of their sums") {
  CHECK(cuda::field_work(network(50).view(), 1) == 250);
  CHECK(cuda::field_work(network(50).view(), 20) == 5000);
}

TEST_CASE(
    "small fields are for one block, larger ones for as many as have work, large ones for a captured loop") {
  CHECK(shape(network(50), 20) == JointShape{JointForm::one_block, 1, 256});
  CHECK(shape(network(50), 200) == JointShape{JointForm::many_blocks, 7, 256});  // 50000 / 2^13
  CHECK(shape(network(50), 200, {}, 5) == JointShape{JointForm::many_blocks, 5, 256});
  GraphBuilder b;
  b.mark_output(b.sin(b.input(0, {ODEON_BATCH, 1000})));
  const Graph waves = b.finish();
  CHECK(shape(waves, 2000) == JointShape{JointForm::many_blocks, kAtOnce, 256});
  CHECK(shape(waves, 2100) == JointShape{JointForm::captured, 1, 256});
}

TEST_CASE("a block has as many threads as its work feeds, a warp at least") {
  CHECK(cuda::threads_for(0) == 32);
  CHECK(cuda::threads_for(250) == 32);  // of 2-50-2
  CHECK(cuda::threads_for(1000) == 64);
  CHECK(cuda::threads_for(4500) == 256);  // of 2-64-64-2
  CHECK(cuda::threads_for(int64_t{1} << 40) == 256);
  CHECK(shape(network(50), 1).threads == 32);
}

TEST_CASE("products that go by tiles are for a captured loop") {
  GraphBuilder b;
  b.mark_output(b.matmul(b.input(0, {ODEON_BATCH, 128}), b.parameter(0, {128, 128})));
  const Graph graph = b.finish();
  CHECK(shape(graph, 15).form == JointForm::many_blocks);
  CHECK(shape(graph, 16).form == JointForm::captured);  // 2^18 multiply-adds
}

TEST_CASE("a device whose blocks cannot wait for each other has the two other forms") {
  CHECK(shape(network(50), 500, {}, 0) == JointShape{JointForm::one_block, 1, 256});
  CHECK(shape(network(50), 600, {}, 0) == JointShape{JointForm::captured, 1, 256});
}

TEST_CASE("a form that is asked for is taken whatever the work") {
  CHECK(shape(network(50), 1, JointForm::many_blocks) == JointShape{JointForm::many_blocks, 2, 32});
  CHECK(shape(network(50), 1, JointForm::captured) == JointShape{JointForm::captured, 1, 32});
  CHECK(shape(network(50), 100000, JointForm::one_block) == JointShape{JointForm::one_block, 1, 256});
  CHECK(cuda::joint_form_named("many_blocks") == JointForm::many_blocks);
  CHECK(cuda::joint_form_named("auto") == std::nullopt);
}

TEST_CASE("rows are for threads where the field is small or the rows fill a device, else for blocks") {
  using cuda::row_form, cuda::RowForm;
  CHECK(row_form(20, 1) == RowForm::thread);  // Lorenz
  const int64_t spiral = cuda::field_work(network(50).view(), 1);
  CHECK(row_form(spiral, 1) == RowForm::block);
  CHECK(row_form(spiral, 2000) == RowForm::block);
  CHECK(row_form(spiral, 3000) == RowForm::thread);
  CHECK(row_form(4000, 3000) == RowForm::block);
  CHECK(cuda::row_form_named("block") == RowForm::block);
  CHECK(cuda::row_form_named("auto") == std::nullopt);
}

TEST_CASE("a way that cannot be made is left out, and the other one's reason is told where it is wanted") {
  using cuda::make_ways, cuda::RowForm;
  const auto one = [] { return std::make_unique<int>(1); };
  const auto none = [](const char* why) {
    return [why]() -> std::unique_ptr<int> { throw Error(why, ODEON_E_UNSUPPORTED); };
  };
  const auto way = make_ways<int>({}, 1000, none("too large"), one);
  CHECK(way.thread == nullptr);
  CHECK(way.of(1 << 20) == 1);
  CHECK(make_ways<int>({}, 1000, one, none("mixed")).block == nullptr);
  CHECK(make_ways<int>({}, 1, one, one).block == nullptr);  // never worth it
  CHECK_THROWS_WITH(make_ways<int>({}, 1000, none("too large"), none("mixed")), "mixed");
  CHECK_THROWS_WITH(make_ways<int>(RowForm::thread, 1000, none("too large"), one), "too large");
  CHECK_THROWS_WITH(make_ways<int>(RowForm::block, 1000, one, none("mixed")), "mixed");
}

TEST_CASE("a row that is too much work for a block says how much, and fixed steps sooner") {
  cuda::require_block_work(1 << 20, false);
  cuda::require_block_work(1 << 13, true);
  CHECK_THROWS_WITH(cuda::require_block_work((1 << 13) + 1, true),
                    "an evaluation of the field is 8193 terms per row, more than 8192, too many for one "
                    "block of threads");
  CHECK_THROWS_AS(cuda::require_block_work((1 << 20) + 1, false), Error);
}
