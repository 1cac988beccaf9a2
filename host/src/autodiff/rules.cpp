#include "autodiff/rules.hpp"

namespace odeon::host {

Value sum_to(GraphBuilder& b, Value x, const Shape& to) {
  const Shape from = b.shape(x);
  int64_t axes = 0;
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != to[i]) axes |= int64_t{1} << i;
  return axes ? b.sum(x, axes) : x;
}

std::vector<Value> vjp_rule(const RuleArgs& args) {
  switch (find_op(args.node.op)->family) {
    case OpFamily::source:
      return {};
    case OpFamily::unary:
      return {unary_rule(args)};
    case OpFamily::binary:
      return binary_rule(args);
    case OpFamily::select: {
      const Value zero = args.b.constant(0, args.b.shape(args.g));
      return {Value{}, args.b.select(args.in[0], args.g, zero), args.b.select(args.in[0], zero, args.g)};
    }
    case OpFamily::structure:
      return structure_rule(args);
    case OpFamily::linear:
      return linear_rule(args);
    case OpFamily::normalise:
      return normalise_rule(args);
  }
  return {};
}

}  // namespace odeon::host
