#include <odeon/host/session.hpp>

#include "data/error.hpp"
#include "embed/application_field.hpp"
#include "embed/problem_impl.hpp"
#include "experiment/run.hpp"
#include "loader/host_table.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {
namespace {

RunReport to_report(const RunResult& result) {
  RunReport report;
  report.record = result.record.dump(2);
  report.summary = result.summary;
  report.failure = result.failure;
  if (result.events) report.events = result.events->log.records;
  for (const auto& [name, array] : result.arrays) report.arrays[name] = to_tensor(array);
  for (const auto& [name, tensors] : result.tensors)
    for (const NamedArray& t : tensors) report.arrays[name + ":" + t.name] = to_tensor(t.array);
  return report;
}

}  // namespace

// Problems keep the registry that they were made with, so a new field makes a new one.
struct Session::Impl {
  std::shared_ptr<const Registry> registry;

  void add(LoadedComponent component) {
    auto next = std::make_shared<Registry>(*registry);
    next->add(std::move(component));
    registry = std::move(next);
  }
  RunReport run(const ExperimentSource& source, const std::string& output) const {
    RunSettings settings;
    settings.output = output;
    settings.quiet = settings.failure_is_result = true;
    return to_report(run_experiment(source, settings, *registry));
  }
};

Session::Session(const SessionOptions& options) : impl_(std::make_unique<Impl>()) {
  if (options.log)
    set_log_sink([log = options.log](int32_t level, std::string_view text) {
      log(static_cast<LogLevel>(level), text);
    });
  LoaderOptions loader;
  loader.roots = options.plugin_roots;
  loader.built_in_roots = options.built_in_roots;
  loader.pinned = !options.lock_file.empty();
  loader.lock_file = options.lock_file;
  impl_->registry = std::make_shared<Registry>(Registry::discover(loader));
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::vector<ComponentInfo> Session::components() const {
  std::vector<ComponentInfo> out;
  for (int32_t kind : kKinds)
    for (const LoadedComponent* c : impl_->registry->components(kind))
      out.push_back({kind_name(kind), c->id, std::string(to_view(c->descriptor->version)),
                     std::string(to_view(c->descriptor->title)), c->plugin->path});
  return out;
}

std::vector<std::string> Session::refusals() const {
  std::vector<std::string> out;
  for (const Refusal& r : impl_->registry->refusals()) out.push_back(r.text());
  return out;
}

void Session::add_field(const FunctionField& field) { impl_->add(to_component(field)); }
void Session::add_batch_field(const BatchField& field) { impl_->add(to_component(field)); }
void Session::add_field(const std::string& id, const GraphField& field) {
  impl_->add(to_component(id, field));
}

Problem Session::problem(const ProblemSpec& spec) const {
  const Registry& registry = *impl_->registry;
  Experiment e;
  e.backend_auto = spec.backend == "auto";
  if (!e.backend_auto) e.backend = choose(ODEON_KIND_BACKEND, spec.backend, registry);
  const FieldChoice field = read_field(parse_config(spec.field, "field of this program", "."), registry);

  auto impl = std::make_unique<Problem::Impl>();
  impl->registry = impl_->registry;
  impl->solver = choose(ODEON_KIND_SOLVER, spec.solver, registry);
  impl->backend = open_backend(e, registry);
  impl->dtype = spec.precision == Precision::float32 ? ODEON_F32 : ODEON_F64;
  impl->field = Field::create(*field.component.component, &field.component.options.value(),
                              spec.state_shape.empty() ? std::nullopt : std::optional(spec.state_shape));
  impl->parameters = starting_parameters(*impl->field, field, impl->dtype, spec.seed);
  if (!spec.events.empty()) impl->events = {to_group(spec.events)};
  return Problem(std::move(impl));
}

RunReport Session::run_file(const std::string& path, const Overrides& o) const {
  return impl_->run({path, o.with, o.sets}, o.output);
}
RunReport Session::run_text(const std::string& yaml, const Overrides& o) const {
  return impl_->run({"text of this program", o.with, o.sets, yaml}, o.output);
}

}  // namespace odeon::host
