// Generated source through NVRTC, and the cache of what comes out. Needs NVRTC, no device.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <odeon/sdk/explicit_rk.hpp>

#include "compile/disk_cache.hpp"
#include "compile/nvrtc.hpp"
#include "graph/generate.hpp"
#include "joint/adjoint_source.hpp"
#include "joint/reverse_source.hpp"
#include "plugins/backends/random_graph.hpp"
#include "rows/rows_source.hpp"
#include "solve/gradient_source.hpp"
#include "solve/scalars.hpp"
#include "solve/solve_source.hpp"

using namespace odeon;
using namespace odeon::test;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "odeon-cache-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string path;
};

// False, with the reason printed, on a machine that has the compiler nvcc but not the library.
bool has_nvrtc() {
  try {
    cuda::target_name(90);
    return true;
  } catch (const Error& e) {
    MESSAGE("skipped: " << e.what());
    return false;
  }
}

std::string the_only_file(const std::string& folder) {
  std::string found;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) found = entry.path(), ++count;
  CHECK(count == 1);
  return found;
}

}  // namespace

TEST_CASE("NVRTC compiles the code of random graphs for compute capability 9.0") {
  if (!has_nvrtc()) return;
  for (uint32_t seed : {3u, 11u, 29u})
    for (int32_t dtype : {ODEON_F32, ODEON_F64}) {
      const Graph graph = RandomGraph(seed).make(35);
      const std::string image = cuda::compile_for(90, cuda::generate(graph.view(), dtype).source);
      CHECK(image.starts_with("\177ELF"));
    }
}

TEST_CASE("NVRTC compiles products in tiles of every kind for compute capability 9.0") {
  if (!has_nvrtc()) return;
  using B = GraphBuilder;
  B b;
  const Value x = b.input(0, {ODEON_BATCH, 64}), image = b.input(1, {ODEON_BATCH, 8, 6, 6});
  const Value z = b.tanh(b.matmul(x, b.parameter(0, {64, 64}), false, true));
  b.mark_output(z);
  b.mark_output(b.matmul(z, x, true, false));
  const Value g = b.conv2d(image, b.parameter(0, {8, 8, 3, 3}), {1, 1, 1, 1});
  b.mark_output(b.conv2d_input_grad(g, b.parameter(0, {8, 8, 3, 3}), {1, 1, 1, 1}, 6, 6));
  b.mark_output(b.conv2d_weight_grad(image, g, {1, 1, 1, 1}, 3, 3));
  const Graph graph = b.finish();
  B c;
  c.mark_output(c.matmul(c.input(0, {ODEON_BATCH, 64}), c.parameter(0, {64, 64})));
  const Graph one = c.finish();
  const auto compiles = [](const Graph& g, int32_t dtype, const cuda::Tile& tile, cuda::Precision precision) {
    const auto generated = cuda::generate(g.view(), dtype, {1, precision, cuda::Way{tile, 1}});
    CHECK(cuda::compile_for(90, generated.source).starts_with("\177ELF"));
  };
  compiles(graph, ODEON_F32, cuda::kMidTile, cuda::Precision::tf32);
  compiles(one, ODEON_F32, cuda::kMidTile, cuda::Precision::full);
  compiles(one, ODEON_F32, cuda::kBigTile, cuda::Precision::full);
  compiles(one, ODEON_F32, cuda::kBigTile, cuda::Precision::bf16);
  compiles(one, ODEON_F64, cuda::kDoubleTile, cuda::Precision::full);
}

