// The discrete reverse of rows on their own, a block of threads each.
#include <algorithm>

#include "rows/block_reverse.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

class BlockDirect : public BlockReverse {
 public:
  BlockDirect(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : BlockDirect(owner, spec, rows_direct_source(spec)) {}

  void adjoint(odeon_queue&, AdjointArgs, const odeon_solve_gradient_run&) override {
    throw Error("solve_gradient: this plan is of the discrete reverse");
  }
  void direct(odeon_queue& queue, DirectArgs args, const odeon_solve_gradient_run& r) override {
    put_products(queue, r);
    const int64_t blocks = std::min(args.rows, args.threads);
    RowsDirectArgs all{args, code_.at.at(layout()), source_.at(layout()), own_args(blocks)};
    if (!bound_.gtheta) all.j.quadratures = 0;
    launch(queue, blocks, &all);
  }

 private:
  BlockDirect(odeon_backend& owner, const odeon_solve_gradient_spec& spec, RowsDirectSource source)
      : BlockReverse(owner, spec, source.rows, kRowsDirectKernel),
        source_(std::move(source)),
        fsal_(is_fsal(*spec.solve->tableau)) {}

  // Products with K_i at the stage, then the field alone.
  void call_products(int call, const GraphRun::Launch& launch) override {
    const bool is_product = call < product_count(stages_);
    const int i = is_product ? call : call - product_count(stages_);
    const OwnJoint& at = code_.at;
    const JointArgs j = at.at(layout());
    const ReverseArgs g = source_.at(layout());
    const auto flat = [&](void* data) { return make_tensor(data, dtype_, {at.elements}); };
    char* const K = reinterpret_cast<char*>(const_cast<void**>(g.K)) + bytes_of(i * at.elements);
    void* const state = is_product ? g.stage : j.state(place_of_call(i, stages_, fsal_));
    char* const gt = static_cast<char*>(g.gt) + bytes_of(i);
    GraphCall products{theta_, g.call_times + i, {flat(state), flat(K)}};
    products.put(flat(is_product ? nullptr : at.k_at(layout(), i)));
    products.put(flat(is_product ? g.mu : nullptr));
    products.put(make_tensor(is_product && bound_.times ? gt : nullptr, dtype_, {1}));
    const bool wants_theta = is_product && bound_.gtheta;
    put_slices(wants_theta ? static_cast<char*>(j.integral) : nullptr, products, ODEON_WRITE_ACCUMULATE);
    run_products(products, launch);
  }

  const RowsDirectSource source_;
  const bool fsal_;
};

}  // namespace

std::unique_ptr<RowReverse> make_block_direct(odeon_backend& owner, const odeon_solve_gradient_spec& spec) {
  return std::make_unique<BlockDirect>(owner, spec);
}

}  // namespace odeon::cuda
