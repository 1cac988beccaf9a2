#include "solve/scalars.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/graph_eval/structure.hpp>
#include <odeon/sdk/graph_ops.hpp>
#include <vector>

#include "graph/expressions.hpp"
#include "solve/row_wise.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }

// The shape of one row: the batch has length 1.
odeon_tensor row_shape(const odeon_node& node) {
  odeon_tensor x{};
  x.rank = node.rank;
  for (int32_t i = 0; i < node.rank; ++i) x.shape[i] = node.shape[i] == ODEON_BATCH ? 1 : node.shape[i];
  return x;
}

class Writer {
 public:
  using Elements = std::vector<std::string>;

  // rows: of the outputs that are wanted.
  Writer(const odeon_graph& graph, const char* what, RowWise rows)
      : g_(graph), what_(what), rows_(std::move(rows)), values_(size_t(graph.n_nodes)) {}

  // The statements that the wanted outputs need.
  std::string write() {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (!rows_.needed[i]) continue;
      const odeon_node& node = g_.nodes[i];
      if (node.op == ODEON_OP_PARAMETER)
        theta_end_ = std::max(theta_end_, node.ints[0] + element_count(row_shape(node)));
      values_[i] = elements(node);
    }
    return std::move(body_);
  }
  const Elements& output(int64_t k) const { return values_[size_t(g_.outputs[k])]; }
  int64_t theta_end() const { return theta_end_; }

 private:
  const Elements& in(const odeon_node& node, int k) const { return values_[size_t(node.inputs[k])]; }
  odeon_tensor in_shape(const odeon_node& node, int k) const { return row_shape(g_.nodes[node.inputs[k]]); }

  std::string name(const std::string& expression, int64_t operations = 1) {
    operations_ += operations;
    if (operations_ > kMaxScalars)
      throw Error(std::string(what_) + " has more than " + n(kMaxScalars) +
                      " operations per row, too many for one thread",
                  ODEON_E_UNSUPPORTED);
    std::string name = "u" + n(names_++);
    body_ += "  const T " + name + " = " + expression + ";\n";
    return name;
  }

  // `count` names made by `of(j)`.
  template <class Of>
  static Elements each(int64_t count, const Of& of) {
    Elements out;
    for (int64_t j = 0; j < count; ++j) out.push_back(of(j));
    return out;
  }

  Elements elements(const odeon_node& node) {
    const odeon_tensor shape = row_shape(node);
    const int64_t count = element_count(shape);
    switch (node.op) {
      case ODEON_OP_INPUT:
        return each(count, [&](int64_t j) { return (node.ints[0] == 0 ? "y[" : "v[") + n(j) + "]"; });
      case ODEON_OP_TIME:
        return {"t"};
      case ODEON_OP_CONSTANT:
        return each(count, [&](int64_t) { return literal(node.reals[0]); });
      case ODEON_OP_PARAMETER:
        return each(count, [&](int64_t j) { return "theta[" + n(node.ints[0] + j) + "]"; });
      case ODEON_OP_RESHAPE:
        return in(node, 0);
      case ODEON_OP_BROADCAST:
      case ODEON_OP_TRANSPOSE:
        return strided(node, shape);
      case ODEON_OP_SLICE:
      case ODEON_OP_PAD:
      case ODEON_OP_CONCAT:
        return pieces(node, shape);
      case ODEON_OP_SUM:
        return sums(node, shape);
      case ODEON_OP_MATMUL:
        return products(node, shape);
      default:
        break;
    }
    const OpFamily family = find_op(node.op)->family;
    if (family != OpFamily::unary && family != OpFamily::binary && family != OpFamily::select)
      throw Error("op '" + std::string(find_op(node.op)->name) + "' works on whole arrays, not in one thread",
                  ODEON_E_UNSUPPORTED);
    return each(count, [&](int64_t j) {
      std::string operands[ODEON_NODE_MAX_INPUTS];
      for (int32_t k = 0; k < node.n_inputs; ++k) operands[k] = in(node, k)[size_t(j)];
      return name(expression(node, operands[0], operands[1], operands[2]));
    });
  }

  Elements strided(const odeon_node& node, const odeon_tensor& z) const {
    const odeon_tensor x = in_shape(node, 0);
    int64_t dense[ODEON_MAX_RANK], strides[ODEON_MAX_RANK];
    eval::dense_strides(x, dense);
    for (int32_t i = 0; i < z.rank; ++i) {
      strides[i] = x.shape[i] == 1 ? 0 : dense[i];
      if (node.op == ODEON_OP_TRANSPOSE) strides[i] = dense[node.ints[i]];
    }
    Elements out;
    eval::for_each_index(z, strides,
                         [&](int64_t, int64_t from) { out.push_back(in(node, 0)[size_t(from)]); });
    return out;
  }

  // Along the axis: of SLICE a part, of PAD and CONCAT the inputs behind each other with zeros around.
  Elements pieces(const odeon_node& node, const odeon_tensor& z) const {
    const int64_t axis = node.ints[0];
    int64_t outer = 1, inner = 1;
    for (int64_t i = 0; i < axis; ++i) outer *= z.shape[i];
    for (int64_t i = axis + 1; i < z.rank; ++i) inner *= z.shape[i];
    Elements out;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < z.shape[axis]; ++i) {
        int64_t at = i;  // in the input k that has it
        int32_t k = 0;
        if (node.op == ODEON_OP_SLICE) at += node.ints[1];
        if (node.op == ODEON_OP_PAD) at -= node.ints[1];
        if (node.op == ODEON_OP_CONCAT && at >= in_shape(node, 0).shape[axis])
          at -= in_shape(node, 0).shape[axis], k = 1;
        const int64_t length = in_shape(node, k).shape[axis];
        for (int64_t j = 0; j < inner; ++j)
          out.push_back(at < 0 || at >= length ? literal(0)
                                               : in(node, k)[size_t((o * length + at) * inner + j)]);
      }
    return out;
  }

  // The terms of each element, added from zero in their order.
  Elements added(const std::vector<Elements>& terms) {
    return each(int64_t(terms.size()), [&](int64_t j) {
      const Elements& of_j = terms[size_t(j)];
      if (of_j.empty()) return literal(0);
      std::string sum = of_j[0];
      for (size_t i = 1; i < of_j.size(); ++i) sum += " + " + of_j[i];
      return name(sum, int64_t(of_j.size()));
    });
  }

  Elements sums(const odeon_node& node, const odeon_tensor& z) {
    int64_t strides[ODEON_MAX_RANK];
    eval::dense_strides(z, strides);
    for (int32_t i = 0; i < z.rank; ++i)
      if (z.shape[i] == 1) strides[i] = 0;
    std::vector<Elements> terms(size_t(element_count(z)));
    eval::for_each_index(in_shape(node, 0), strides, [&](int64_t from, int64_t at) {
      terms[size_t(at)].push_back(in(node, 0)[size_t(from)]);
    });
    return added(terms);
  }

  Elements products(const odeon_node& node, const odeon_tensor& z) {
    const bool ta = node.ints[0] != 0, tb = node.ints[1] != 0;
    const int64_t m = z.shape[0], columns = z.shape[1], k = in_shape(node, 0).shape[ta ? 0 : 1];
    if (operations_ + m * columns * k > kMaxScalars)
      name("0", kMaxScalars + 1);  // says so before making the text
    std::vector<Elements> terms(size_t(m * columns));
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t l = 0; l < k; ++l)
          terms[size_t(i * columns + j)].push_back(in(node, 0)[size_t(ta ? l * m + i : i * k + l)] + " * " +
                                                   in(node, 1)[size_t(tb ? j * k + l : l * columns + j)]);
    return added(terms);
  }

  const odeon_graph& g_;
  const char* what_;
  RowWise rows_;
  std::vector<Elements> values_;
  std::string body_;
  int64_t theta_end_ = 0, operations_ = 0;
  int names_ = 0;
};

}  // namespace

