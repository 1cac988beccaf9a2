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

// A solve on a problem that has been solved before.
struct Counted {
  long allocations;
  int64_t steps, rejected;
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
  return {allocations - before, counters.accepted, counters.rejected};
}

// A rejection by the code of a solver may leave the step as an exception, which is allocated, copied and
// named.
constexpr int64_t kPerRejection = 4;

void check_steps_do_not_allocate(const Json& config, double few, double many) {
  const PreparedProblem p(to_experiment(config, installed()), installed());
  solve_again(*p.problem, p.y0.view, many);  // what the first solve sets up stays
  const Counted a = solve_again(*p.problem, p.y0.view, few), b = solve_again(*p.problem, p.y0.view, many);
  CAPTURE(b.rejected);
  CHECK(b.steps >= a.steps + 4);
  const long more = b.allocations - a.allocations;
  const std::string id = config["solver"]["plugin"];
  if (more != 0)
    MESSAGE(id << ": " << more << " allocations for the exceptions of " << b.rejected << " rejected steps");
  CHECK(more <= (solver_api(id).tableau ? 0 : kPerRejection * b.rejected));
}

// Also for second-order systems: [q, v].
Json oscillator() {
  return {{"plugin", "expression"},
          {"state", {"q", "v"}},
          {"parameters", {{"a", 1.5}}},
          {"derivatives", {{"q", "v"}, {"v", "-a*sin(q) + 0.1*cos(t)"}}}};
}

Json network() {
  return {{"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 50}}, "tanh", {{"linear", 2}}}}};
}

// Steps that are many in a short time.
Json many_steps(const std::string& id) {
  if (!traits_of(id).controlled) return {{"plugin", id}, {"step_size", 0.01}};
  const double tolerance = traits_of(id).order <= 3 ? 1e-5 : 1e-8;
  return {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}};
}

}  // namespace

TEST_CASE("steps of no solver allocate") {
  if (!ODEON_OWN_MALLOC) {
    MESSAGE("skipped: the sanitizer brings its own allocator, which cannot be counted");
    return;
  }
  const long before = allocations;
  delete new volatile int(3);
  REQUIRE(allocations == before + 1);  // the hook is in place

  for (const std::string& id : solver_ids())
    for (const std::string backend : {"reference", "cpu"})
      for (const Json& field : {oscillator(), network()}) {
        if (traits_of(id).second_order && field == network()) {
          if (backend == "cpu") MESSAGE(id << ": not on the network, which is no system [q, v]");
          continue;
        }
        CAPTURE(id);
        CAPTURE(backend);
        CAPTURE(field["plugin"].dump());
        check_steps_do_not_allocate({{"odeon", 1},
                                     {"task", "solve"},
                                     {"backend", backend},
                                     {"field", field},
                                     {"initial", {{1, 1}}},
                                     {"times", {0.0, 1.0}},
                                     {"solver", many_steps(id)}},
                                    1, 20);
      }
}

TEST_CASE("additive steps do not allocate") {
  if (!ODEON_OWN_MALLOC) {
    MESSAGE("skipped: the sanitizer brings its own allocator, which cannot be counted");
    return;
  }
  Json field = oscillator();
  field["explicit"] = {{"v", "0.2*q"}};
  for (const std::string& id : solver_ids())
    if (const odeon_tableau* t = solver_api(id).tableau; t && t->a_explicit)
      check_steps_do_not_allocate({{"odeon", 1},
                                   {"task", "solve"},
                                   {"backend", "cpu"},
                                   {"field", field},
                                   {"initial", {{1, 1}}},
                                   {"times", {0.0, 1.0}},
                                   {"solver", many_steps(id)}},
                                  1, 20);
}
