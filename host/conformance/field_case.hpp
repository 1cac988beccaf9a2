// The checked field with data to evaluate it on.
#pragma once
#include <memory>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/subject.hpp"
#include "engine/field_program.hpp"

namespace odeon::host::conformance {

// Numbers of a run: [batch, state], θ, one time per row.
struct FieldData {
  Numbers y, theta, t;
};

// How an output of vjp is written, and what is there before.
struct VjpModes {
  int32_t dy = ODEON_WRITE_OVERWRITE, gy = ODEON_WRITE_OVERWRITE, gtheta = ODEON_WRITE_OVERWRITE,
          gt = ODEON_WRITE_OVERWRITE;
  double before = 0;
};
struct VjpResult {
  Numbers dy, gy, gtheta, gt;
};

// An instance for a batch size, on the subject's backend.
class FieldCase {
 public:
  FieldCase(const Subject& s, int64_t batch, int32_t dtype = ODEON_F64);

  const Field& field() const { return program_.field(); }
  int64_t batch() const { return batch_; }
  int64_t row_elements() const { return row_; }
  // Parameters as a run with this seed begins, states and times at random.
  FieldData data(uint32_t seed) const;

  // dy; every element that was not written is NaN. One time per row from device memory, or the first one for
  // all rows as a host number.
  Numbers eval(const FieldData& d, bool time_per_row = true);
  // The same by the field's own slots, where it has a graph too.
  Numbers eval_by_itself(const FieldData& d);
  // The sum of the halves of a field that splits itself.
  Numbers eval_halves(const FieldData& d);
  VjpResult vjp(const FieldData& d, const Numbers& v, const VjpModes& modes = {});
  // J u; empty for a field that has no graph. At the first time.
  Numbers jvp(const FieldData& d, const Numbers& u);
  // Calls of malloc in so many evaluations.
  long allocations_of(const FieldData& d, int evaluations);
  // y and θ as they are on the device after the last call.
  FieldData inputs() const;

 private:
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Field> field_;
  FieldProgram program_;
  int64_t batch_, row_;
  int32_t dtype_;
  DeviceTensor t_, y_, theta_, v_, dy_, gy_, gtheta_, gt_;
};

}  // namespace odeon::host::conformance
