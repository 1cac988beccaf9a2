// From a checked list of layers (layers/schema.hpp) to a graph and named parameters.
#pragma once
#include <cmath>
#include <numbers>
#include <odeon/sdk/graph_field.hpp>
#include <odeon/sdk/layers/schema.hpp>
#include <string>

namespace odeon::layers {

// Appends layers to a graph. Parameters get the names of torch.nn.Sequential, "INDEX.weight", behind
// `prefix`, and PyTorch's default initialisation. Shapes are those of graph values: [batch, …].
class Network {
 public:
  // t: the time of each row ([batch]) to be appended as first input channel of every linear and conv2d;
  // id -1: none.
  Network(GraphBuilder& graph, std::vector<GraphField::Slot>& slots, int64_t& offset, Value t = {})
      : g_(graph), slots_(slots), offset_(offset), t_(t) {}

  Value append(const odeon_value& layers, Value x, const std::string& prefix = "") {
    for (int64_t i = 0; i < layers.size; ++i)
      x = append_layer(layers.children[i], x, prefix + std::to_string(i));
    return x;
  }

  // entry: a MAP with one key, the layer's name. place: "3", or "2.0" inside a residual branch.
  Value append_layer(const odeon_value& entry, Value x, const std::string& place) {
    place_ = place;
    name_ = std::string(to_view(entry.keys[0]));
    mark_ = entry.mark;
    const odeon_value& value = entry.children[0];
    const Options o(&value);
    if (name_ == "linear") return linear(o, x);
    if (name_ == "conv2d") return conv2d(o, x, false);
    if (name_ == "conv_transpose2d") return conv2d(o, x, true);
    if (name_ == "group_norm") return norm(x, o.integer("groups"), o, false);
    if (name_ == "layer_norm") return norm(x, 1, o, true);
    if (name_ == "power") return g_.powi(x, o.integer("exponent"));
    if (name_ == "flatten") return g_.reshape(x, {ODEON_BATCH, row_elements(g_.shape(x))});
    if (name_ == "global_average_pool") return pool(x);
    if (name_ == "residual") return residual(o, x);
    return activation(x);
  }

 private:
  [[noreturn]] void fail(Value x, const std::string& rule, const std::string& remedy) const {
    throw Error("layer " + place_ + " (" + name_ + ") " + rule + "; it receives " + to_string(g_.shape(x)) +
                    "; " + remedy,
                ODEON_E_INVALID, mark_);
  }

  Value parameter(const std::string& name, const Shape& shape, int32_t init, double a, double b) {
    slots_.push_back({place_ + "." + name, shape, init, a, b, {}});
    const Value v = g_.parameter(offset_, shape);
    offset_ += row_elements(shape);
    return v;
  }
  // PyTorch's law is kaiming_uniform(a = sqrt 5), for the bias too: U(-1/sqrt(fan_in), 1/sqrt(fan_in)).
  Value weight(const Options& o, const Shape& shape, int64_t fan_in) {
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    return o.given("init_std") ? parameter("weight", shape, ODEON_INIT_NORMAL, 0, o.real("init_std"))
                               : parameter("weight", shape, ODEON_INIT_UNIFORM, -bound, bound);
  }
  Value bias(const Options& o, int64_t out, int64_t fan_in) {
    const double bound = o.given("init_std") ? 0 : 1 / std::sqrt(static_cast<double>(fan_in));
    return parameter("bias", {out}, ODEON_INIT_UNIFORM, -bound, bound);
  }

  // t as a channel in front of x's channels.
  Value with_time(Value x) {
    if (t_.id < 0) return x;
    Shape shape = g_.shape(x), ones(shape.size(), 1);
    ones[0] = ODEON_BATCH;
    shape[1] = 1;
    return g_.concat(g_.broadcast_to(g_.reshape(t_, ones), shape), x, 1);
  }

  Value linear(const Options& o, Value x) {
    if (g_.shape(x).size() != 2) fail(x, "takes rows of one axis", "put 'flatten' before it");
    x = with_time(x);
    const int64_t in = g_.shape(x)[1], out = o.integer("features");
    const Value y = g_.matmul(x, weight(o, {out, in}, in), false, true);
    return o.boolean("bias") ? g_.add(y, bias(o, out, in)) : y;
  }

