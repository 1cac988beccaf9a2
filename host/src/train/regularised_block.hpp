// A continuous-depth block of a model, for one batch size, that carries regularisers beside its state.
#pragma once
#include <memory>
#include <vector>

#include "train/ode_block.hpp"
#include "train/random.hpp"
#include "train/regularisers.hpp"

namespace odeon::host {

class RegularisedBlock {
 public:
  RegularisedBlock(std::shared_ptr<Backend> backend, const std::shared_ptr<Field>& field,
                   const SolverChoice& solver, const std::vector<double>& times, const Regularisers& weights,
                   int32_t dtype, int64_t rows);

  OdeBlock& carried() { return block_; }  // state, terms and probe as one row; for θ, counters and tape

  // Means over the rows; 0 where not asked for.
  struct Terms {
    double kinetic = 0, jacobian = 0;
  };
  // out: the state at the last time, from x at the first. The Jacobian's norm is that along random signs;
  // those of `first_row` rows before x are left out.
  Terms forward(Gradient& gradient, const odeon_tensor& x, Random random, int64_t first_row,
                const odeon_tensor& out);
  // Of the loss behind the block plus the weighted terms. gout: by out; gx overwritten, gtheta (NULL: there
  // is no θ) accumulated.
  void backward(const odeon_tensor& gout, const odeon_tensor& gx, const odeon_tensor* gtheta);

 private:
  std::shared_ptr<Backend> backend_;
  double direction_;  // of time: terms are positive whichever way it runs
  int32_t dtype_;
  int64_t rows_;
  AugmentedRow at_;
  OdeBlock block_;
  GraphProgram pack_, unpack_, pack_cotangent_;
  DeviceTensor probe_, begin_, end_, gbegin_, gend_;  // the probe [rows, state], the others [rows, width]
  std::vector<DeviceTensor> terms_;                   // [rows, 1] each
};

}  // namespace odeon::host
