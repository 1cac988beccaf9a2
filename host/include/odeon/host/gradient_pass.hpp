// A solve whose gradient follows when the loss is known.
#pragma once
#include <odeon/abi.h>

#include <memory>
#include <odeon/host/solution.hpp>
#include <span>

namespace odeon::host {

// Made by Problem::begin_gradient, with θ as it was then: neither later parameters nor other solves of the
// problem change it. Holds what the strategy keeps between its two passes. One thread at a time together with
// its problem, which it may outlive.
class ODEON_EXPORT GradientPass {
 public:
  ~GradientPass();
  GradientPass(GradientPass&&) noexcept;
  GradientPass& operator=(GradientPass&&) noexcept;

  const Solution& solution() const;

  // cotangents: dL/dstates, [times, batch, state…], for another loss each time. Where the way back fails,
  // that is a value, as in Problem::gradient; throws Error where the solve did.
  Gradients backward(std::span<const double> cotangents);

 private:
  friend class Problem;
  struct Impl;
  explicit GradientPass(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace odeon::host
