// Chains of elementwise ops as one pass: a small register program that runs on blocks of elements, so
// that intermediates stay in the first-level cache and are never written out.
#pragma once
#include <vector>

#include "graph/kernels.hpp"
#include "graph/run.hpp"

namespace odeon::cpu {

template <class T>
constexpr int64_t kBlock = 4096 / static_cast<int64_t>(sizeof(T));

// Elements of a tensor read in the order of another shape: index . strides, axes merged where possible.
struct StridedView {
  Place from;
  int rank = 0;
  int64_t size[ODEON_MAX_RANK] = {}, stride[ODEON_MAX_RANK] = {};
};

// Rows of `length` elements made of pieces of other tensors; what no piece covers is zero.
struct PiecewiseView {
  struct Piece {
    Place from;
    int64_t begin, end;  // within the row
    int64_t row_stride;  // of the source
  };
  int64_t length = 1;
  std::vector<Piece> pieces;
};

template <class T>
class Program final : public Step<T> {
 public:
  Program(int64_t count, int64_t rows) : count_(count), row_(rows > 0 ? count / rows : 0) {}

  // Operands. A dense one moves with the block; a register belongs to the thread; a fixed one is a block
  // of equal numbers; a loaded one is filled from a view, for all blocks or for each.
  int dense(Place place) { return add({Kind::dense, place, 0}); }
  int fixed(Place place) { return add({Kind::fixed, place, 0}); }
  int add_register(int index) { return add({Kind::reg, {}, index}); }
  int take_register() { return registers_++; }
  int loaded(const StridedView& view);
  int loaded(const PiecewiseView& view) {
    piecewise_.push_back({add_register(take_register()), view});
    return piecewise_.back().operand;
  }
  void emit(Kernel<T> kernel, int64_t attribute, int z, int a, int b, int c) {
    instructions_.push_back({kernel, attribute, z, a, b, c});
  }

  void run(const Run<T>& run) override;
  void prepare(const Run<T>& run) override;
  void run_rows(const Run<T>& run, int64_t first, int64_t last, T* local) override;
  int64_t shared_scratch() const override { return static_cast<int64_t>(same_.size()) * block(); }
  int64_t local_scratch() const override { return registers_ * block() + pointer_slots(); }
  int64_t work() const override { return count_ * static_cast<int64_t>(instructions_.size()); }

 private:
  enum class Kind { dense, reg, fixed, same };
  struct Operand {
    Kind kind;
    Place place;
    int index;
  };
  struct Instruction {
    Kernel<T> kernel;
    int64_t attribute;
    int z, a, b, c;
  };
  template <class View>
  struct Load {
    int operand;
    View view;
  };
  int64_t block() const { return std::min(block_, count_); }
  int add(const Operand& o) {
    operands_.push_back(o);
    return static_cast<int>(operands_.size()) - 1;
  }
  // The pointers of one thread's operands lie behind its registers.
  int64_t pointer_slots() const {  // in elements, rounded up to a cache line
    const size_t lines = ((operands_.size() + 1) * sizeof(T*) + 63) / 64;
    return static_cast<int64_t>(lines * 64 / sizeof(T));
  }
  void run_blocks(const Run<T>& run, int64_t first, int64_t last, T* local) const;
  static void load_block(const Run<T>& run, const StridedView& view, int64_t first, int64_t n, T* to);
  static void load_block(const Run<T>& run, const PiecewiseView& view, int64_t first, int64_t n, T* to);
  static void load_rows(const Run<T>& run, const PiecewiseView& view, int64_t row, int64_t rows, T* to);

  int64_t count_, row_;        // elements; of one row
  int64_t block_ = kBlock<T>;  // elements; at most kBlock
  int registers_ = 0;
  std::vector<Operand> operands_;
  // The same for every block that begins with a row, so loaded once per run: one number for all elements, or
  // a pattern whose period divides the block, such as a bias along rows.
  struct Same {
    StridedView view;
    int64_t period;
  };
  std::vector<Same> same_;
  std::vector<Load<StridedView>> strided_;
  std::vector<Load<PiecewiseView>> piecewise_;
  std::vector<Instruction> instructions_;
};

}  // namespace odeon::cpu
