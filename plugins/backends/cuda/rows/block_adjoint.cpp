// The continuous adjoint of rows on their own, a block of threads each.
#include "joint/joint_solve.hpp"
#include "rows/block_reverse.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

class BlockAdjoint : public BlockReverse {
 public:
  BlockAdjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : BlockAdjoint(owner, spec, rows_adjoint_source(spec)) {}

  void direct(odeon_queue&, DirectArgs, const odeon_solve_gradient_run&) override {
    throw Error("solve_gradient: this plan is of the adjoint");
  }
  void adjoint(odeon_queue& queue, AdjointArgs args, const odeon_solve_gradient_run& r) override {
    put_products(queue, r);
    const odeon_solve_run& solve = *r.solve;
    const std::vector<double> back(std::reverse_iterator(solve.times + solve.n_times),
                                   std::reverse_iterator(solve.times));
    args.solve.times = to_room(times_, queue, back.data(), solve.n_times);
    RowsAdjointArgs all{args, source_.at(layout()), own_args(args.threads)};
    if (!bound_.gtheta) all.g.j.quadratures = 0;
    launch(queue, args.threads, &all);
  }

 private:
  BlockAdjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec, RowsAdjointSource source)
      : BlockReverse(owner, spec, source.rows, kRowsAdjointKernel),
        source_(std::move(source)),
        fsal_(is_fsal(*spec.backward->tableau)),
        times_(owner.memory) {
    for (int i = 0; i <= stages_; ++i) wants_.push_back(wants_integrand(*spec.backward, i));
  }

  void call_products(int call, const GraphRun::Launch& launch) override {
    const CallPlace place = place_of_call(call, stages_, fsal_);
    const OwnJoint& at = code_.at;
    const JointArgs g = at.at(layout());
    const int64_t half = at.elements / 2;
    char* const state = static_cast<char*>(g.state(place));
    char* const k = static_cast<char*>(at.k_at(layout(), place.k));
    const auto flat = [&](char* data) { return make_tensor(data, dtype_, {half}); };
    GraphCall products{theta_, g.call_times + place.k, {flat(state), flat(state + bytes_of(half))}};
    products.put(flat(k));
    products.put(flat(k + bytes_of(half)));
    products.put(make_tensor(nullptr, dtype_, {1}));
    const bool wants = bound_.gtheta && wants_[size_t(place.k)] && call <= stages_;
    char* const q = static_cast<char*>(at.q_at(layout(), place.k));
    put_slices(wants ? q : nullptr, products, ODEON_WRITE_OVERWRITE);
    run_products(products, launch);
  }

  const RowsAdjointSource source_;
  const bool fsal_;
  std::vector<char> wants_;
  Room times_;
};

}  // namespace

std::unique_ptr<RowReverse> make_block_adjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec) {
  return std::make_unique<BlockAdjoint>(owner, spec);
}

}  // namespace odeon::cuda