  Value conv2d(const Options& o, Value x, bool transposed) {
    if (g_.shape(x).size() != 4)
      fail(x, "takes images [channels, height, width]", "use linear, or give the state or data that shape");
    x = with_time(x);
    const Shape s = g_.shape(x);
    const int64_t out = o.integer("channels"), k = o.integer("kernel"), stride = o.integer("stride"),
                  pad = o.integer("padding");
    const GraphBuilder::Conv c{stride, stride, pad, pad};
    Value y;
    // PyTorch's fan-in of a transposed convolution counts the output channels: its weight is [in, out, k, k].
    const int64_t fan_in = (transposed ? out : s[1]) * k * k;
    if (transposed) {
      const int64_t h = (s[2] - 1) * stride - 2 * pad + k, w = (s[3] - 1) * stride - 2 * pad + k;
      if (h < 1 || w < 1) fail(x, "would give an empty image", "use less padding");
      y = g_.conv2d_input_grad(x, weight(o, {s[1], out, k, k}, fan_in), c, h, w);
    } else {
      if (s[2] + 2 * pad < k || s[3] + 2 * pad < k)
        fail(x, "has a kernel larger than the padded image", "use a smaller kernel or more padding");
      y = g_.conv2d(x, weight(o, {out, s[1], k, k}, fan_in), c);
    }
    return o.boolean("bias") ? g_.add(y, g_.reshape(bias(o, out, fan_in), {1, out, 1, 1})) : y;
  }

  Value norm(Value x, int64_t groups, const Options& o, bool per_element) {
    const Shape s = g_.shape(x);
    if (s.size() < 2 || s[1] % groups != 0)
      fail(x, "needs channels that " + std::to_string(groups) + " groups divide",
           "change 'groups' or the channels before it");
    Value y = g_.group_norm(x, groups, o.real("eps"));
    if (!o.boolean("affine")) return y;
    Shape affine = per_element ? Shape(s.begin() + 1, s.end()) : Shape{s[1]}, aligned = affine;
    if (per_element)
      aligned.insert(aligned.begin(), 1);
    else {
      aligned.assign(s.size(), 1);
      aligned[1] = s[1];
    }
    const Value weight = parameter("weight", affine, ODEON_INIT_CONSTANT, 1, 0);
    const Value bias = parameter("bias", affine, ODEON_INIT_CONSTANT, 0, 0);
    return g_.add(g_.mul(y, g_.reshape(weight, aligned)), g_.reshape(bias, aligned));
  }

  Value pool(Value x) {
    const Shape s = g_.shape(x);
    if (s.size() != 4) fail(x, "takes images [channels, height, width]", "remove it or flatten instead");
    return g_.reshape(g_.scale(g_.sum(x, 12), 1.0 / static_cast<double>(s[2] * s[3])), {ODEON_BATCH, s[1]});
  }

  Value residual(const Options& o, Value x) {
    const int32_t mark = mark_;
    const std::string place = place_;
    const Value y = append(o.at("layers"), x, place + ".");
    place_ = place, name_ = "residual", mark_ = mark;
    if (g_.shape(y) != g_.shape(x))
      fail(x, "has a branch that ends with " + to_string(g_.shape(y)),
           "end the branch with the shape it begins with");
    return g_.add(x, y);
  }

  Value activation(Value x) {
    if (name_ == "tanh") return g_.tanh(x);
    if (name_ == "relu") return g_.relu(x);
    if (name_ == "softplus") return g_.softplus(x);
    if (name_ == "sigmoid") return g_.sigmoid(x);
    if (name_ == "sin") return g_.sin(x);
    if (name_ == "elu") {
      const Value zero = g_.constant(0, g_.shape(x)), one = g_.constant(1, g_.shape(x));
      return g_.add(g_.relu(x), g_.sub(g_.exp(g_.minimum(x, zero)), one));
    }
    if (name_ == "gelu")
      return g_.mul(g_.scale(x, 0.5),
                    g_.add(g_.constant(1, g_.shape(x)), g_.erf(g_.scale(x, 1 / std::numbers::sqrt2))));
    throw Error("layer '" + name_ + "' is in the schema but not built; this is a bug", ODEON_E_INTERNAL,
                mark_);
  }

  GraphBuilder& g_;
  std::vector<GraphField::Slot>& slots_;
  int64_t& offset_;
  Value t_;
  std::string place_, name_;  // of the layer being appended, for names and messages
  int32_t mark_ = 0;
};

}  // namespace odeon::layers
