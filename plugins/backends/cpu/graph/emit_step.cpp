// Chooses the implementation of a step that is not elementwise.
#include "graph/emit.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {

template <class T>
std::unique_ptr<Step<T>> emit_step(const Analysis& analysis, const Layout& layout, int value, bool by_rows) {
  StepArgs args{};
  args.node = analysis.at(value).node;
  args.out = analysis.at(value).shape;
  args.out_at = layout.place(value);
  for (int32_t k = 0; k < args.node.n_inputs; ++k) {
    args.in[k] = analysis.at(args.node.inputs[k]).shape;
    args.in_at[k] = layout.place(args.node.inputs[k]);
  }
  const bool adds_rows = by_rows && !has_rows(args.node);
  std::unique_ptr<Step<T>> step;
  switch (args.node.op) {
    case ODEON_OP_MATMUL:
      step = adds_rows ? make_row_product<T>(args) : make_matmul<T>(args);
      break;
    case ODEON_OP_CONV2D:
    case ODEON_OP_CONV2D_INPUT_GRAD:
    case ODEON_OP_CONV2D_WEIGHT_GRAD:
      step = make_convolution<T>(args);
      break;
    case ODEON_OP_SUM:
      step = adds_rows ? make_row_sum<T>(args) : make_sum<T>(args);
      break;
    case ODEON_OP_GROUP_NORM:
    case ODEON_OP_GROUP_NORM_GRAD:
      step = make_normalisation<T>(args);
      break;
    default:
      break;
  }
  return step ? std::move(step) : make_fallback<T>(args);
}

template std::unique_ptr<Step<float>> emit_step<float>(const Analysis&, const Layout&, int, bool);
template std::unique_ptr<Step<double>> emit_step<double>(const Analysis&, const Layout&, int, bool);

}  // namespace odeon::cpu
