// Gradients of a field's derivatives along directions, by graphs of second order.
#pragma once
#include <memory>

#include "autodiff/tangent.hpp"
#include "autodiff/vjp.hpp"
#include "engine/field_program.hpp"

namespace odeon::host {

// Only for fields that lower themselves to a graph. Programs are compiled when first asked for.
class SecondDerivatives {
 public:
  SecondDerivatives(std::shared_ptr<Backend> backend, const Field& field, int32_t dtype, int64_t batch);

  struct Point {
    double t;
    const odeon_tensor& y;
    const odeon_tensor* theta;
  };
  // gy += d/dy, gtheta += d/dtheta (NULL: not wanted) of v . J(t, y) u, where v and u are constants.
  void of_product(const Point& at, const odeon_tensor& u, const odeon_tensor& v, const odeon_tensor& gy,
                  const odeon_tensor* gtheta);
  // Likewise of v . df/dt (t, y).
  void of_slope(const Point& at, const odeon_tensor& v, const odeon_tensor& gy, const odeon_tensor* gtheta);

 private:
  struct Program {
    int64_t inputs;  // of the derivative; the cotangent comes behind them
    bool reads_y;
    VjpGraph meaning;
    std::unique_ptr<GraphProgram> program;
  };
  Program& program(Tangent direction, bool with_theta);
  void run(Program& p, const Point& at, const odeon_tensor* u, const odeon_tensor& v, const odeon_tensor& gy,
           const odeon_tensor* gtheta);

  std::shared_ptr<Backend> backend_;
  const Field& field_;
  int32_t dtype_;
  int64_t batch_;
  std::unique_ptr<Program> programs_[4];  // by direction and whether theta is wanted
};

}  // namespace odeon::host
