// The exact gradient with bounded memory. The solve, whose number of steps nobody knows before its end,
// leaves evenly spread snapshots of the state: of every step at first, and of every other one of them each
// time that the budget is full. The reverse sweep goes from snapshot to snapshot and puts new ones where old
// ones were, by the binomial schedule (revolve.hpp).
#include <cmath>
#include <odeon/sdk/rk_replay.hpp>

#include "revolve.hpp"
#include "snapshots.hpp"

namespace {

using namespace odeon;

constexpr odeon_option kBudget = ranged(
    make_option(ODEON_OPTION_INT, str("budget"), str("64"), str("most snapshots of the state in memory")), 1,
    1e9, 0, str("snapshots"));
constexpr odeon_option kBudgetMib = ranged(make_option(ODEON_OPTION_REAL, str("budget_mib"), kNoText,
                                                       str("in place of budget: the memory for snapshots")),
                                           0, 1e9, ODEON_OPTION_MIN_EXCLUSIVE, str("MiB"));
constexpr odeon_option kSpill = make_option(ODEON_OPTION_STRING, str("spill"), kNoText,
                                            str("folder for a file with the snapshots beyond the budget, so "
                                                "that no step is taken more than twice; the "
                                                "file has no name and is gone with the run"));
constexpr const odeon_option* kOptions[] = {&kBudget, &kBudgetMib, &kSpill};

class Checkpoint {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    StepPlans plans;
    Snapshots snapshots;
    size_t stride = 1;
    RowGradient rows;  // of a backend that does both passes within the budget; then there is nothing else
  };

  Checkpoint(const odeon_host*, const Options& options)
      : budget_(options.integer("budget")),
        mib_(options.given("budget_mib") ? options.real("budget_mib") : 0),
        spill_(options.given("spill") ? options.text("spill") : "") {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    odeon_row_solve_args rows{};
    rows.method = ODEON_SOLVE_GRADIENT_DIRECT;
    rows.most_states = static_cast<int64_t>(budget(engine));
    auto tape = std::make_unique<Tape>(
        Tape{args, {}, Snapshots(budget(engine), spill_), 1, solve_rows(engine, args, rows)});
    if (tape->rows) return tape;
    solve_observed(engine, args, [&](const odeon_step_record& r) { record(engine, *tape, r); });
    return tape;
  }

  // The snapshots are a stack: the steps from the last one to `end` are next.
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    if (tape.rows) return reverse_rows(engine, tape.rows, args);
    RungeKuttaReverse sweep(engine, args, tape.plans.most_k());
    const TapeMemory memory(engine, 2 * engine.state_bytes());
    const odeon_tensor here = engine.state(memory.data()),
                       loaded = engine.state(memory.bytes() + engine.state_bytes());
    Snapshots& snapshots = tape.snapshots;
    for (size_t end = tape.plans.size(); end > 0;) {
      const size_t from = snapshots.empty() ? 0 : snapshots.last(), steps = end - from;
      const odeon_tensor y = snapshots.empty() ? *tape.forward.y0 : snapshots.load(engine, from, loaded);
      const int64_t room = static_cast<int64_t>(snapshots.room());
      if (steps > 1 && room > 0) {
        const size_t to = from + static_cast<size_t>(next_snapshot(static_cast<int64_t>(steps), room));
        tape.plans.advance(engine, from, to, y, here);
        snapshots.store(engine, to, here);
        continue;
      }
      if (steps > 1) tape.plans.advance(engine, from, end - 1, y, here);
      tape.plans.reverse(engine, --end, steps > 1 ? here : y, sweep, true);
      if (from == end && from > 0) snapshots.drop(from);
    }
    sweep.finish();
  }

 private:
  size_t budget(const Engine& engine) const {
    if (mib_ == 0) return static_cast<size_t>(budget_);
    const double bytes = static_cast<double>(engine.state_bytes()), most = std::floor(mib_ * 1048576 / bytes);
    if (most < 1)
      throw Error("gradient 'checkpoint': 'budget_mib' holds no snapshot, because one state has " +
                  std::to_string(engine.state_bytes()) + " bytes; raise it");
    return static_cast<size_t>(std::min(most, 1e9));
  }

  static void record(const Engine& engine, Tape& tape, const odeon_step_record& r) {
    const size_t step = tape.plans.size();
    tape.plans.add(r);
    if (step == 0 || step % tape.stride != 0) return;
    if (tape.snapshots.room() == 0) {
      tape.stride *= 2;
      tape.snapshots.thin(tape.stride);
      if (step % tape.stride != 0 || tape.snapshots.room() == 0) return;
    }
    tape.snapshots.store(engine, step, *r.y0);
  }

  int64_t budget_;
  double mib_;
  std::string spill_;
};

constexpr odeon_gradient_api kApi = GradientApi<Checkpoint>::table(
    ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_CONSTANT | ODEON_GRADIENT_NEEDS_EXPLICIT |
    ODEON_GRADIENT_NEEDS_VJP | ODEON_GRADIENT_ROWS);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_GRADIENT,
                   {str("checkpoint"), str("Exact, with bounded memory"),
                    str("The derivative of the discrete program, to round-off, as `direct` gives it, for "
                        "explicit tableaus. At most "
                        "`budget` snapshots of the state beside two more and one step's stages, with the "
                        "values between the operations of a network; steps "
                        "between them are taken again "
                        "and count as accepted steps of the backward pass. Times and lengths of all steps "
                        "are kept on the host, "
                        "about 300 bytes each. Griewank and Walther 2000.")},
                   &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
