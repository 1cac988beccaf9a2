#include "engine/field_halves.hpp"

#include "autodiff/tangent.hpp"

namespace odeon::host {

FieldHalves::FieldHalves(odeon_problem& p)
    : p_(p),
      implicit_(p.backend, p.shared_field->halves()->implicit_half, p.dtype, p.batch),
      explicit_(p.backend, p.shared_field->halves()->explicit_half, p.dtype, p.batch),
      implicit_jvp_(p.backend, tangent_graph(p.shared_field->halves()->implicit_half, Tangent::state),
                    p.dtype, p.batch) {}

void FieldHalves::eval_implicit(double t, const odeon_tensor& y, const odeon_tensor& dy) {
  ++p_.counters->evaluations;
  run(implicit_, t, {&y, 1}, dy);
}

void FieldHalves::eval_explicit(double t, const odeon_tensor& y, const odeon_tensor& dy) {
  ++p_.counters->explicit_evaluations;
  run(explicit_, t, {&y, 1}, dy);
}

void FieldHalves::jvp(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju) {
  const odeon_tensor inputs[] = {y, u};
  run(implicit_jvp_, t, inputs, Ju);
}

void FieldHalves::run(GraphProgram& program, double t, std::span<const odeon_tensor> inputs,
                      const odeon_tensor& out) {
  const int32_t mode = ODEON_WRITE_OVERWRITE;
  program.run({host_scalar(t), p_.theta.data ? &p_.theta : nullptr, inputs, {&out, 1}, {&mode, 1}});
}

}  // namespace odeon::host
