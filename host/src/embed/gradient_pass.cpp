#include "data/error.hpp"
#include "embed/gradient_pass_impl.hpp"

namespace odeon::host {

GradientPass::GradientPass(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GradientPass::~GradientPass() = default;
GradientPass::GradientPass(GradientPass&&) noexcept = default;
GradientPass& GradientPass::operator=(GradientPass&&) noexcept = default;

const Solution& GradientPass::solution() const { return impl_->solution; }

Gradients GradientPass::backward(std::span<const double> cotangents) {
  if (impl_->solution.failure)
    throw ConfigError("a solve that failed has no gradient; look at solution().failure before `backward`");
  const Array gys = shaped(*impl_->field, cotangents, {impl_->times, impl_->batch}, "cotangents");
  Computation& c = impl_->computation->get();
  return gradients_of(c, failure_of([&] { c.reverse(&gys); }));
}

}  // namespace odeon::host
