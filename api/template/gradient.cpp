// A gradient strategy: central differences, (L(x + e) - L(x - e)) / 2e for every number x of y0, θ and times.
//
// It needs nothing of the field and the solver, and works on any backend through the host's engine table. Two
// solves per number: for checking other strategies on small problems. With steps chosen by an error estimate
// the differences carry its noise, so use fixed steps or tight tolerances.
#include <odeon/sdk/gradient.hpp>

namespace {

using namespace odeon;

constexpr odeon_option kStep =
    ranged(make_option(ODEON_OPTION_REAL, str("step"), str("1e-5"), str("e, absolute.")), 0, 1,
           ODEON_OPTION_MIN_EXCLUSIVE);
constexpr const odeon_option* kOptions[] = {&kStep};

class Differences {
 public:
  // Borrowed until backward is done, as the header says; nothing else is kept.
  struct Tape {
    odeon_gradient_forward_args forward;
  };

  Differences(const odeon_host*, const Options& options) : step_(options.real("step")) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    solve(engine, *args.y0, args.times, args.n_times, *args.ys);
    return std::make_unique<Tape>(Tape{args});
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    const odeon_gradient_forward_args& f = tape.forward;
    const TapeMemory start(engine, byte_count(*f.y0)), states(engine, byte_count(*f.ys));
    odeon_tensor y0 = *f.y0, ys = *f.ys;
    y0.data = start.data();
    ys.data = states.data();
    engine.copy(y0, *f.y0);
    std::vector<double> times(f.times, f.times + f.n_times);
    const Dot dot(engine);
    const auto loss = [&] {
      solve(engine, y0, times.data(), f.n_times, ys);
      return dot(*args.gys, ys);  // L, since it is linear in the states here
    };

    for (int64_t i = 0; i < element_count(y0); ++i)
      set(engine, *args.gy0, i, derivative(engine, y0, i, loss));
    odeon_tensor theta = engine.info().theta;  // moved and put back between solves
    for (int64_t i = 0; args.gtheta && i < element_count(theta); ++i)
      set(engine, *args.gtheta, i, get(engine, *args.gtheta, i) + derivative(engine, theta, i, loss));
    for (size_t i = 0; args.gtimes && i < times.size(); ++i) {
      const double at = times[i];
      times[i] = at + step_;
      const double up = loss();
      times[i] = at - step_;
      args.gtimes[i] = (up - loss()) / (2 * step_);
      times[i] = at;
    }
  }

 private:
  static void solve(const Engine& engine, const odeon_tensor& y0, const double* times, int64_t n_times,
                    const odeon_tensor& ys) {
    odeon_solve_args args{};
    args.struct_size = sizeof args;
    args.y0 = &y0;
    args.times = times;
    args.n_times = n_times;
    args.ys = &ys;
    engine.solve(args);
  }

  template <class Loss>
  double derivative(const Engine& engine, const odeon_tensor& x, int64_t i, const Loss& loss) const {
    const double at = get(engine, x, i);
    set(engine, x, i, at + step_);
    const double above = get(engine, x, i), up = loss();  // as rounded to the dtype
    set(engine, x, i, at - step_);
    const double below = get(engine, x, i), down = loss();
    set(engine, x, i, at);
    return (up - down) / (above - below);
  }

  // One number in backend memory.
  static odeon_tensor element(const odeon_tensor& x, int64_t i) {
    return make_tensor(static_cast<char*>(x.data) + i * dtype_bytes(x.dtype), x.dtype, {1});
  }
  static double get(const Engine& engine, const odeon_tensor& x, int64_t i) {
    return Dot(engine).sum(element(x, i));
  }
  static void set(const Engine& engine, const odeon_tensor& x, int64_t i, double value) {
    engine.fill(element(x, i), value);
  }

  double step_;
};

constexpr odeon_gradient_api kApi = GradientApi<Differences>::table(ODEON_GRADIENT_MEMORY_CONSTANT);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_GRADIENT,
                   {str("my_differences"), str("Central differences"),
                    str("Two solves per number of y0, theta and the times; for checking other strategies.")},
                   &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
