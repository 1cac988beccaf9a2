// Another θ for the time of one call.
#pragma once
#include "data/error.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

class ThetaOverride {
 public:
  // theta: NULL: the problem's own. A derived problem evaluates the field of the one it was made from.
  ThetaOverride(odeon_problem& problem, const odeon_tensor* theta) : base_(&problem) {
    while (base_->parent) base_ = base_->parent;
    own_ = base_->theta;
    if (!theta) return;
    if (element_count(*theta) != base_->field->field().parameter_count() || theta->dtype != base_->dtype)
      throw RunError("the parameters that are given for one solve have " +
                     std::to_string(element_count(*theta)) + " elements, but the field has " +
                     std::to_string(base_->field->field().parameter_count()) +
                     " of the problem's precision; this is a bug of the gradient strategy");
    if (element_count(*theta) > 0) base_->theta = *theta;
  }
  ~ThetaOverride() { base_->theta = own_; }
  ThetaOverride(const ThetaOverride&) = delete;
  ThetaOverride& operator=(const ThetaOverride&) = delete;

 private:
  odeon_problem* base_;
  odeon_tensor own_;
};

}  // namespace odeon::host
