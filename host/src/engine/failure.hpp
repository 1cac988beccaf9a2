// Why an integration gave up, as data: the record and the message are made from it.
#pragma once
#include <odeon/host/solution.hpp>

#include "data/error.hpp"

namespace odeon::host {

class SolveFailed : public RunError {
 public:
  explicit SolveFailed(Failure failure);
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

}  // namespace odeon::host