TEST_CASE("NVRTC compiles products on tensor cores and solves for every device from 8.0 on") {
  if (!has_nvrtc()) return;
  GraphBuilder b;
  const Value y = b.input(0, {ODEON_BATCH, 64}), w = b.parameter(0, {64, 64});
  b.mark_output(b.tanh(b.matmul(y, w)));
  const Graph graph = b.finish();
  constexpr Tableau<2> kHeunEuler{
      .order = 2, .embedded_order = 1, .c = {0, 1}, .a = {{{}, {1}}}, .b = {0.5, 0.5}, .b_hat = {1, 0}};
  const odeon_tableau tableau = to_abi(kHeunEuler);
  const odeon_graph view = graph.view();
  const odeon_solve_spec spec{sizeof spec,    ODEON_F32, &view, &tableau, ODEON_DENSE_HERMITE,
                              ODEON_NORM_RMS, 0,         0,     0};
  for (const int capability : {80, 86, 89, 90, 100, 120}) {
    CAPTURE(capability);
    // Code of the device where NVRTC knows it, else PTX of an older one.
    const bool known = cuda::target_name(capability).find(" sm_") != std::string::npos;
    CHECK((known || capability > 90));
    const auto compiles = [&](const std::string& source) {
      CHECK(cuda::compile_for(capability, source).starts_with("\177ELF") == known);
    };
    for (const cuda::Precision precision : {cuda::Precision::tf32, cuda::Precision::bf16})
      compiles(
          cuda::generate(view, ODEON_F32, {std::nullopt, precision, cuda::Way{cuda::kBigTile, 1}}).source);
    compiles(cuda::joint_source(spec, {cuda::JointForm::many_blocks, 2, 256}).text);
    compiles(cuda::phases_source(spec));  // with a function that the driver has
  }
}

TEST_CASE("NVRTC compiles a whole solve for compute capability 9.0") {
  if (!has_nvrtc()) return;
  GraphBuilder b;
  const Value y = b.input(0, {ODEON_BATCH, 3});
  b.mark_output(b.tanh(b.add(b.matmul(y, b.parameter(0, {3, 3})), b.reshape(b.time(), {ODEON_BATCH, 1}))));
  const Graph graph = b.finish();
  const odeon_graph view = graph.view();
  constexpr Tableau<2> kHeunEuler{
      .order = 2, .embedded_order = 1, .c = {0, 1}, .a = {{{}, {1}}}, .b = {0.5, 0.5}, .b_hat = {1, 0}};
  const odeon_tableau tableau = to_abi(kHeunEuler);
  for (int32_t dtype : {ODEON_F32, ODEON_F64})
    for (int32_t fixed : {0, 1}) {
      const odeon_solve_spec spec{sizeof spec,    dtype, &view, &tableau, ODEON_DENSE_HERMITE,
                                  ODEON_NORM_RMS, fixed, 0,     0};
      CHECK(cuda::compile_for(90, cuda::solve_source(spec).text).starts_with("\177ELF"));
      CHECK(cuda::compile_for(90, cuda::rows_source(spec).text).starts_with("\177ELF"));
      if (fixed) continue;
      for (const cuda::JointForm form : {cuda::JointForm::one_block, cuda::JointForm::many_blocks})
        CHECK(cuda::compile_for(90, cuda::joint_source(spec, {form, 1, 256}).text).starts_with("\177ELF"));
      // A row by one warp has no barrier of a block.
      const std::string row = cuda::compile_for(90, cuda::rows_source(spec).text, cuda::Form::ptx);
      CHECK(row.find("bar.warp.sync") != std::string::npos);
      CHECK(row.find("bar.sync") == std::string::npos);
      const std::string ptx = cuda::compile_for(90, cuda::phases_source(spec), cuda::Form::ptx);
      CHECK(ptx.find(".target sm_90") != std::string::npos);
      CHECK(ptx.find(".extern .func cudaGraphSetConditional") != std::string::npos);
    }
}

