// The field `linear`: dy/dt = A y^p + b. With p = 3 it is the true field of the spiral of
// Chen et al. 2018 (torchdiffeq's ode_demo.py, there as y^3 A with A transposed).
#include <odeon/sdk/graph_field.hpp>
#include <odeon/sdk/tensor.hpp>

namespace {

using namespace odeon;

constexpr odeon_option kMatrix = make_option(ODEON_OPTION_ARRAY, str("matrix"), kNoText,
                                             str("A, n lists of n numbers."), ODEON_OPTION_REQUIRED);
constexpr odeon_option kOffset =
    make_option(ODEON_OPTION_ARRAY, str("offset"), kNoText, str("b, n numbers; zero when absent."));
constexpr odeon_option kPower = ranged(make_option(ODEON_OPTION_INT, str("power"), str("1"),
                                                   str("p: the state is raised to this power, elementwise.")),
                                       1, 16);
constexpr odeon_option kTrainable =
    make_option(ODEON_OPTION_BOOL, str("trainable"), str("true"),
                str("Whether A and b are parameters or constants of the field."));
constexpr const odeon_option* kOptions[] = {&kMatrix, &kOffset, &kPower, &kTrainable};

std::vector<double> values_of(const odeon_tensor& x) {
  const double* p = static_cast<const double*>(x.data);
  return {p, p + element_count(x)};
}

// A matrix of constants, column by column of the result: there is no constant tensor in a graph.
Value constant_product(GraphBuilder& g, Value y, const std::vector<double>& a, int64_t n) {
  Value out;
  for (int64_t i = 0; i < n; ++i) {
    Value sum = g.constant(0, {ODEON_BATCH, 1});
    for (int64_t j = 0; j < n; ++j) sum = g.add(sum, g.scale(g.slice(y, 1, j, j + 1), a[size_t(i * n + j)]));
    out = out.id < 0 ? sum : g.concat(out, sum, 1);
  }
  return out;
}

GraphField make(const Options& options, const odeon_field_context&) {
  const odeon_tensor* a = options.array("matrix");
  const odeon_tensor* b = options.array("offset");
  if (a->rank != 2 || a->shape[0] != a->shape[1] || a->shape[0] == 0)
    throw Error("'matrix' must be square, n lists of n numbers; found the shape " +
                    to_string(Shape(a->shape, a->shape + a->rank)),
                ODEON_E_INVALID, options.at("matrix").mark);
  const int64_t n = a->shape[0];
  if (b && (b->rank != 1 || b->shape[0] != n))
    throw Error("'offset' must have " + std::to_string(n) +
                    " numbers, one per row of 'matrix'; found the shape " +
                    to_string(Shape(b->shape, b->shape + b->rank)),
                ODEON_E_INVALID, options.at("offset").mark);
  GraphBuilder g;
  GraphField field;
  field.state_shape = {n};
  const Value y = g.powi(g.input(0, {ODEON_BATCH, n}), options.integer("power"));
  Value out;
  if (options.boolean("trainable")) {
    out = g.matmul(y, g.parameter(0, {n, n}), false, true);
    field.slots.push_back({"matrix", {n, n}, ODEON_INIT_VALUES, 0, 0, values_of(*a)});
    if (b) {
      out = g.add(out, g.parameter(n * n, {n}));
      field.slots.push_back({"offset", {n}, ODEON_INIT_VALUES, 0, 0, values_of(*b)});
    }
  } else {
    out = constant_product(g, y, values_of(*a), n);
    for (int64_t i = 0; b && i < n; ++i) {
      const Value unit = g.pad(g.constant(values_of(*b)[size_t(i)], {ODEON_BATCH, 1}), 1, i, n - 1 - i);
      out = g.add(out, unit);
    }
  }
  g.mark_output(out);
  field.graph = g.finish();
  return field;
}

constexpr odeon_field_api kApi = GraphFieldApi<make>::table();
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_FIELD,
                   {str("linear"), str("dy/dt = A y^p + b"),
                    str("A linear system, or one in elementwise powers of the state.")},
                   &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
