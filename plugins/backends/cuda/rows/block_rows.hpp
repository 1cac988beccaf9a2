// Solves of rows on their own, a block of threads each.
#pragma once
#include <odeon/sdk/tensor.hpp>
#include <optional>

#include "rows/rows_source.hpp"
#include "solve/row_solves.hpp"

namespace odeon::cuda {

// How many blocks share the rows: by sizes alone, so that sums over a block's rows do not depend on the
// device.
int64_t row_block_count(int64_t rows, int64_t own_bytes);

// A launch's own memory, and the calls of a graph's kernels in it.
class OwnMemory {
 public:
  OwnMemory(odeon_backend& backend, int64_t bytes);
  char* layout() const { return layout_; }
  OwnArgs args(int64_t blocks, int64_t call_words);

 private:
  const int64_t bytes_;
  Room layout_room_, blocks_;
  char* const layout_;
};

class BlockRows : public RowSolves {
 public:
  BlockRows(odeon_backend& backend, const odeon_solve_spec& spec)
      : BlockRows(backend, spec, rows_source(spec)) {}
  void launch(odeon_queue& queue, const SolveArgs& args, const odeon_tensor* theta) override;

 private:
  BlockRows(odeon_backend& backend, const odeon_solve_spec& spec, RowsSource source);
  void put_field(odeon_queue& queue, const odeon_tensor* theta);
  void call_field(int call, const odeon_tensor* theta, const GraphRun::Launch& launch);

  odeon_backend& backend_;
  const int stages_;
  const bool fsal_;
  const int32_t dtype_;
  const RowsSource source_;
  GraphRun run_;
  OwnMemory own_;
  std::shared_ptr<const Module> module_;
  const void* theta_ = nullptr;
  bool bound_ = false;  // the calls are on the device, for theta_
};

}  // namespace odeon::cuda
