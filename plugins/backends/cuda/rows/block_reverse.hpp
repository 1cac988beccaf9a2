// Rows on their own backwards, a block of threads each.
#pragma once
#include "rows/block_rows.hpp"
#include "solve/row_reverse.hpp"

namespace odeon::cuda {

// What both methods have in common. The slices of theta that a block has sums of stand behind each other.
class BlockReverse : public RowReverse {
 public:
  RowSolves& solves() override { return solves_; }
  int64_t shares(int64_t rows, bool wants_theta) const override;
  int64_t columns() const override { return columns_; }
  void sum(odeon_queue& queue, const SumArgs& args) override;
  void add_theta(odeon_queue& queue, const double* partial, int64_t shares, void* gtheta) override;

 protected:
  // code: of the backward run, whose module has the kernel and then kSumKernel.
  BlockReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec, RowsSource code,
               const char* kernel);
  const Module& module();
  void launch(odeon_queue& queue, int64_t blocks, const void* args);
  OwnArgs own_args(int64_t blocks) { return own_.args(blocks, call_words(code_.graph, code_.calls)); }
  char* layout() const { return own_.layout(); }
  int64_t bytes_of(int64_t elements) const { return elements * dtype_bytes(dtype_); }
  // Outputs of derivative products that go to the slices in an integrand at `to`, not wanted if it is null.
  void put_slices(char* to, GraphCall& products, int32_t mode) const;
  // The calls of the products, unless they are on the device for the same pointers.
  struct Bound {
    const void* theta = nullptr;
    bool gtheta = false, times = false, there = false;
    friend bool operator==(const Bound&, const Bound&) = default;
  };
  void put_products(odeon_queue& queue, const odeon_solve_gradient_run& run);
  // Call i with `launch`, which takes the arguments.
  virtual void call_products(int i, const GraphRun::Launch& launch) = 0;
  void run_products(const GraphCall& products, const GraphRun::Launch& launch);

  const RowsSource code_;
  const int stages_;
  const int32_t dtype_;
  Bound bound_;
  odeon_tensor theta_{};

 private:
  odeon_backend& backend_;
  const char* const kernel_;
  const std::vector<int64_t> offsets_, counts_;  // of slices: in theta; their lengths
  int64_t columns_ = 0;
  BlockRows solves_;
  GraphRun run_;
  OwnMemory own_;
  std::shared_ptr<const Module> module_;
};

std::unique_ptr<RowReverse> make_block_adjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec);
std::unique_ptr<RowReverse> make_block_direct(odeon_backend& owner, const odeon_solve_gradient_spec& spec);

}  // namespace odeon::cuda
