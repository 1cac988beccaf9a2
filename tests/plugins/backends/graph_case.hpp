// Runs one graph on a backend and by the SDK's interpreter, with the same random data.
#pragma once
#include <cmath>
#include <odeon/sdk/graph.hpp>
#include <odeon/sdk/graph_eval.hpp>
#include <random>

#include "plugins/backends/device.hpp"

namespace odeon::test {

inline const odeon_backend_graph_api& graph_api(const Device& device) {
  odeon_str id = ODEON_STR(ODEON_EXT_BACKEND_GRAPH);
  REQUIRE(bool(device.api().get_ext));
  const void* api = device.api().get_ext(device.handle(), id);
  REQUIRE(api != nullptr);
  return *static_cast<const odeon_backend_graph_api*>(api);
}

// Host data of one run. f64 numbers that are exact in T.
template <class T>
struct GraphData {
  std::vector<odeon_tensor> input_shapes;
  std::vector<std::vector<T>> inputs;
  std::vector<T> theta;
  std::vector<double> t;
  std::vector<odeon_tensor> output_shapes;
  std::vector<std::vector<T>> outputs;  // what is there before the run
  std::vector<int32_t> modes;

  GraphData(const Graph& graph, int64_t batch, uint32_t seed) {
    std::mt19937 engine(seed);
    const auto draw = [&] { return T(double(engine()) / 2147483648.0 - 1.0); };
    const auto vector = [&](int64_t n) {
      std::vector<T> v(static_cast<size_t>(n));
      for (T& x : v) x = draw();
      return v;
    };
    int64_t theta_size = 0;
    for (const odeon_node& node : graph.nodes) {
      const odeon_tensor shape = bound_shape(node, batch, dtype_of<T>());
      if (node.op == ODEON_OP_PARAMETER)
        theta_size = std::max(theta_size, node.ints[0] + element_count(shape));
      if (node.op != ODEON_OP_INPUT) continue;
      if (input_shapes.size() <= size_t(node.ints[0])) {
        input_shapes.resize(size_t(node.ints[0]) + 1, make_tensor(nullptr, dtype_of<T>(), {0}));
        inputs.resize(input_shapes.size());
      }
      input_shapes[size_t(node.ints[0])] = shape;
    }
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i] = vector(element_count(input_shapes[i]));
    theta = vector(theta_size);
    for (int64_t r = 0; r < batch; ++r) t.push_back(double(draw()));
    for (int32_t o : graph.outputs) {
      output_shapes.push_back(bound_shape(graph.nodes[size_t(o)], batch, dtype_of<T>()));
      outputs.push_back(vector(element_count(output_shapes.back())));
      modes.push_back(ODEON_WRITE_OVERWRITE);
    }
  }
};

// The arguments of a run on this data, in host memory.
template <class T>
class BoundData {
 public:
  explicit BoundData(const GraphData<T>& d)
      : data_(d), input_tensors_(d.input_shapes), output_tensors_(d.output_shapes) {
    for (size_t i = 0; i < input_tensors_.size(); ++i) input_tensors_[i].data = data_.inputs[i].data();
    for (size_t i = 0; i < output_tensors_.size(); ++i) output_tensors_[i].data = data_.outputs[i].data();
    theta_ = make_tensor(data_.theta.data(), dtype_of<T>(), {int64_t(data_.theta.size())});
    args.struct_size = sizeof args;
    args.t = {0, data_.t.data(), 1};
    args.theta = &theta_;
    args.inputs = input_tensors_.data();
    args.n_inputs = int64_t(input_tensors_.size());
    args.outputs = output_tensors_.data();
    args.modes = data_.modes.data();
    args.n_outputs = int64_t(output_tensors_.size());
  }
  BoundData(const BoundData&) = delete;
  BoundData& operator=(const BoundData&) = delete;

  odeon_plan_args args{};
  const std::vector<std::vector<T>>& outputs() const { return data_.outputs; }

 private:
  GraphData<T> data_;
  std::vector<odeon_tensor> input_tensors_, output_tensors_;
  odeon_tensor theta_{};
};

template <class T>
std::vector<std::vector<T>> interpret(const Graph& graph, int64_t batch, const GraphData<T>& d) {
  BoundData<T> bound(d);
  Interpreter<T>(graph.view(), batch).run(bound.args);
  return bound.outputs();
}

// A compiled graph with its data on a device.
template <class T>
class CompiledGraph {
 public:
  CompiledGraph(Device& device, const Graph& graph, int64_t batch, const GraphData<T>& d)
      : device_(device), api_(graph_api(device)), modes_(d.modes) {
    const odeon_graph view = graph.view();
    const odeon_status status = api_.compile(device.handle(), &view, dtype_of<T>(), batch, &plan_);
    REQUIRE_MESSAGE(status == ODEON_OK, last_error());
    for (size_t i = 0; i < d.inputs.size(); ++i) {
      inputs_.push_back(d.input_shapes[i]);
      inputs_.back().data = device.upload(d.inputs[i]);
    }
    for (size_t i = 0; i < d.outputs.size(); ++i) {
      outputs_.push_back(d.output_shapes[i]);
      outputs_.back().data = device.upload(d.outputs[i]);
    }
    theta_ = make_tensor(device.upload(d.theta), dtype_of<T>(), {int64_t(d.theta.size())});
    args_.struct_size = sizeof args_;
    args_.t = {0, device.upload(d.t), 1};
    args_.theta = &theta_;
    args_.inputs = inputs_.data();
    args_.n_inputs = int64_t(inputs_.size());
    args_.outputs = outputs_.data();
    args_.modes = modes_.data();
    args_.n_outputs = int64_t(outputs_.size());
  }
  ~CompiledGraph() { api_.destroy(plan_); }
  CompiledGraph(const CompiledGraph&) = delete;
  CompiledGraph& operator=(const CompiledGraph&) = delete;

  odeon_status run() { return api_.run(plan_, device_.queue(), &args_); }
  std::vector<std::vector<T>> results() {
    std::vector<std::vector<T>> out;
    for (const odeon_tensor& x : outputs_) out.push_back(device_.download<T>(x));
    return out;
  }
  odeon_plan_args& args() { return args_; }
  int64_t workspace_bytes() const { return api_.workspace_bytes(plan_); }

 private:
  Device& device_;
  const odeon_backend_graph_api& api_;
  odeon_plan* plan_ = nullptr;
  std::vector<odeon_tensor> inputs_, outputs_;
  std::vector<int32_t> modes_;
  odeon_tensor theta_{};
  odeon_plan_args args_{};
};

template <class T>
std::vector<std::vector<T>> run_on(Device& device, const Graph& graph, int64_t batch, const GraphData<T>& d) {
  CompiledGraph<T> compiled(device, graph, batch, d);
  REQUIRE_MESSAGE(compiled.run() == ODEON_OK, last_error());
  return compiled.results();
}

// The largest difference relative to 1 + |expected|; infinite where NaNs or infinities differ.
template <class T>
double distance(const std::vector<std::vector<T>>& got, const std::vector<std::vector<T>>& expected) {
  double worst = 0;
  REQUIRE(got.size() == expected.size());
  for (size_t k = 0; k < got.size(); ++k)
    for (size_t i = 0; i < got[k].size(); ++i) {
      const double x = double(got[k][i]), y = double(expected[k][i]);
      if (x == y || (std::isnan(x) && std::isnan(y))) continue;
      const double d = std::fabs(x - y) / (1 + std::fabs(y));
      worst = std::isfinite(d) ? std::max(worst, d) : HUGE_VAL;
    }
  return worst;
}

}  // namespace odeon::test
