// Why an integration gave up, as data: the record and the message are made from it.
#pragma once
#include <string>

#include "data/error.hpp"

namespace odeon::host {

struct Failure {
  std::string reason;  // "step-size underflow", "non-finite values", "max_steps"
  std::string remedy;
  double t = 0, h = 0, error = 0;  // last good time, the step tried there, its scaled error norm
  int64_t steps = 0;
};

class SolveFailed : public RunError {
 public:
  explicit SolveFailed(Failure failure);
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

}  // namespace odeon::host
