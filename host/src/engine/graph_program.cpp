#include "engine/graph_program.hpp"

#include <odeon/sdk/graph_eval.hpp>
#include <variant>

#include "loader/slot_call.hpp"

namespace odeon::host {

// Interprets on host memory; data of a device comes here and goes back.
struct GraphProgram::Fallback {
  std::variant<Interpreter<float>, Interpreter<double>> interpreter;
  std::vector<std::vector<std::byte>> store;
  std::vector<double> times;

  odeon_tensor staged(Backend& backend, size_t slot, const odeon_tensor& x, bool read) {
    if (backend.info().host_memory) return x;
    if (store.size() <= slot) store.resize(slot + 1);
    store[slot].resize(static_cast<size_t>(byte_count(x)));
    odeon_tensor host = x;
    host.data = store[slot].data();
    if (read) backend.download(host.data, x.data, byte_count(x));
    return host;
  }
};

GraphProgram::GraphProgram(std::shared_ptr<Backend> backend, Graph graph, int32_t dtype, int64_t batch)
    : backend_(std::move(backend)), graph_(std::move(graph)), dtype_(dtype), batch_(batch) {
  const odeon_graph view = graph_.view();
  if (const odeon_backend_graph_api* api = backend_->graph_api()) {
    const odeon_status status =
        call_slot(backend_->name(), api->compile, backend_->handle(), &view, dtype, batch, &plan_);
    if (status != ODEON_E_UNSUPPORTED) {
      check_call(status, backend_->name());
      return;
    }
    plan_ = nullptr;
  }
  log(ODEON_LOG_INFO,
      "fusion: backend '" + backend_->id() + "' compiles no such graph; the host interprets it");
  if (dtype == ODEON_F32)
    fallback_ = std::make_unique<Fallback>(Fallback{Interpreter<float>(view, batch), {}, {}});
  else
    fallback_ = std::make_unique<Fallback>(Fallback{Interpreter<double>(view, batch), {}, {}});
}

GraphProgram::~GraphProgram() {
  if (plan_) call_release(backend_->name(), backend_->graph_api()->destroy, plan_);
}

void GraphProgram::run(const ProgramArgs& args) {
  odeon_plan_args a{};
  a.struct_size = sizeof a;
  a.t = args.t;
  a.theta = args.theta;
  a.inputs = args.inputs.data();
  a.n_inputs = static_cast<int64_t>(args.inputs.size());
  a.outputs = args.outputs.data();
  a.modes = args.modes.data();
  a.n_outputs = static_cast<int64_t>(args.outputs.size());
  if (plan_) return call(backend_->name(), backend_->graph_api()->run, plan_, backend_->queue(), &a);

  size_t slot = 0;
  std::vector<odeon_tensor> inputs, outputs;
  for (const odeon_tensor& x : args.inputs) inputs.push_back(fallback_->staged(*backend_, slot++, x, true));
  for (const odeon_tensor& x : args.outputs) outputs.push_back(fallback_->staged(*backend_, slot++, x, true));
  odeon_tensor theta{};
  if (args.theta) theta = fallback_->staged(*backend_, slot++, *args.theta, true), a.theta = &theta;
  if (args.t.device && !backend_->info().host_memory) {
    fallback_->times.resize(args.t.stride ? static_cast<size_t>(batch_) : 1);
    backend_->download(fallback_->times.data(), args.t.device,
                       static_cast<int64_t>(fallback_->times.size() * sizeof(double)));
    a.t.device = fallback_->times.data();
  }
  a.inputs = inputs.data();
  a.outputs = outputs.data();
  std::visit([&](auto& interpreter) { interpreter.run(a); }, fallback_->interpreter);
  for (size_t i = 0; i < outputs.size() && !backend_->info().host_memory; ++i)
    backend_->upload(args.outputs[i].data, outputs[i].data, byte_count(outputs[i]));
}

odeon_tensor GraphProgram::output_shape(size_t i) const {
  return bound_shape(graph_.nodes[size_t(graph_.outputs[i])], batch_, dtype_);
}

int64_t GraphProgram::workspace_bytes() const {
  if (plan_) return call_slot(backend_->name(), backend_->graph_api()->workspace_bytes, plan_);
  return std::visit([](const auto& interpreter) { return interpreter.bytes(); }, fallback_->interpreter);
}

}  // namespace odeon::host
