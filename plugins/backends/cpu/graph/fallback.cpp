// Any step by the SDK's defining loops.
#include <odeon/sdk/graph_eval.hpp>

#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

template <class T>
class Fallback final : public Step<T> {
 public:
  explicit Fallback(const StepArgs& args) : args_(args) {}

  void run(const Run<T>& run) override {
    StepArgs& s = args_;
    for (int32_t k = 0; k < s.node.n_inputs; ++k) s.in[k].data = run.at(s.in_at[k]);
    s.out.data = run.at(s.out_at);
    switch (s.node.op) {
      case ODEON_OP_SUM:
        return eval::sum<T>(s.in[0], s.out);
      case ODEON_OP_MATMUL:
        return eval::matmul<T>(s.node, s.in[0], s.in[1], s.out);
      case ODEON_OP_CONV2D:
        return eval::conv2d<T>(s.node, s.in[0], s.in[1], s.out);
      case ODEON_OP_CONV2D_INPUT_GRAD:
        return eval::conv2d_input_grad<T>(s.node, s.in[0], s.in[1], s.out);
      case ODEON_OP_CONV2D_WEIGHT_GRAD:
        return eval::conv2d_weight_grad<T>(s.node, s.in[0], s.in[1], s.out);
      case ODEON_OP_GROUP_NORM:
        return eval::group_norm<T>(s.node, s.in[0], s.out);
      case ODEON_OP_GROUP_NORM_GRAD:
        return eval::group_norm_grad<T>(s.node, s.in[0], s.in[1], s.out);
      default:
        return eval::log_softmax<T>(s.in[0], s.out);
    }
  }

 private:
  StepArgs args_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_fallback(const StepArgs& args) {
  return std::make_unique<Fallback<T>>(args);
}
template std::unique_ptr<Step<float>> make_fallback<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_fallback<double>(const StepArgs&);

}  // namespace odeon::cpu
