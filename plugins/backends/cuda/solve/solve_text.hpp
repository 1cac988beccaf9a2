// The part of a whole-solve source that is the same for every field, method and control, a thread per row. In
// front of it stand what method_text.hpp makes of the method, control_text.hpp, and field.
#pragma once

namespace odeon::cuda {

constexpr const char* kSolveFunctions = R"cpp(
#ifdef __CUDACC__
#define ODEON_THREAD ((int64)blockIdx.x * blockDim.x + threadIdx.x)
#define ODEON_ROWS(name, args) \
    extern "C" __global__ void __launch_bounds__(ODEON_ROW_THREADS) name(const args a)
#else
#define ODEON_THREAD odeon_block
#define ODEON_ROWS(name, args) extern "C" void name(const args a)
#endif
  struct row_span {
    const T* theta;
    const double* times;
    int64 n_times;
    const double* grid;  // of fixed steps
    const int64* anchors;
    int64 n_grid;
  };

  // A step to t has the time in it or at its end; `nowhere` is in no step.
  ODEON_FUNCTION bool reaches(double direction, double t, double time) { return direction * (t - time) >= 0; }
  ODEON_FUNCTION double nowhere(double direction) { return direction * 0x1.fffffffffffffp+1023; }
  // A row begins: its state, also to the first time.
  ODEON_FUNCTION void begin_row(const solve_args& a, int64 row, T* y) {
    for (int j = 0; j < SIZE; ++j) {
      y[j] = a.y0[row * SIZE + j];
      if (a.ys) a.ys[row * SIZE + j] = y[j];
    }
  }
  // Stages 1 .. STAGES - 1 and y1; stage 0 is there.
  ODEON_FUNCTION void take_stages(const T* theta, double t, double h, const T* y, T (*k)[SIZE], T* y1) {
    T stage[SIZE];
#pragma unroll
    for (int i = 1; i < STAGES; ++i) {
      for (int j = 0; j < SIZE; ++j) stage[j] = y[j] + stage_move(i, (T)h, k, j);
      field((T)(t + stage_time(i) * h), stage, theta, k[i]);
    }
    for (int j = 0; j < SIZE; ++j) y1[j] = FSAL ? stage[j] : y[j] + (T)h * end_sum(k, j);
  }
  // Element j of the state where the weights w of the stages hold.
  ODEON_FUNCTION T value_at(const double* w, double h, const T* y, stage_list k, int j) {
    T sum = 0;
    for (int i = 0; i < STAGES; ++i) sum += (T)w[i] * k[i][j];
    if (HERMITE && !FSAL) sum += (T)w[STAGES] * k[STAGES][j];
    return y[j] + (T)h * sum;
  }
  ODEON_FUNCTION void write(const solve_args& a, int64 row, int64 time, int j, T value) {
    if (a.ys) a.ys[(time * a.batch + row) * SIZE + j] = value;
    if (a.y_last && time == a.n_times - 1) a.y_last[row * SIZE + j] = value;
  }
  // The end of a step becomes the beginning of the next one.
  ODEON_FUNCTION void move_on(bool have_end, const T* y1, T* y, T (*k)[SIZE]) {
    for (int j = 0; j < SIZE; ++j) {
      y[j] = y1[j];
      if (have_end) k[0][j] = k[FSAL ? STAGES - 1 : STAGES][j];
    }
  }
)cpp";

// The kernel of a solve: a thread per row. In front of it stands adaptive_text.hpp or fixed_text.hpp, whose
//   row_by(args, span, y, row)
// takes y over the span and tells `row` of each requested time and of each accepted step; the weights of the
// dense output at the last time are there in the step that reaches it.
constexpr const char* kSolveKernelText = R"cpp(
  struct solved_row {
    const solve_args& a;
    int64 row;
    ODEON_MEMBER void observe(int64 time, const T* value) {
      for (int j = 0; j < SIZE; ++j) write(a, row, time, j, value[j]);
    }
    ODEON_MEMBER void accepted(int64 step, double t, double h, const T* y, const T (*)[SIZE], const T*,
                               const double*) {
      if (!LOGS || !a.log_states || step >= a.log_steps) return;
      if (a.log_times) {
        a.log_times[2 * step * a.batch + row] = t;
        a.log_times[(2 * step + 1) * a.batch + row] = h;
      }
      if (step % a.log_every != 0) return;
      for (int j = 0; j < SIZE; ++j) a.log_states[(step / a.log_every * SIZE + j) * a.batch + row] = y[j];
    }
  };
  ODEON_ROWS(odeon_solve, solve_args) {
    // Few parameters are held beside the state: each step would read them again.
    T held[HELD_THETA > 0 ? HELD_THETA : 1];
    for (int j = 0; j < HELD_THETA; ++j) held[j] = a.theta[j];
    const T* const theta = HELD_THETA > 0 ? held : a.theta;
    ODEON_EACH_ITEM(row, a.batch) {
      T y[SIZE];
      begin_row(a, row, y);
      solved_row watch = {a, row};
      const row_result r = row_by(a, {theta, a.times, a.n_times, a.grid, a.anchors, a.n_grid}, y, watch);
      a.results[row] = r;
      if (a.y_end && r.status != 0)
        for (int j = 0; j < SIZE; ++j) a.y_end[row * SIZE + j] = y[j];
    }
  }
)cpp";

}  // namespace odeon::cuda