TEST_CASE("NVRTC compiles gradients of whole solves for compute capability 9.0") {
  if (!has_nvrtc()) return;
  // f = tanh(y W + t); with u = v (1 - f^2): u W^T, the sum of u, and y^T u.
  const auto graphs = [](bool derivative) {
    GraphBuilder b;
    const Value y = b.input(0, {ODEON_BATCH, 3}), w = b.parameter(0, {3, 3});
    const Value f = b.tanh(b.add(b.matmul(y, w), b.reshape(b.time(), {ODEON_BATCH, 1})));
    b.mark_output(f);
    if (!derivative) return b.finish();
    const Value u = b.mul(b.input(1, {ODEON_BATCH, 3}), b.sub(b.constant(1), b.mul(f, f)));
    b.mark_output(b.matmul(u, w, false, true));
    b.mark_output(b.reshape(b.sum(u, 2), {ODEON_BATCH}));
    b.mark_output(b.matmul(y, u, true));
    return b.finish();
  };
  const Graph field = graphs(false), derivative = graphs(true);
  const odeon_graph field_view = field.view(), derivative_view = derivative.view();
  constexpr Tableau<2> kHeunEuler{
      .order = 2, .embedded_order = 1, .c = {0, 1}, .a = {{{}, {1}}}, .b = {0.5, 0.5}, .b_hat = {1, 0}};
  const odeon_tableau tableau = to_abi(kHeunEuler);
  const int64_t offset = 0;
  for (int32_t dtype : {ODEON_F32, ODEON_F64})
    for (int32_t fixed : {0, 1}) {
      const odeon_solve_spec solve{sizeof solve,   dtype, &field_view, &tableau, ODEON_DENSE_HERMITE,
                                   ODEON_NORM_RMS, fixed, 0,           0};
      odeon_solve_gradient_spec spec{
          sizeof spec, ODEON_SOLVE_GRADIENT_DIRECT, &solve, &derivative_view, &offset, 1, 9, nullptr};
      CHECK(cuda::compile_for(90, cuda::gradient_source(spec).solve.text).starts_with("\177ELF"));
      CHECK(cuda::compile_for(90, cuda::rows_direct_source(spec).rows.text).starts_with("\177ELF"));
      spec.method = ODEON_SOLVE_GRADIENT_ADJOINT;
      spec.backward = &solve;
      CHECK(cuda::compile_for(90, cuda::gradient_source(spec).backward).starts_with("\177ELF"));
      CHECK(cuda::compile_for(90, cuda::rows_adjoint_source(spec).rows.text).starts_with("\177ELF"));
      for (const cuda::JointForm form : {cuda::JointForm::one_block, cuda::JointForm::many_blocks}) {
        CHECK(cuda::compile_for(90, cuda::joint_adjoint_source(spec, {form, 1, 32}).text)
                  .starts_with("\177ELF"));
        if (fixed) continue;
        CHECK(cuda::compile_for(90, cuda::joint_reverse_source(solve, derivative_view, {form, 1, 64}).text)
                  .starts_with("\177ELF"));
      }
      const std::string loop = cuda::compile_for(90, cuda::adjoint_phases_source(spec), cuda::Form::ptx);
      for (const std::string& name : cuda::adjoint_phase_names()) {
        CAPTURE(name);
        CHECK(loop.find(".entry " + name + "(") != std::string::npos);
      }
      if (!fixed) {
        const std::string ptx = cuda::compile_for(90, cuda::reverse_phases_source(solve), cuda::Form::ptx);
        CHECK(ptx.find(".target sm_90") != std::string::npos);
        CHECK(ptx.find(".extern .func cudaGraphSetConditional") != std::string::npos);
        for (const std::string& name : cuda::reverse_phase_names()) {
          CAPTURE(name);
          CHECK(ptx.find(".entry " + name + "(") != std::string::npos);
        }
      }
      spec.theta_count = cuda::kMostTheta + 1;
      CHECK_THROWS_WITH(cuda::gradient_source(spec),
                        "the field has 1025 parameters; a thread adds up the derivatives by at most 1024");
    }
}

