// Solves of rows on their own: what goes to the device and comes back, whoever takes the rows there.
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
  // size: of a row. theta_end: parameters that the field reads.
  RowSolves(odeon_backend& backend, int64_t size, int64_t theta_end);
  virtual ~RowSolves() = default;
  RowSolves(const RowSolves&) = delete;
  RowSolves& operator=(const RowSolves&) = delete;

  // What the kernel needs, times and grid being on the device behind this call; NULL settings: fixed steps.
  SolveArgs arguments(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run);
  // Complete when it returns.
  void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run);
  // theta: as `arguments` had it.
  virtual void launch(odeon_queue& queue, const SolveArgs& args, const odeon_tensor* theta) = 0;

  int64_t size() const { return size_; }
  int64_t theta_end() const { return theta_end_; }

 private:
  const int64_t size_, theta_end_;
  Room times_, results_, grid_, anchors_;
  Totals totals_;
};

// A thread per row.
class ThreadRows : public RowSolves {
 public:
  // kernels: of the module, the solve first. Compiled when it is first needed.
  ThreadRows(odeon_backend& backend, SolveSource source, std::vector<std::string> kernels);
  void launch(odeon_queue& queue, const SolveArgs& args, const odeon_tensor* theta) override;
  const Module& module();

 private:
  odeon_backend& backend_;
  const std::string text_;
  const std::vector<std::string> kernels_;
  std::shared_ptr<const Module> module_;
};

}  // namespace odeon::cuda
