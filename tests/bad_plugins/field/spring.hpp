// A correct field that computes by itself, from which each specimen departs in one point: with one parameter
// k,
//   dy0 = t - k y1,  dy1 = k y0 - y0 y1.
#pragma once
#include <odeon/field.h>

#include <odeon/sdk/arguments.hpp>
#include <odeon/sdk/plugin.hpp>

namespace specimen {

using namespace odeon;

// Row r of a tensor [batch, 2], in either precision.
template <class T>
T* row_of(const odeon_tensor& x, int64_t r) {
  return data<T>(x) + 2 * r;
}

template <class T>
void write(T& to, int32_t mode, double value) {
  if (mode == ODEON_WRITE_OVERWRITE) to = static_cast<T>(value);
  if (mode == ODEON_WRITE_ACCUMULATE) to += static_cast<T>(value);
}

class Spring {
 public:
  explicit Spring(const odeon_host* h) : host(h) {}
  const odeon_host* host;

  void info(odeon_field_info& out) const {
    static constexpr odeon_parameter_slot kSlot = [] {
      odeon_parameter_slot slot{};
      slot.struct_size = sizeof slot;
      slot.name = str("k");
      slot.a = 0.7;
      return slot;
    }();
    static constexpr const odeon_parameter_slot* kSlots[] = {&kSlot};
    out.state_rank = 1;
    out.state_shape[0] = 2;
    out.slots = kSlots;
    out.n_slots = 1;
  }

  template <class T>
  void row(double t, double k, const T* y, T* dy, int32_t mode) const {
    write(dy[0], mode, t - k * y[1]);
    write(dy[1], mode, k * y[0] - double(y[0]) * y[1]);
  }

  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    for (int64_t r = 0; r < row_count(y); ++r)
      row(value_of(t, r), double(data<T>(theta)[0]), row_of<T>(y, r), row_of<T>(dy, r),
          ODEON_WRITE_OVERWRITE);
  }

  template <class T>
  void vjp(const odeon_vjp_args& a) {
    const double k = double(data<T>(*a.theta)[0]);
    double gk = 0;
    for (int64_t r = 0; r < row_count(*a.y); ++r) {
      const T *y = row_of<T>(*a.y, r), *v = row_of<T>(*a.v, r);
      if (a.dy_mode != ODEON_WRITE_SKIP) row(value_of(a.t, r), k, y, row_of<T>(*a.dy, r), a.dy_mode);
      if (a.gy_mode != ODEON_WRITE_SKIP) {
        T* gy = row_of<T>(*a.gy, r);
        write(gy[0], a.gy_mode, (k - y[1]) * v[1]);
        write(gy[1], a.gy_mode, -k * v[0] - double(y[0]) * v[1]);
      }
      gk += double(y[0]) * v[1] - double(y[1]) * v[0];
      if (a.gt_mode != ODEON_WRITE_SKIP) write(data<T>(*a.gt)[r], a.gt_mode, double(v[0]));
    }
    if (a.gtheta_mode != ODEON_WRITE_SKIP) write(*data<T>(*a.gtheta), a.gtheta_mode, gk);
  }
};

// The C table of a class like Spring.
template <class F>
class FieldTable {
  static F& self(odeon_field* f) { return *reinterpret_cast<F*>(f); }
  static odeon_status create(const odeon_host* host, const odeon_value*, const odeon_field_context*,
                             odeon_field** out) {
    return barrier(host, [&] { *out = reinterpret_cast<odeon_field*>(new F(host)); });
  }
  static void destroy(odeon_field* f) { delete &self(f); }
  static odeon_status info(odeon_field* f, odeon_field_info* out) {
    self(f).info(*out);
    return ODEON_OK;
  }
  static odeon_status eval(odeon_field* f, odeon_queue*, odeon_scalar t, const odeon_tensor* y,
                           const odeon_tensor* theta, const odeon_tensor* dy) {
    return barrier(self(f).host, [&] {
      dispatch(y->dtype, [&](auto zero) { self(f).template eval<decltype(zero)>(t, *y, *theta, *dy); });
    });
  }
  static odeon_status vjp(odeon_field* f, odeon_queue*, const odeon_vjp_args* a) {
    return barrier(self(f).host, [&] {
      dispatch(a->y->dtype, [&](auto zero) { self(f).template vjp<decltype(zero)>(*a); });
    });
  }

 public:
  static constexpr odeon_field_api table() {
    odeon_field_api api{};
    api.struct_size = sizeof api;
    api.create = create;
    api.destroy = destroy;
    api.info = info;
    api.eval = eval;
    api.vjp = vjp;
    return api;
  }
};

}  // namespace specimen

// The last arguments: the options, if any.
#define SPECIMEN_FIELD_TABLE(api, ...)                                                             \
  namespace {                                                                                      \
  constexpr odeon_component kComponent = odeon::make_component(                                    \
      ODEON_KIND_FIELD,                                                                            \
      {odeon::str("specimen"), odeon::str("A specimen"), odeon::str("For the tests of the kit.")}, \
      &api __VA_OPT__(,) __VA_ARGS__);                                                            \
  }                                                                                                \
  ODEON_PLUGIN_SINGLE(kComponent)

#define SPECIMEN_SPRING(Class)                                                \
  namespace {                                                                 \
  constexpr odeon_field_api kFieldApi = specimen::FieldTable<Class>::table(); \
  }                                                                           \
  SPECIMEN_FIELD_TABLE(kFieldApi)