TEST_CASE("derivatives that are not sums over rows are refused with the reason") {
  const auto reason = [](const std::function<void(GraphBuilder&, Value, Value)>& finish) {
    GraphBuilder b;
    const Value y = b.input(0, {ODEON_BATCH, 2});
    finish(b, y, b.input(1, {ODEON_BATCH, 2}));
    const Graph graph = b.finish();
    const odeon_graph view = graph.view();
    const int64_t offset = 0;
    odeon_solve_gradient_spec spec{};
    spec.vjp = &view;
    spec.slice_offsets = &offset, spec.n_slices = 1;
    try {
      cuda::scalar_products(spec);
      return std::string("none");
    } catch (const Error& e) {
      return std::string(e.what());
    }
  };
  const auto with = [&](const std::function<Value(GraphBuilder&, Value)>& slice) {
    return reason([&](GraphBuilder& b, Value y, Value v) {
      b.mark_output(y), b.mark_output(b.mul(y, v)), b.mark_output(b.constant(0, {ODEON_BATCH}));
      b.mark_output(slice(b, b.sum(b.mul(y, v), 1)));
    });
  };
  CHECK(with([](GraphBuilder& b, Value sum) { return b.mul(sum, b.constant(2)); }) == "none");
  CHECK(with([](GraphBuilder& b, Value sum) {
          return b.sin(sum);
        }).find("not linear in a sum over the batch") != std::string::npos);
  CHECK(reason([](GraphBuilder& b, Value y, Value v) {
          b.mark_output(y), b.mark_output(b.add(y, b.sum(v, 1))), b.mark_output(b.constant(0, {ODEON_BATCH}));
          b.mark_output(b.sum(v, 1));
        }).find("output 1 of the derivative graph adds up over the batch") != std::string::npos);
}

TEST_CASE("fields that no thread can hold are refused with the reason") {
  const auto reason = [](const std::function<Value(GraphBuilder&, Value)>& make) {
    GraphBuilder b;
    b.mark_output(make(b, b.input(0, {ODEON_BATCH, 4})));
    try {
      cuda::scalar_field(b.finish().view());
      return std::string("none");
    } catch (const Error& e) {
      CHECK(e.status() == ODEON_E_UNSUPPORTED);
      return std::string(e.what());
    }
  };
  CHECK(reason([](GraphBuilder& b, Value y) { return b.sin(y); }) == "none");
  CHECK(reason([](GraphBuilder& b, Value y) { return b.add(y, b.sum(y, 1)); }).find("add") !=
        std::string::npos);
  CHECK(reason([](GraphBuilder& b, Value y) {
          return b.matmul(y, b.matmul(y, y, true));
        }).find("over the batch") != std::string::npos);
  CHECK(reason([](GraphBuilder& b, Value y) { return b.log_softmax(y); }).find("log_softmax") !=
        std::string::npos);
  CHECK(reason([](GraphBuilder& b, Value y) {
          return b.matmul(b.matmul(y, b.parameter(0, {4, 2000})), b.parameter(0, {2000, 4}));
        }).find("more than 4096 operations") != std::string::npos);
}

TEST_CASE("fields whose rows depend on each other are no more for blocks of threads") {
  const auto reason = [](const std::function<Value(GraphBuilder&, Value)>& make) {
    GraphBuilder b;
    b.mark_output(make(b, b.input(0, {ODEON_BATCH, 4})));
    const Graph graph = b.finish();
    const odeon_graph view = graph.view();
    constexpr Tableau<1> kEuler{.order = 1, .c = {0}, .a = {{{}}}, .b = {1}};
    const odeon_tableau tableau = to_abi(kEuler);
    const odeon_solve_spec spec{sizeof spec,    ODEON_F64, &view, &tableau, ODEON_DENSE_LINEAR,
                                ODEON_NORM_RMS, 1,         0,     0};
    try {
      cuda::rows_source(spec);
      return std::string("none");
    } catch (const Error& e) {
      CHECK(e.status() == ODEON_E_UNSUPPORTED);
      return std::string(e.what());
    }
  };
  CHECK(reason([](GraphBuilder& b, Value y) { return b.log_softmax(y); }) == "none");
  CHECK(reason([](GraphBuilder& b, Value y) { return b.add(y, b.sum(y, 1)); }) ==
        "the field adds up over the batch, so its rows depend on each other");
  CHECK(reason([](GraphBuilder& b, Value y) { return b.matmul(y, b.matmul(y, y, true)); }) ==
        "the field multiplies over the batch, so its rows depend on each other");
}

