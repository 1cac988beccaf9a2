// Generated code without one of its barriers: each of them is missed.
#include <algorithm>
#include <odeon/sdk/tensor.hpp>

#include "compile/nvrtc.hpp"
#include "graph/run.hpp"
#include "plugins/backends/graph_case.hpp"
#include "ptx/kernel_case.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

// A graph's code, with what it may touch.
class Bench {
 public:
  Bench(const Graph& graph, const cuda::ProductSettings& products, int64_t batch)
      : generated_(cuda::generate(graph.view(), ODEON_F64, products)),
        batch_(batch),
        data_(graph, batch, 1),
        bound_(data_),
        code_(cuda::compile_for(90, generated_.source, cuda::Form::ptx)) {}

  const std::string& code() const { return code_; }
  // By one block of each kernel. What is said of it; "" if nothing.
  std::string run(const std::string& code) {
    const auto module = ptx::parse(code);
    cuda::GraphRun run(generated_, ODEON_F64, batch_);
    std::vector<double> arena(size_t(run.arena_bytes()) / sizeof(double) + 1);
    ptx::Settings settings;
    settings.memory = pieces();
    settings.memory.push_back({reinterpret_cast<char*>(arena.data()), arena.size() * sizeof arena[0]});
    try {
      run.run(bound_.args, arena.data(), [&](size_t k, unsigned, const cuda::KernelArgs& a) {
        settings.threads = unsigned(generated_.kernels[k].threads());
        ptx::launch(*module, generated_.kernels[k].name, &a, settings);
      });
    } catch (const ptx::Error& e) {
      return e.what();
    }
    return "";
  }

 private:
  std::vector<ptx::Piece> pieces() const {
    const odeon_plan_args& a = bound_.args;
    std::vector<ptx::Piece> out{
        {const_cast<char*>(reinterpret_cast<const char*>(a.t.device)), uint64_t(batch_) * sizeof(double)}};
    const auto add = [&](const odeon_tensor& x) {
      out.push_back({static_cast<char*>(x.data), uint64_t(byte_count(x))});
    };
    add(*a.theta);
    std::for_each_n(a.inputs, a.n_inputs, add);
    std::for_each_n(a.outputs, a.n_outputs, add);
    std::erase_if(out, [](const ptx::Piece& p) { return p.bytes == 0; });
    return out;
  }
  const cuda::GeneratedGraph generated_;
  const int64_t batch_;
  const GraphData<double> data_;
  BoundData<double> bound_;
  const std::string code_;
};

std::vector<size_t> places_of(const std::string& what, const std::string& text) {
  std::vector<size_t> out;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) out.push_back(at);
  return out;
}

void check_that_each_is_missed(Bench& bench) {
  const std::string barrier = "bar.sync \t0;";
  CHECK(bench.run(bench.code()) == "");
  const std::vector<size_t> places = places_of(barrier, bench.code());
  CHECK(places.size() >= 2);
  for (const size_t at : places) {
    CAPTURE(at);
    std::string without = bench.code();
    without.replace(at, barrier.size(), std::string(barrier.size(), ' '));
    const std::string said = bench.run(without);
    CHECK_MESSAGE((has(said, "a race:") || has(said, "nobody has written")), said);
  }
}

}  // namespace

TEST_CASE("a product in tiles needs each of its barriers") {
  GraphBuilder b;
  const Value x = b.input(0, {ODEON_BATCH, 40});
  b.mark_output(b.matmul(x, b.parameter(0, {40, 70})));
  Bench bench(b.finish(), {1, cuda::Precision::full, cuda::Way{cuda::kDoubleTile, 1}}, 66);
  check_that_each_is_missed(bench);
}

TEST_CASE("a sum by a block needs each of its barriers") {
  GraphBuilder b;
  b.mark_output(b.sum(b.input(0, {ODEON_BATCH, 500}), 2));
  Bench bench(b.finish(), {}, 3);
  check_that_each_is_missed(bench);
}
