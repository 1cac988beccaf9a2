// Steps do not allocate: a solve of many steps calls malloc as often as one of few.
#include <atomic>
#include <cstdlib>

#include "experiment_case.hpp"
#include "prepared_problem.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ODEON_OWN_MALLOC 0  // the sanitizer's allocator cannot be replaced
#else
#define ODEON_OWN_MALLOC 1
#endif

namespace {
std::atomic<long> allocations{0};
}

#if ODEON_OWN_MALLOC
// glibc's own names of its allocator; every library of the process allocates through these.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t n) { return ++allocations, __libc_malloc(n); }
void* calloc(size_t n, size_t size) { return ++allocations, __libc_calloc(n, size); }
void* realloc(void* p, size_t n) { return ++allocations, __libc_realloc(p, n); }
void* aligned_alloc(size_t alignment, size_t n) { return ++allocations, __libc_memalign(alignment, n); }
int posix_memalign(void** out, size_t alignment, size_t n) {
  ++allocations;
  return (*out = __libc_memalign(alignment, n)) ? 0 : 12;
}
}
#endif

namespace {

using namespace odeon;
using namespace odeon::test;

// Allocations of a solve to `stop` on a problem that has been solved once.
struct Counted {
  long allocations;
  int64_t steps;
};

Counted solve_again(odeon_problem& problem, const odeon_tensor& y0, double stop) {
  const double times[] = {0, stop};
  odeon_solve_args args{};
  args.struct_size = sizeof args;
  args.y0 = &y0;
  args.times = times;
  args.n_times = 2;
  host::Counters counters;
  problem.counters = &counters;
  const long before = allocations;
  host::integrate(problem, args);
  return {allocations - before, counters.accepted};
}

void check_steps_do_not_allocate(const Json& config, double few, double many) {
  const PreparedProblem p(to_experiment(config, installed()), installed());
  solve_again(*p.problem, p.y0.view, few);
  const Counted a = solve_again(*p.problem, p.y0.view, few), b = solve_again(*p.problem, p.y0.view, many);
  CHECK(b.steps > 2 * a.steps);
  CHECK(a.allocations == b.allocations);
}

}  // namespace

TEST_CASE("steps do not allocate") {
  if (!ODEON_OWN_MALLOC) {
    MESSAGE("skipped: the sanitizer brings its own allocator, which cannot be counted");
    return;
  }
  const long before = allocations;
  delete new volatile int(3);
  REQUIRE(allocations == before + 1);  // the hook is in place

  const Json lotka{{"plugin", "expression"},
                   {"state", {"x", "y"}},
                   {"parameters", {{"a", 1.5}}},
                   {"derivatives", {{"x", "a*x - x*y"}, {"y", "x*y - 3*y"}}}};
  const Json network{
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 50}}, "tanh", {{"linear", 2}}}}};
  for (const char* backend : {"reference", "cpu"})
    for (const Json& field : {lotka, network})
      for (const Json& solver : {Json{{"plugin", "dopri5"}, {"rtol", 1e-8}, {"atol", 1e-8}},
                                 Json{{"plugin", "rk4"}, {"step_size", 0.01}}}) {
        CAPTURE(backend);
        CAPTURE(solver.dump());
        Json config{{"odeon", 1},          {"task", "solve"},     {"field", field},
                    {"initial", {{1, 1}}}, {"times", {0.0, 1.0}}, {"solver", solver}};
        config["backend"] = Json{{"plugin", backend}};
        check_steps_do_not_allocate(config, 1, 10);
      }
}
