// A compiled whole solve: of rows on their own, or of a batch that steps together.
#pragma once
#include <odeon/ext/solve.h>

#include <memory>

#include "backend.hpp"

struct odeon_solve_plan {
  explicit odeon_solve_plan(odeon_backend& owner) : backend(owner) {}
  virtual ~odeon_solve_plan() = default;
  odeon_solve_plan(const odeon_solve_plan&) = delete;
  odeon_solve_plan& operator=(const odeon_solve_plan&) = delete;

  // settings: null for fixed steps. Complete when it returns.
  virtual void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) = 0;

  odeon_backend& backend;
};

namespace odeon::cuda {

// Device memory that grows to what the largest run needed.
class Room {
 public:
  explicit Room(Memory& memory) : memory_(memory) {}
  ~Room() { memory_.release(data_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void* of(int64_t bytes) {
    if (bytes > bytes_) {
      void* more = memory_.allocate(bytes);
      memory_.release(data_);
      data_ = more, bytes_ = bytes;
    }
    return data_;
  }

 private:
  Memory& memory_;
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};

// Throw ODEON_E_UNSUPPORTED with the reason.
std::unique_ptr<odeon_solve_plan> make_row_solve(odeon_backend& backend, const odeon_solve_spec& spec);
std::unique_ptr<odeon_solve_plan> make_joint_solve(odeon_backend& backend, const odeon_solve_spec& spec);

// ODEON_E_INVALID if theta is shorter than what the field reads.
void require_theta(const odeon_solve_run& run, int64_t theta_end);

}  // namespace odeon::cuda
