// A solution as a function of time: what `output: {dense: true}` writes, evaluated without the field.
#pragma once
#include <odeon/abi.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

// Each step is the method's own polynomial, kept as its values at Chebyshev points and evaluated by the
// barycentric formula (J.-P. Berrut, L. N. Trefethen, SIAM Review 46 (2004) 501-517). A value type.
class ODEON_EXPORT DenseSolution {
 public:
  // Steps of some rows together: one track for a joint solve, one for each row with `stepping: per_row`.
  struct Track {
    std::vector<double> times;   // step ends, [steps + 1], monotone
    std::vector<double> values;  // [steps, degree + 1, rows, state…]
  };

  DenseSolution() = default;
  DenseSolution(std::vector<int64_t> state_shape, int64_t batch, int degree);

  // A dense.safetensors file. Throws Error naming the file and what is wrong with it.
  static DenseSolution read(const std::string& path);
  void write(const std::string& path) const;

  const std::vector<int64_t>& state_shape() const { return state_shape_; }  // of one row
  int64_t batch() const { return batch_; }
  int degree() const { return degree_; }  // of each step's polynomial
  double start() const;                   // the times that every row covers, in the direction of the solve
  double stop() const;

  // [batch, state…] at t. Throws Error where a row does not cover it.
  std::vector<double> at(double t) const;

  // Where the values of a step lie, as fractions of it: j = 0 … degree.
  static double node(int degree, int j);
  std::vector<Track>& tracks() { return tracks_; }
  const std::vector<Track>& tracks() const { return tracks_; }

 private:
  void evaluate(const Track& track, double t, std::span<double> out) const;

  std::vector<int64_t> state_shape_;
  int64_t batch_ = 0;
  int degree_ = 1;
  std::vector<Track> tracks_;
};

}  // namespace odeon::host