TEST_CASE("for a device that NVRTC does not know yet it makes PTX of the newest one that it knows") {
  if (!has_nvrtc()) return;
  const Graph graph = RandomGraph(5).make(5);
  const std::string image = cuda::compile_for(999, cuda::generate(graph.view(), ODEON_F64).source);
  CHECK(image.find(".version") != std::string::npos);
  CHECK(cuda::target_name(999).find("compute_") != std::string::npos);
  CHECK(cuda::target_name(90).ends_with(" sm_90 --std=c++17"));  // whatever decides over the code
}

TEST_CASE("code that does not compile is an error with the compiler's words") {
  if (!has_nvrtc()) return;
  try {
    cuda::compile_for(90, "this is no code");
    FAIL("it compiled");
  } catch (const Error& e) {
    CHECK(e.status() == ODEON_E_INTERNAL);
    CHECK(std::string(e.what()).find("error:") != std::string::npos);
  }
}

TEST_CASE("the cache gives back what was kept under the same key and nothing else") {
  const Folder folder;
  const cuda::DiskCache cache(folder.path + "/a/kernels");
  CHECK_FALSE(cache.find("key"));
  const std::string image("some\0bytes\n", 11);
  REQUIRE(cache.keep("key", image) == "");
  CHECK(cache.find("key") == image);
  CHECK_FALSE(cache.find("another key"));
  CHECK(cuda::DiskCache("").keep("key", image) == "");
  CHECK_FALSE(cuda::DiskCache("").find("key"));
}

TEST_CASE("a damaged or foreign entry of the cache is a miss") {
  const Folder folder;
  const cuda::DiskCache cache(folder.path + "/kernels");
  REQUIRE(cache.keep("key", "image") == "");
  const std::string file = the_only_file(folder.path + "/kernels");
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto becomes = [&](const std::string& text) { std::ofstream(file, std::ios::binary) << text; };
  for (size_t length : {size_t(0), size_t(5), whole.size() - 6, whole.size() - 1}) {
    becomes(whole.substr(0, length));
    CHECK_FALSE(cache.find("key"));
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = char(changed[at] ^ 1);
    becomes(changed);
    CHECK_FALSE(cache.find("key"));
  }
  becomes(whole);
  CHECK(cache.find("key") == "image");
}

TEST_CASE("a cache that others may write to is not used") {
  const Folder folder;
  const cuda::DiskCache cache(folder.path + "/kernels");
  REQUIRE(cache.keep("key", "image") == "");
  fs::permissions(folder.path + "/kernels", fs::perms::group_write, fs::perm_options::add);
  CHECK_FALSE(cache.find("key"));
  CHECK(cache.keep("other", "image").find("others may write to it") != std::string::npos);
}

TEST_CASE(
    "processes that keep and read the same entries see whole ones only, and leave nothing else behind") {
  const Folder folder;
  const std::string path = folder.path + "/kernels";
  const auto image = [](int key) { return std::string(200000, char('a' + key)); };
  const auto work = [&] {
    const cuda::DiskCache cache(path);
    for (int round = 0; round < 40; ++round) {
      const int key = round % 4;
      if (!cache.keep(std::to_string(key), image(key)).empty()) return 1;
      const auto found = cache.find(std::to_string(key));
      if (!found || *found != image(key)) return 2;
    }
    return 0;
  };
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(work());
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  int files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path)) ++files;
  CHECK(files == 4);
}
