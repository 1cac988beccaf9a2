// The backward run of rows on their own, as those do it who take the rows: threads, or blocks of them.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include "solve/gradient_source.hpp"
#include "solve/row_solves.hpp"

namespace odeon::cuda {

constexpr int64_t kPartialLimit = int64_t{1} << 26;  // bytes of their sums

class RowReverse {
 public:
  RowReverse() = default;
  virtual ~RowReverse() = default;
  RowReverse(const RowReverse&) = delete;
  RowReverse& operator=(const RowReverse&) = delete;

  // The solves forwards; those of the discrete reverse can keep the steps that they take.
  virtual RowSolves& solves() = 0;
  // Among how many the rows are shared, each of which has a sum of its own of `columns` elements of
  // dL/dtheta: by sizes alone, so that the sums are. Not more of them than kPartialLimit holds, where sums
  // are wanted.
  virtual int64_t shares(int64_t rows, bool wants_theta) const = 0;
  virtual int64_t columns() const = 0;
  // Onto the queue, args.threads being the shares. run: whose solve it is.
  virtual void direct(odeon_queue& queue, DirectArgs args, const odeon_solve_gradient_run& run) = 0;
  virtual void adjoint(odeon_queue& queue, AdjointArgs args, const odeon_solve_gradient_run& run) = 0;
  virtual void sum(odeon_queue& queue, const SumArgs& args) = 0;
  // The shares' sums, [columns][shares], onto theta's derivative.
  virtual void add_theta(odeon_queue& queue, const double* partial, int64_t shares, void* gtheta) = 0;
};

// solve/thread_reverse.cpp and rows/block_reverse.cpp. Throw ODEON_E_UNSUPPORTED where there is no such way.
std::unique_ptr<RowReverse> make_thread_reverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec);
std::unique_ptr<RowReverse> make_block_reverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec);

}  // namespace odeon::cuda
