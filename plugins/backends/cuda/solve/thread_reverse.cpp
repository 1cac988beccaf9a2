// Rows on their own backwards, a thread each.
#include <algorithm>

#include "launch.hpp"
#include "solve/row_reverse.hpp"

namespace odeon::cuda {
namespace {

class ThreadReverse : public RowReverse {
 public:
  ThreadReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : ThreadReverse(owner, spec, gradient_source(spec)) {}

  RowSolves& solves() override { return solves_; }
  int64_t shares(int64_t rows, bool wants_theta) const override {
    const int64_t threads = std::min(ceil_div(rows, kSolveThreads), kMaxBlocks) * kSolveThreads;
    if (!wants_theta) return threads;
    const int64_t most_blocks = kPartialLimit / (theta_count_ * 8 * kSolveThreads);
    return std::min(threads, std::max<int64_t>(1, most_blocks) * kSolveThreads);
  }
  int64_t columns() const override { return theta_count_; }
  void direct(odeon_queue& queue, DirectArgs args, const odeon_solve_gradient_run&) override {
    launch_rows(module(), reverse_kernel_, std::min(args.rows, args.threads), queue, &args);
  }
  void adjoint(odeon_queue& queue, AdjointArgs args, const odeon_solve_gradient_run&) override {
    launch_rows(module(), reverse_kernel_, std::min(args.solve.batch, args.threads), queue, &args);
  }
  void sum(odeon_queue& queue, const SumArgs& args) override {
    module().launch(reverse_kernel_ + 1, row_blocks(args.columns), kThreads, queue.stream, &args);
  }
  void add_theta(odeon_queue& queue, const double* partial, int64_t threads, void* gtheta) override {
    sum(queue, {partial, threads, theta_count_, nullptr, gtheta});
  }

 private:
  ThreadReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec, GradientSource source)
      : backend_(owner),
        theta_count_(spec.theta_count),
        text_(source.backward),
        reverse_kernel_(text_.empty() ? 1 : 0),
        solves_(owner, std::move(source.solve), solve_kernels(text_.empty())) {}
  // The discrete reverse is in the text of the solve.
  static std::vector<std::string> solve_kernels(bool all) {
    return all ? std::vector<std::string>{kSolveKernel, kDirectKernel, kSumKernel}
               : std::vector<std::string>{kSolveKernel};
  }
  const Module& module() {
    if (text_.empty()) return solves_.module();
    if (!adjoint_) adjoint_ = backend_.modules.get(text_, {kAdjointKernel, kSumKernel});
    return *adjoint_;
  }

  odeon_backend& backend_;
  const int64_t theta_count_;
  const std::string text_;  // of the adjoint
  const size_t reverse_kernel_;
  ThreadRows solves_;
  std::shared_ptr<const Module> adjoint_;
};

}  // namespace

std::unique_ptr<RowReverse> make_thread_reverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec) {
  return std::make_unique<ThreadReverse>(owner, spec);
}

}  // namespace odeon::cuda