ScalarField scalar_field(const odeon_graph& graph) {
  Writer writer(graph, "the field", row_wise(graph, 1, "the field", false));
  ScalarField field{element_count(row_shape(graph.nodes[graph.outputs[0]])), 0, writer.write()};
  field.theta_end = writer.theta_end();
  for (int64_t j = 0; j < field.size; ++j)
    field.body += "  dy[" + n(j) + "] = " + writer.output(0)[size_t(j)] + ";\n";
  return field;
}

std::string scalar_products(const odeon_solve_gradient_spec& spec) {
  const odeon_graph& graph = *spec.vjp;
  Writer writer(graph, "the field's derivative", row_wise_products(graph));
  std::string body = writer.write();
  const auto assign = [&](const char* to, int64_t output) {
    const auto& elements = writer.output(output);
    for (size_t j = 0; j < elements.size(); ++j)
      body += std::string("  ") + to + "[" + n(int64_t(j)) + "] = " + elements[j] + ";\n";
  };
  assign("dy", 0), assign("gy", 1), assign("gt", 2);
  body += "  if (WANTS_THETA) {\n";
  for (int64_t s = 0; s < spec.n_slices; ++s) {
    const auto& elements = writer.output(3 + s);
    for (size_t j = 0; j < elements.size(); ++j)
      body += "    gtheta[" + n(spec.slice_offsets[s] + int64_t(j)) + "] += weight * " + elements[j] + ";\n";
  }
  return body + "  }\n";
}

}  // namespace odeon::cuda
