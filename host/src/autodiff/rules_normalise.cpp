#include "autodiff/rules.hpp"

namespace odeon::host {
namespace {

// x as [rows, groups, m] and back; statistics along the last axis.
struct Groups {
  GraphBuilder& b;
  Shape flat;
  Value view(Value x) const { return b.reshape(x, flat); }
  Value mean(Value x) const { return b.scale(b.sum(x, 4), 1.0 / static_cast<double>(flat[2])); }
};

Groups groups_of(GraphBuilder& b, Value x, int64_t groups) {
  const Shape s = b.shape(x);
  int64_t m = 1;
  for (size_t i = 1; i < s.size(); ++i) m *= s[i];
  return {b, {s[0], groups, m / groups}};
}

// z = J(x) g with the symmetric J = d group_norm / dx. With the cotangent h of z, phi = h . J(x) g is,
// per group of n elements with p = mean(h xhat), q = mean(g xhat), r = 1/sqrt(var + eps),
//   phi = r (h.g - n mean(h) mean(g) - n p q),   dr/dx = -r^2 xhat / n,   dp/dx = J h / n,   dq/dx = J g / n.
std::vector<Value> group_norm_grad_rule(const RuleArgs& args) {
  auto& [b, node, in, y, h] = args;
  const Value x = in[0], g = in[1];
  const int64_t groups = node.ints[0];
  const double eps = node.reals[0];
  const Groups v = groups_of(b, x, groups);
  const Value vx = v.view(x), vg = v.view(g), vh = v.view(h);
  const Value centred = b.sub(vx, v.mean(vx));
  const Value variance = v.mean(b.mul(centred, centred));
  const Value r = b.reciprocal(b.sqrt(b.add(variance, b.constant(eps, b.shape(variance)))));
  const Value xhat = v.view(b.group_norm(x, groups, eps));
  const Value p = v.mean(b.mul(vh, xhat)), q = v.mean(b.mul(vg, xhat));
  const Value jh = b.group_norm_grad(x, h, groups, eps);
  const Value s =
      b.sub(b.sub(v.mean(b.mul(vh, vg)), b.mul(v.mean(vh), v.mean(vg))), b.mul(p, q));  // phi / (n r)
  const Value along_xhat = b.scale(b.mul(b.mul(s, b.mul(r, r)), xhat), -1.0);
  const Value rest = b.mul(r, b.add(b.mul(q, v.view(jh)), b.mul(p, v.view(y))));
  return {b.reshape(b.sub(along_xhat, rest), b.shape(x)), jh};
}

}  // namespace

std::vector<Value> normalise_rule(const RuleArgs& args) {
  auto& [b, node, in, y, g] = args;
  switch (node.op) {
    case ODEON_OP_GROUP_NORM:
      return {b.group_norm_grad(in[0], g, node.ints[0], node.reals[0])};
    case ODEON_OP_LOG_SOFTMAX: {  // g - softmax(x) sum(g)
      const int64_t last = int64_t{1} << (b.shape(y).size() - 1);
      return {b.sub(g, b.mul(b.exp(y), b.sum(g, last)))};
    }
    default:
      return group_norm_grad_rule(args);
  }
}

}  // namespace odeon::host
