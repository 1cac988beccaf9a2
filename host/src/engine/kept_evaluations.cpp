#include "engine/kept_evaluations.hpp"

#include <algorithm>

#include "engine/workspace.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kAlignment = 64;  // of each value

const odeon_tensor* theta_of(const odeon_problem& p) { return p.theta.data ? &p.theta : nullptr; }

}  // namespace

std::unique_ptr<KeptEvaluations> KeptEvaluations::of(odeon_problem& p) {
  const bool plain =
      p.field && p.field->field().graph() && !p.halves && p.solver.method && p.solver.method->is_explicit();
  if (!plain) return nullptr;
  const ResidualGraphs graphs(*p.field->field().graph());
  return graphs.shapes().empty() ? nullptr : std::make_unique<KeptEvaluations>(p, graphs);
}

KeptEvaluations::KeptEvaluations(odeon_problem& p, const ResidualGraphs& graphs)
    : p_(p),
      graphs_(graphs),
      forward_(p.backend, graphs.forward(), p.dtype, p.batch),
      of_stages_(p.work->k.size(), nullptr),
      modes_(1 + graphs.shapes().size(), ODEON_WRITE_OVERWRITE) {
  for (size_t i = 0; i < graphs.shapes().size(); ++i) {
    shapes_.push_back(forward_.output_shape(1 + i));
    offsets_.push_back(bytes_);
    bytes_ += (byte_count(shapes_.back()) + kAlignment - 1) / kAlignment * kAlignment;
  }
}

void KeptEvaluations::eval(double t, const odeon_tensor& y, const odeon_tensor& dy, size_t stage) {
  odeon_residuals*& place = of_stages_[stage];
  if (!place) place = &unused();
  ++p_.counters->evaluations;
  tensors_.assign(1, dy);
  append(tensors_, *place);
  forward_.run({host_scalar(t), theta_of(p_), {&y, 1}, tensors_, modes_});
}

void KeptEvaluations::vjp(const odeon_residuals& residuals, const odeon_vjp_args& args) {
  ++p_.counters->vjps;
  const VjpRequest request = request_of(args);
  auto& program = reverse_[number_of(request)];
  if (!program)
    program = std::make_unique<VjpProgram>(p_.backend, graphs_.reverse(request), p_.dtype, p_.batch,
                                           p_.field->field().parameter_count());
  odeon_vjp_args with_theta = args;
  with_theta.theta = theta_of(p_);
  tensors_.assign({*args.y, *args.v});
  append(tensors_, residuals);
  program->run(with_theta, tensors_);
}

void KeptEvaluations::keep(odeon_residuals& residuals) {
  std::replace(of_stages_.begin(), of_stages_.end(), &residuals, static_cast<odeon_residuals*>(nullptr));
  p_.tape->add(bytes_);
}

void KeptEvaluations::release(odeon_residuals& residuals) {
  p_.tape->add(-bytes_);
  unused_.push_back(&residuals);
}

odeon_residuals& KeptEvaluations::unused() {
  if (unused_.empty()) {
    all_.push_back(std::make_unique<odeon_residuals>(odeon_residuals{Buffer(p_.backend, bytes_)}));
    return *all_.back();
  }
  odeon_residuals& last = *unused_.back();
  unused_.pop_back();
  return last;
}

void KeptEvaluations::append(std::vector<odeon_tensor>& tensors, const odeon_residuals& residuals) const {
  for (size_t i = 0; i < shapes_.size(); ++i) {
    tensors.push_back(shapes_[i]);
    tensors.back().data = static_cast<char*>(residuals.memory.data()) + offsets_[i];
  }
}

}  // namespace odeon::host
