// What a GradientPass holds; made by Problem.
#pragma once
#include <odeon/host/gradient_pass.hpp>

#include "embed/problem_impl.hpp"

namespace odeon::host {

struct GradientPass::Impl {
  std::shared_ptr<const Registry> registry;  // the strategy's choice points into it
  std::shared_ptr<Field> field;
  int64_t times = 0, batch = 0;
  std::unique_ptr<LentComputation> computation;  // which has begun
  Solution solution;
};

}  // namespace odeon::host
