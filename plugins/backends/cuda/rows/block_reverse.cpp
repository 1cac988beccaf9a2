#include "rows/block_reverse.hpp"

#include <algorithm>
#include <numeric>

#include "joint/joint_solve.hpp"

namespace odeon::cuda {

BlockReverse::BlockReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec, RowsSource code,
                           const char* kernel)
    : code_(std::move(code)),
      stages_((spec.method == ODEON_SOLVE_GRADIENT_ADJOINT ? spec.backward : spec.solve)->tableau->stages),
      dtype_(spec.solve->dtype),
      backend_(owner),
      kernel_(kernel),
      offsets_(spec.slice_offsets, spec.slice_offsets + spec.n_slices),
      counts_(slice_counts(spec)),
      columns_(std::accumulate(counts_.begin(), counts_.end(), int64_t{0})),
      solves_(owner, *spec.solve),
      run_(code_.graph, dtype_, 1),
      own_(owner, code_.bytes) {}

int64_t BlockReverse::shares(int64_t rows, bool wants_theta) const {
  const int64_t blocks = row_block_count(rows, code_.bytes);
  if (!wants_theta || columns_ == 0) return blocks;
  return std::min(blocks, std::max<int64_t>(1, kPartialLimit / (columns_ * 8)));
}

const Module& BlockReverse::module() {
  if (!module_) module_ = backend_.modules.get(code_.text, {kernel_, kSumKernel});
  return *module_;
}

void BlockReverse::launch(odeon_queue& queue, int64_t blocks, const void* args) {
  module().launch(0, static_cast<unsigned>(blocks), code_.threads, queue.stream, args);
}

void BlockReverse::sum(odeon_queue& queue, const SumArgs& args) {
  module().launch(1, row_blocks(args.columns), code_.threads, queue.stream, &args);
}

// The slices may overlap.
void BlockReverse::add_theta(odeon_queue& queue, const double* partial, int64_t shares, void* gtheta) {
  for (size_t s = 0; s < offsets_.size(); ++s) {
    char* const to = static_cast<char*>(gtheta) + bytes_of(offsets_[s]);
    if (counts_[s] > 0) sum(queue, {partial, shares, counts_[s], nullptr, to});
    partial += counts_[s] * shares;
  }
}

void BlockReverse::put_slices(char* to, GraphCall& products, int32_t mode) const {
  for (int64_t count : counts_) {
    products.put(make_tensor(to, dtype_, {count}), mode);
    if (to) to += bytes_of(count);
  }
}

void BlockReverse::put_products(odeon_queue& queue, const odeon_solve_gradient_run& r) {
  const odeon_tensor* theta = r.solve->theta;
  const Bound now{theta ? theta->data : nullptr, r.gtheta != nullptr, r.gtimes != nullptr, true};
  if (bound_ == now) return;
  bound_ = now;
  theta_ = theta ? *theta : odeon_tensor{};
  put_calls(queue, layout() + code_.at.calls, code_.calls, code_.graph, most_pointers(code_.graph),
            [&](int i, const GraphRun::Launch& to) { call_products(i, to); });
}

void BlockReverse::run_products(const GraphCall& products, const GraphRun::Launch& launch) {
  run_.run(products, layout() + code_.at.arena, launch);
}

std::unique_ptr<RowReverse> make_block_reverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec) {
  if (spec.method == ODEON_SOLVE_GRADIENT_ADJOINT) return make_block_adjoint(owner, spec);
  if (spec.method == ODEON_SOLVE_GRADIENT_DIRECT) return make_block_direct(owner, spec);
  throw_no_method(spec.method);
}

}  // namespace odeon::cuda
