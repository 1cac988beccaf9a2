// Vectors of rows with a time and a step each, and the arithmetic of Runge-Kutta steps on them: one call of
// the backend serves all rows. Row r of a solve is in a slot; slots in front take part, the others wait or
// are done.
#pragma once
#include <map>
#include <memory>
#include <span>

#include "engine/problem.hpp"

namespace odeon::host {

class RowVectors {
 public:
  explicit RowVectors(odeon_problem& problem);  // a slot per row of the batch, a k per stage and one more

  size_t slots() const { return slots_; }
  void use(size_t slots) { slots_ = slots; }

  odeon_tensor y{}, y1{}, stage{};  // [batch, state…]
  std::vector<odeon_tensor> k;      // stages, and f(t1, y1) where no stage is it

  // Numbers by slot as a factor of what follows; valid until the next call.
  odeon_scalar by_slot(std::span<const double> numbers);
  // z = y + h sum_i c_i k_i
  void combine(const odeon_tensor& z, odeon_scalar h, std::span<const double> c);
  void eval(std::span<const double> t, const odeon_tensor& at, const odeon_tensor& dy);
  // Scaled norms by slot of scale sum_i c_i x_i, at y or at the larger of y and y1; valid until the next
  // call.
  std::span<const double> norms(odeon_scalar scale, std::span<const double> c,
                                std::span<const odeon_tensor> x, bool both_ends);
  // Of each pair (to, from), what the slots with a mask of 1 have becomes `from`.
  void select(std::span<const uint8_t> mask, std::span<const std::pair<odeon_tensor, odeon_tensor>> pairs);
  // out = y + h sum_i c_i k_i of one slot; out is a row.
  void combine_row(const odeon_tensor& out, size_t slot, double h, std::span<const double> c);
  void move_row(size_t to, size_t from);  // what a step begins with: y and k[0]

 private:
  odeon_tensor in_front(const odeon_tensor& x) const;
  void gather(std::span<const double> c, std::span<const odeon_tensor> x);
  FieldProgram& program();  // for as many rows as slots; compiled when first asked for

  odeon_problem& p_;
  Backend& b_;
  size_t slots_;
  std::vector<Buffer> buffers_;
  double *times_ = nullptr, *factors_ = nullptr, *norms_ = nullptr;  // backend memory, one per slot
  uint8_t* mask_ = nullptr;
  std::map<int64_t, std::unique_ptr<FieldProgram>> programs_;  // by number of rows
  std::vector<double> downloaded_, coefficients_;
  std::vector<odeon_tensor> terms_;
};

}  // namespace odeon::host
