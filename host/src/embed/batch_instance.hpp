// A BatchField behind the C table's pointer: its functions get doubles, whatever the precision of the solve.
#pragma once
#include <odeon/field.h>

#include <odeon/host/batch_field.hpp>

namespace odeon::host {

class BatchInstance {
 public:
  explicit BatchInstance(const BatchField& field);
  BatchInstance(const BatchInstance&) = delete;
  BatchInstance& operator=(const BatchInstance&) = delete;

  // Without `create`, which the registry stands in for. vjp: the field has one.
  static odeon_field_api table(bool vjp);

 private:
  using Values = BatchField::Values;
  struct Rows {
    double t;
    size_t first, count;
  };

  static BatchInstance& self(odeon_field* field) { return *reinterpret_cast<BatchInstance*>(field); }
  static odeon_status info(odeon_field* field, odeon_field_info* out);
  void eval(odeon_scalar t, const odeon_tensor& y, const odeon_tensor* theta, const odeon_tensor& dy,
            int32_t mode);
  void vjp(const odeon_vjp_args& args);
  // Calls body(rows) for each run of rows at the same time.
  template <class Body>
  void for_each_time(odeon_scalar t, size_t rows, Body&& body) const;

  BatchField field_;
  size_t state_size_, theta_size_;
  std::vector<odeon_parameter_slot> slots_;
  std::vector<const odeon_parameter_slot*> pointers_;
  // Work space: inputs that are not doubles already, and outputs, which are written when all is well.
  std::vector<double> y_, v_, theta_, out_, gt_, gtheta_, gtheta_sum_;
};

}  // namespace odeon::host
