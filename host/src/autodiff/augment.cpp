#include "autodiff/augment.hpp"

#include "autodiff/import.hpp"
#include "autodiff/passes.hpp"
#include "autodiff/vjp.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kColumns = 2;  // bit mask of axis 1

// f's outputs in b, with these values for its INPUTs.
std::vector<Value> append(GraphBuilder& b, const Graph& f, const std::vector<Value>& inputs) {
  const std::vector<Value> value =
      import(b, f, [&](const odeon_node& node) { return inputs[size_t(node.ints[0])]; });
  std::vector<Value> outputs;
  for (int32_t o : f.outputs) outputs.push_back(value[size_t(o)]);
  return outputs;
}

// v' df/dy as a function of v [batch, state], by one reverse pass.
class RowProduct {
 public:
  RowProduct(GraphBuilder& b, const Graph& f, Value y)
      : b_(b), y_(y), reverse_(make_vjp(f, {.inputs = true})) {}
  Value operator()(Value v) {
    if (reverse_.input_gradients.empty()) return b_.constant(0, b_.shape(v));  // f does not read y
    const std::vector<Value> out = append(b_, reverse_.graph, {y_, b_.reshape(v, b_.shape(y_))});
    return b_.reshape(out[size_t(reverse_.input_gradients[0])], b_.shape(v));
  }

 private:
  GraphBuilder& b_;
  Value y_;
  VjpGraph reverse_;
};

struct Derivatives {
  Value trace, square;  // tr J and |J|_F^2, [batch, 1]
};

Derivatives exact(GraphBuilder& b, RowProduct& product, int64_t d) {
  Derivatives sum{b.constant(0, {ODEON_BATCH, 1}), b.constant(0, {ODEON_BATCH, 1})};
  for (int64_t i = 0; i < d; ++i) {
    const Value row = product(b.pad(b.constant(1, {ODEON_BATCH, 1}), 1, i, d - 1 - i));
    sum.trace = b.add(sum.trace, b.slice(row, 1, i, i + 1));
    sum.square = b.add(sum.square, b.sum(b.mul(row, row), kColumns));
  }
  return sum;
}

Derivatives estimated(GraphBuilder& b, RowProduct& product, Value probe) {
  const Value row = product(probe);
  return {b.sum(b.mul(row, probe), kColumns), b.sum(b.mul(row, row), kColumns)};
}

}  // namespace

AugmentedRow augmented_row(int64_t state, const Augmentation& what) {
  AugmentedRow row{state, -1, -1, -1, -1, state};
  if (what.log_density) row.log_density = row.width++;
  if (what.kinetic) row.kinetic = row.width++;
  if (what.jacobian) row.jacobian = row.width++;
  if (what.trace == Trace::hutchinson && (what.log_density || what.jacobian))
    row.probe = row.width, row.width += state;
  return row;
}

Graph augmented_graph(const Graph& f, const Augmentation& what) {
  const Shape state = f.shape(f.outputs[0]);
  const int64_t d = row_elements(state);
  const AugmentedRow at = augmented_row(d, what);
  const double mean = 1.0 / static_cast<double>(d);
  GraphBuilder b;
  const Value row = b.input(0, {ODEON_BATCH, at.width}), y = b.reshape(b.slice(row, 1, 0, d), state),
              dy = b.reshape(append(b, f, {y})[0], {ODEON_BATCH, d});
  Value out = dy;
  Derivatives j;
  if (what.log_density || what.jacobian) {
    RowProduct product(b, f, y);
    j = at.probe < 0 ? exact(b, product, d) : estimated(b, product, b.slice(row, 1, at.probe, at.probe + d));
  }
  if (what.log_density) out = b.concat(out, b.neg(j.trace), 1);
  if (what.kinetic) out = b.concat(out, b.scale(b.sum(b.mul(dy, dy), kColumns), mean), 1);
  if (what.jacobian) out = b.concat(out, b.scale(j.square, mean), 1);
  if (at.probe >= 0) out = b.concat(out, b.constant(0, {ODEON_BATCH, d}), 1);
  b.mark_output(out);
  return validated_graph(b.finish().view(), "an augmented field");
}

}  // namespace odeon::host
