// Solves by a compiled source, a thread per row.
#pragma once
#include "backend.hpp"
#include "solve/room.hpp"
#include "solve/solve_source.hpp"
#include "solve/totals.hpp"

namespace odeon::cuda {

// Copies the numbers to the device.
template <class T>
const T* to_room(Room& room, odeon_queue& queue, const T* numbers, int64_t count) {
  T* at = room.of<T>(count * int64_t{sizeof(T)});
  queue.staging->to_device(at, numbers, count * int64_t{sizeof(T)});
  return at;
}

// A launch of the kernel with a thread per row, as many as a grid has.
void launch_rows(const Module& module, size_t kernel, int64_t rows, const odeon_queue& queue,
                 const void* args);

// ODEON_E_INVALID if theta is shorter than what the field reads.
void require_theta(const odeon_solve_run& run, int64_t theta_end);

class RowSolves {
 public:
  // kernels: of the module, the solve first.
  RowSolves(odeon_backend& backend, SolveSource source, std::vector<std::string> kernels);

  // What the kernel needs, times and grid being on the device behind this call; NULL settings: fixed steps.
  SolveArgs arguments(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run);
  // Complete when it returns.
  void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run);
  void launch(const odeon_queue& queue, const SolveArgs& args) const;

  const SolveSource& source() const { return source_; }
  const std::shared_ptr<const Module>& module() const { return module_; }

 private:
  SolveSource source_;
  std::shared_ptr<const Module> module_;
  Room times_, results_, grid_, anchors_;
  Totals totals_;
};

}  // namespace odeon::cuda
