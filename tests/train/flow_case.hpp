// A field with its parameters on a backend, and densities under it.
#pragma once
#include "train/flow_density.hpp"
#include "train/training_case.hpp"

namespace odeon::test {

struct FlowCase {
  std::shared_ptr<host::Backend> backend;
  host::FittedParts parts;
  host::ParameterSet parameters;
  host::DeviceTensor theta;
  FlowCase(const std::string& field_text, const std::string& solver_text, std::vector<double> times,
           int32_t dtype = ODEON_F64, int64_t d = 2, const char* backend_id = "cpu")
      : backend(open_backend(backend_id)) {
    const host::FieldChoice field = host::read_field(yaml(field_text), installed());
    const host::ComponentChoice solver =
        host::bind_component(ODEON_KIND_SOLVER, yaml(solver_text), installed());
    parts = host::fit_parts(field, solver, {d}, times, "a row", "test");
    parameters = host::starting_parameters(*parts.field, field, dtype, 3);
    theta = host::DeviceTensor(backend, dtype, parameters.flat.shape);
    place(parameters.flat);
  }
  void place(const host::Array& flat) {
    backend->upload(theta.view.data, flat.bytes.data(), static_cast<int64_t>(flat.bytes.size()));
  }
  host::FlowDensity density(const host::Augmentation& what, std::vector<double> times,
                            int32_t dtype = ODEON_F64) {
    return {backend, parts, what, std::move(times), dtype};
  }
};

}  // namespace odeon::test
