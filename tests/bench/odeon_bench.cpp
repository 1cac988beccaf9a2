// Times solves, or solves with their backward pass, of one experiment; prints a line of JSON.
//   odeon_bench EXPERIMENT.yaml forward|backward SECONDS
// The shortest of all repetitions within SECONDS counts: what the work takes when nothing interferes.
// peak_bytes is what the resident set grows by, at its peak, in the first repetition.
// cpu_seconds is that of the processor time of all threads, which other programs on the machine disturb less.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::host;
using Clock = std::chrono::steady_clock;

double processor_time() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// A line of /proc/self/status, in bytes.
int64_t resident(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return 1024 * std::stoll(line.substr(key.size() + 1));
  return 0;
}

void reset_resident_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

class Work {
 public:
  explicit Work(const Experiment& e, const Registry& registry)
      : p_(e, registry),
        times_(e.times),
        ys_(p_.backend, e.dtype, with_times(e)),
        gys_(p_.backend, e.dtype, with_times(e)),
        gy0_(p_.backend, e.dtype, e.initial.shape),
        gtheta_(p_.backend, e.dtype, p_.parameters.flat.shape) {
    if (e.gradient) gradient_.emplace(*e.gradient);
    p_.backend->fill(gys_.view, 1);
    p_.problem->tape = &tape;
  }

  void forward() {
    counters = {};
    p_.problem->counters = &counters;
    odeon_solve_args args{};
    args.struct_size = sizeof args;
    args.y0 = &p_.y0.view;
    args.times = times_.data();
    args.n_times = static_cast<int64_t>(times_.size());
    args.ys = &ys_.view;
    integrate(*p_.problem, args);
    finish();
  }

  void backward() {
    counters = {};
    p_.problem->counters = &counters;
    odeon_gradient_forward_args f{};
    f.y0 = &p_.y0.view;
    f.times = times_.data();
    f.n_times = static_cast<int64_t>(times_.size());
    f.ys = &ys_.view;
    Gradient::Pass pass(*gradient_, *p_.problem, f);
    p_.backend->fill(gtheta_.view, 0);
    odeon_gradient_backward_args b{};
    b.gys = &gys_.view;
    b.gy0 = &gy0_.view;
    b.gtheta = p_.parameters.flat.size() > 0 ? &gtheta_.view : nullptr;
    pass.backward(b);
    finish();
  }

  Counters counters;
  TapeMeter tape;

 private:
  static std::vector<int64_t> with_times(const Experiment& e) {
    std::vector<int64_t> shape = e.initial.shape;
    shape.insert(shape.begin(), static_cast<int64_t>(e.times.size()));
    return shape;
  }

  // A read makes sure that queued work is done.
  void finish() {
    double first = 0;
    p_.backend->download(&first, ys_.view.data, 4);
  }

  test::PreparedProblem p_;
  std::vector<double> times_;
  DeviceTensor ys_, gys_, gy0_, gtheta_;
  std::optional<Gradient> gradient_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: odeon_bench EXPERIMENT.yaml forward|backward SECONDS\n");
    return 2;
  }
  const Registry registry = Registry::discover({});
  const Experiment e = read_experiment(load_source({argv[1], {}, {}}), argv[1], registry);
  const bool backward = std::strcmp(argv[2], "backward") == 0;
  Work work(e, registry);
  double shortest = 1e300, shortest_cpu = 1e300;
  int repetitions = -1;  // the first one warms up
  reset_resident_peak();
  const int64_t resident_before = resident("VmRSS");
  int64_t peak = 0;
  for (const auto begin = Clock::now();; ++repetitions) {
    const double cpu_start = processor_time();
    const auto start = Clock::now();
    backward ? work.backward() : work.forward();
    const std::chrono::duration<double> took = Clock::now() - start, all = Clock::now() - begin;
    const double cpu = processor_time() - cpu_start;
    if (repetitions < 0) peak = resident("VmHWM") - resident_before;
    if (repetitions >= 0)
      shortest = std::min(shortest, took.count()), shortest_cpu = std::min(shortest_cpu, cpu);
    if (repetitions >= 2 && all.count() > std::stod(argv[3])) break;
  }
  const nlohmann::ordered_json line{{"seconds", shortest},
                                    {"cpu_seconds", shortest_cpu},
                                    {"repetitions", repetitions + 1},
                                    {"evaluations", work.counters.evaluations},
                                    {"vjps", work.counters.vjps},
                                    {"accepted", work.counters.accepted},
                                    {"tape_bytes", work.tape.peak},
                                    {"peak_bytes", peak}};
  std::printf("%s\n", line.dump().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "odeon_bench: %s\n", error.what());
  return 1;
}
