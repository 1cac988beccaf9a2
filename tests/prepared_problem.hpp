// An experiment made ready to be solved many times: what a run sets up once, kept.
#pragma once
#include "experiment/session.hpp"

namespace odeon::test {

struct PreparedProblem {
  std::shared_ptr<host::Backend> backend;
  std::shared_ptr<host::Field> field;
  host::ParameterSet parameters;
  host::DeviceTensor theta, y0;
  std::unique_ptr<odeon_problem> problem;

  PreparedProblem(const host::Experiment& e, const host::Registry& registry)
      : backend(host::open_backend(e, registry)) {
    const std::vector<int64_t> row(e.initial.shape.begin() + 1, e.initial.shape.end());
    field = host::Field::create(*e.field->component.component, &e.field->component.options.value(), row);
    parameters = host::initial_parameters({field->info().slots, static_cast<size_t>(field->info().n_slots)},
                                          e.dtype, e.seed);
    if (!e.field->weights.empty()) host::load_weights(parameters, *e.field);
    problem = std::make_unique<odeon_problem>(backend, field, host::make_solver(*e.solver), e.dtype,
                                              e.initial.shape[0]);
    upload(theta, parameters.flat.cast(e.dtype));
    if (parameters.flat.size() > 0) problem->set_theta(theta.view);
    upload(y0, e.initial.cast(e.dtype));
  }

 private:
  void upload(host::DeviceTensor& to, const host::Array& from) {
    to = host::DeviceTensor(backend, from.dtype, from.shape);
    backend->upload(to.view.data, from.bytes.data(), static_cast<int64_t>(from.bytes.size()));
  }
};

}  // namespace odeon::test
