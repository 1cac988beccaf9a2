// One rule per op: from a node, its operands, its result and the cotangent of the result to the
// cotangents of the operands. A. Griewank, A. Walther, Evaluating Derivatives (2008), chapter 3.
#pragma once
#include <odeon/sdk/graph.hpp>
#include <vector>

namespace odeon::host {

struct RuleArgs {
  GraphBuilder& b;
  const odeon_node& node;
  const std::vector<Value>& in;
  Value out;
  Value g;
};

// Cotangents by operand; id -1 where the derivative is zero everywhere.
std::vector<Value> vjp_rule(const RuleArgs& args);

// By family, for vjp_rule.
Value unary_rule(const RuleArgs& args);
std::vector<Value> binary_rule(const RuleArgs& args);
std::vector<Value> structure_rule(const RuleArgs& args);
std::vector<Value> linear_rule(const RuleArgs& args);
std::vector<Value> normalise_rule(const RuleArgs& args);

// x summed over the axes in which it is longer than `to` (same rank, those axes 1).
Value sum_to(GraphBuilder& b, Value x, const Shape& to);

}  // namespace odeon::host
