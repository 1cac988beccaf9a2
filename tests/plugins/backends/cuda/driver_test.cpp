// What the backend's own use of the driver has to stand: memory in pieces, drivers older than NVRTC, captures
// that fail. On the stand-in (fake/).
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "backend.hpp"
#include "device.hpp"
#include "fake/stand_in.hpp"
#include "joint/captured.hpp"
#include "maths/launches.hpp"
#include "plugins/backends/device.hpp"

using namespace odeon;
using namespace odeon::cuda;
using namespace odeon::test;

namespace {

// An environment variable for as long as it lives.
class With {
 public:
  With(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~With() { unsetenv(name_); }
  With(const With&) = delete;
  With& operator=(const With&) = delete;

 private:
  const char* name_;
};

// Whether it ends its process, by the stand-in's word.
bool is_refused(const std::function<void()>& body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (!freopen("/dev/null", "w", stderr)) _exit(1);
    std::signal(SIGABRT, SIG_DFL);
    body();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

struct Captured {
  cudaGraph_t graph = nullptr;
  Stream stream;
  Captured() {
    REQUIRE(cudaSetDevice(0) == cudaSuccess);
    stream = make_stream();
    REQUIRE(cudaGraphCreate(&graph, 0) == cudaSuccess);
  }
  ~Captured() { cudaGraphDestroy(graph); }
  CapturedSequence sequence() { return {stream.get(), graph}; }
  void kernel(const std::function<void()>& body = [] {}) {
    fake::launch({dim3(1), dim3(1), 0, stream.get()}, body);
  }
};

}  // namespace

TEST_CASE("a machine without a device to use is told what helps there") {
  const auto words = [](const char* error) {
    const With none("ODEON_FAKE_NO_DEVICE", error);
    try {
      open_device(&bare_host(), 0, 0);
    } catch (const Error& e) {
      CHECK(e.status() == ODEON_E_NO_DEVICE);
      CHECK(cudaGetLastError() == cudaSuccess);
      return std::string(e.what());
    }
    return std::string("opened");
  };
  CHECK(words("802").find("nvidia-fabricmanager") != std::string::npos);
  CHECK(words("46").find("other processes") != std::string::npos);
  CHECK(words("100").find("install the NVIDIA driver") != std::string::npos);
}

TEST_CASE("memory that was given back in pieces serves for a larger one") {
  const With small("ODEON_FAKE_BYTES", "1000000");
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  Memory memory(0, 0);
  void* const low = memory.allocate(300000);
  void* const high = memory.allocate(500000);
  memory.release(low);
  memory.release(high);
  void* const all = memory.allocate(900000);  // not beside 800000 that the pool keeps
  CHECK(all != nullptr);
  CHECK(cudaGetLastError() == cudaSuccess);
  memory.release(all);
}

TEST_CASE("memory that is in use is not made room of, and the refusal says how much is free") {
  const With small("ODEON_FAKE_BYTES", "1000000");
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  Memory memory(0, 0);
  void* const held = memory.allocate(600000);
  try {
    memory.allocate(500000);
    FAIL("it fits");
  } catch (const Error& e) {
    CHECK(e.status() == ODEON_E_NO_MEMORY);
    CHECK(std::string(e.what()).find("500000 bytes were asked for, 600000 are held, 400000 are free on the "
                                     "device") != std::string::npos);
  }
  CHECK(cudaGetLastError() == cudaSuccess);
  memory.release(held);
}

TEST_CASE("a condition may have the handle 0") {
  Captured c;
  CapturedSequence all = c.sequence();
  const unsigned long long running = all.condition();
  CHECK(running != 0);
  int turns = 0;
  all.add([&] { c.kernel([=] { fake::set_condition(running - 1, 1); }); });
  all.add_while(running).add(
      [&] { c.kernel([=, &turns] { fake::set_condition(running - 1, ++turns < 3); }); });
  cudaGraphExec_t made = nullptr;
  REQUIRE(cudaGraphInstantiate(&made, c.graph, 0) == cudaSuccess);
  const ReadyGraph ready(made);
  REQUIRE(cudaGraphLaunch(made, c.stream.get()) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(c.stream.get()) == cudaSuccess);
  CHECK(turns == 3);
}

TEST_CASE("a capture whose launches fail leaves stream and errors as they were") {
  Captured c;
  CapturedSequence all = c.sequence();
  const auto fails = [&] {
    c.kernel();
    throw Error("a launch");
  };
  CHECK_THROWS_AS(all.add(fails), Error);
  CHECK(cudaGetLastError() == cudaSuccess);
  c.kernel();
  CHECK(cudaStreamSynchronize(c.stream.get()) == cudaSuccess);
}

TEST_CASE("kernels of a loop load where the driver does not know NVRTC's PTX") {
  const With old("ODEON_FAKE_OLD_DRIVER", "1");
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  Modules modules(&bare_host(), 90, "");
  const std::string source = R"cpp(extern "C" __global__ void nothing(int) {})cpp";
  CHECK_THROWS_AS(modules.get(source, {"nothing"}, Form::ptx), Error);
  CHECK(load_loop_kernels(modules, source, {"nothing"}) != nullptr);
}

TEST_CASE("where driver or device have no loops, the solve is refused with the reason before it begins") {
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  Modules modules(&bare_host(), 90, "");
  const auto reason = [&] {
    try {
      load_loop_kernels(modules, "", {"nothing"});
    } catch (const Error& e) {
      CHECK(e.status() == ODEON_E_UNSUPPORTED);
      CHECK(cudaGetLastError() == cudaSuccess);
      return std::string(e.what());
    }
    return std::string("loaded");
  };
  {
    const With driver("ODEON_FAKE_DRIVER", "12030");
    CHECK(reason() == "a driver older than 12.4 has no loops on the device");
  }
  const With device("ODEON_FAKE_NO_CONDITIONS", "1");
  CHECK(reason().starts_with("the device has no loops: creating a condition: "));
}

TEST_CASE("the stand-in refuses a launch behind an error that nobody took") {
  CHECK(is_refused([] {
    cudaSetDevice(0);
    const Stream stream = make_stream();
    const Event event = make_event();
    fake::enqueue(stream.get(), [] {});
    cudaEventRecord(event.get(), stream.get());
    cudaEventQuery(event.get());  // not ready
    launch_fill(stream.get(), static_cast<float*>(nullptr), 1, 0.f);
  }));
}

TEST_CASE("the stand-in refuses graphs that CUDA does not define") {
  CHECK(is_refused([] {  // cuda_device_runtime_api.h: racing calls of cudaGraphSetConditional
    Captured c;
    CapturedSequence all = c.sequence();
    const unsigned long long some = all.condition();
    all.add([&] {
      fake::launch({dim3(2), dim3(1), 0, c.stream.get()}, [=] { fake::set_condition(some - 1, 1); });
    });
    all.add_if(some).add([&] { c.kernel(); });
    cudaGraphExec_t made = nullptr;
    cudaGraphInstantiate(&made, c.graph, 0);
    cudaGraphLaunch(made, c.stream.get());
    cudaStreamSynchronize(c.stream.get());
  }));
  CHECK(is_refused([] {  // cudaGraphConditionalHandleCreate: a handle in a body without a node
    Captured c;
    CapturedSequence all = c.sequence();
    const unsigned long long some = all.condition();
    CapturedSequence body = all.add_if(some);
    body.condition();
    body.add([&] { c.kernel(); });
    cudaGraphExec_t made = nullptr;
    cudaGraphInstantiate(&made, c.graph, 0);
  }));
  CHECK(is_refused([] {  // cudaGraphNodeTypeConditional: only one instantiation
    Captured c;
    CapturedSequence all = c.sequence();
    all.add_if(all.condition()).add([&] { c.kernel(); });
    cudaGraphExec_t one = nullptr, other = nullptr;
    cudaGraphInstantiate(&one, c.graph, 0);
    cudaGraphInstantiate(&other, c.graph, 0);
  }));
}
