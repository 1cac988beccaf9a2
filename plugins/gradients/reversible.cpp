// The exact gradient in constant memory with a solver whose steps algebra takes back: each state comes from
// the one behind it, its step is taken once more and reversed. P. Kidger, J. Foster, X. Li, T. Lyons,
// Efficient and Accurate Gradients for Neural SDEs, NeurIPS 2021, algorithm 2; J. Zhuang et al., MALI, ICLR
// 2021. Exact as long as round-off does not grow on the way back, which is measured at every observation
// (reconstruction.hpp).
#include "reconstruction.hpp"

namespace {

using namespace odeon;

constexpr odeon_str kReactions[] = {str("error"), str("warn"), str("off")};
constexpr odeon_option kReconstruction = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("reconstruction"), str("error"),
        str("What to do where the way back misses a stored state by more than reconstruction_bound, because "
            "round-off has grown: the gradient would be no more accurate than that.")),
    kReactions);
constexpr odeon_option kBound = ranged(
    make_option(
        ODEON_OPTION_REAL, str("reconstruction_bound"), kNoText,
        str("Largest miss of a row relative to the state (root mean square); half of the digits of the "
            "precision when absent.")),
    0, ODEON_UNBOUNDED_ABOVE, ODEON_OPTION_MIN_EXCLUSIVE);
constexpr const odeon_option* kOptions[] = {&kReconstruction, &kBound};

class Reversible {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;  // borrowed
    const odeon_engine_api* api;
    odeon_reversal* reversal = nullptr;
    ~Tape() {
      if (reversal) api->reversal_destroy(reversal);
    }
  };

  Reversible(const odeon_host* host, const Options& options)
      : host_(host),
        watches_(options.text("reconstruction") != "off"),
        only_warns_(options.text("reconstruction") == "warn"),
        bound_(options.given("reconstruction_bound") ? options.real("reconstruction_bound") : 0) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    auto tape = std::make_unique<Tape>(args, &engine.api());
    const odeon_solve_args solve = solve_args_of(args);
    check(engine.api().reversible_solve(engine.problem(), &solve, &tape->reversal));
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Watch watch{*this, engine, tape.forward, continuous::Reconstruction(engine)};
    odeon_reversal_args a{};
    a.struct_size = sizeof a;
    a.y0 = tape.forward.y0;
    a.gys = args.gys;
    a.gy0 = args.gy0;
    a.gtheta = args.gtheta;
    a.user = &watch;
    if (watches_) a.on_observation = Watch::on_observation;
    check(engine.api().reversal_run(engine.problem(), tape.reversal, &a));
    // Steps are taken back as numbers.
    if (args.gtimes) times_of_the_flow(engine, tape.forward, args);
  }

 private:
  struct Watch {
    const Reversible& strategy;
    const Engine& engine;
    const odeon_gradient_forward_args& forward;
    continuous::Reconstruction reconstruction;
    bool warned = false;

    static odeon_status on_observation(void* user, int64_t index, const odeon_tensor* y) {
      Watch& self = *static_cast<Watch*>(user);
      return barrier(self.engine.host(), [&] {
        if (!self.warned) self.warned = self.strategy.look(self, index, *y);
      });
    }
  };

  // True when it has warned.
  bool look(Watch& w, int64_t index, const odeon_tensor& found) const {
    const bool single = w.engine.info().dtype == ODEON_F32;
    const double bound = bound_ > 0 ? bound_ : single ? 3e-4 : 1e-8;
    const int64_t last = w.forward.n_times - 1;
    const continuous::Segment all{w.forward.times[last], w.forward.times[index],
                                  w.engine.at(*w.forward.ys, last)};
    const double miss =
        w.reconstruction.relative_mismatch(found, w.engine.at(*w.forward.ys, index), all.y_from);
    if (miss <= bound) return false;
    char numbers[200];
    std::snprintf(
        numbers, sizeof numbers,
        "from t = %.6g back to %.6g round-off has grown until the stored state was missed by %.3g of its "
        "size (reconstruction_bound: %.6g)",
        all.from, all.to, miss, bound);
    const std::string
        growth = w.reconstruction.growth(all),
        text = numbers + (growth.empty() ? "" : "; " + growth) +
               "; the gradient would be no more accurate than that: use gradient direct, or a shorter "
               "span of times";
    if (!only_warns_) throw Error("gradient 'reversible': " + text, ODEON_E_SOLVE_FAILED);
    host_->log(host_, ODEON_LOG_WARNING, to_str("gradient 'reversible': " + text));
    return true;
  }

  const odeon_host* host_;
  bool watches_, only_warns_;
  double bound_;  // 0: by the precision
};

constexpr odeon_gradient_api kApi =
    GradientApi<Reversible>::table(ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_CONSTANT |
                                   ODEON_GRADIENT_NEEDS_REVERSIBLE | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_GRADIENT,
                   {str("reversible"), str("Exact, O(1) memory, for reversible solvers"),
                    str("Takes the solver's steps back by algebra and reverses each. Keeps where the solve "
                        "ended, and 16 bytes of host "
                        "memory for each step. Step sizes are constants, dL/dt is that of the solution. "
                        "Where the field decays fast, "
                        "round-off grows on the way back: that is measured, see reconstruction. Kidger et "
                        "al. 2021; Zhuang et al. "
                        "2021.")},
                   &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
