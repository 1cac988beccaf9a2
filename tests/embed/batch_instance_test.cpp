// A field over rows behind the C table, as the engine may call it: rows at times of their own, every write
// mode.
#include "embed/batch_instance.hpp"

#include <doctest/doctest.h>

#include <odeon/sdk/tensor.hpp>
#include <stdexcept>

#include "loader/host_table.hpp"

namespace odeon::test {
namespace {

using host::BatchField;

// dy/dt = k t y with one element a row; `calls` are the numbers of rows that came together.
struct Case {
  std::vector<size_t> calls;
  bool fails = false;
  BatchField field{.id = "growing",
                   .state_shape = {1},
                   .parameters = {{"k", {}, {2.0}}},
                   .f =
                       [this](double t, auto y, auto theta, auto dydt) {
                         calls.push_back(y.size());
                         for (size_t r = 0; r < y.size(); ++r) dydt[r] = theta[0] * t * y[r];
                         if (fails && calls.size() > 1) throw std::runtime_error("second call");
                       },
                   .vjp =
                       [this](double t, auto y, auto theta, auto v, const BatchField::Products& to) {
                         calls.push_back(y.size());
                         to.theta[0] = 0;
                         for (size_t r = 0; r < y.size(); ++r) {
                           to.t[r] = theta[0] * y[r] * v[r];
                           to.y[r] = theta[0] * t * v[r];
                           to.theta[0] += t * y[r] * v[r];
                         }
                       }};
  const odeon_field_api api = host::BatchInstance::table(true);
  odeon_field* instance = reinterpret_cast<odeon_field*>(new host::BatchInstance(field));
  Case() = default;
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;
  ~Case() { api.destroy(instance); }
};

// Rows 0 and 1 are at the same time.
const double kTimes[] = {0.5, 0.5, 1.5};
constexpr odeon_scalar kRowTimes{0, kTimes, 1};

template <class T>
odeon_tensor tensor(std::vector<T>& values) {
  return make_tensor(values.data(), sizeof(T) == 8 ? ODEON_F64 : ODEON_F32,
                     {static_cast<int64_t>(values.size()), 1});
}

template <class T>
void check_vjp(int32_t mode) {
  Case c;
  std::vector<T> y{1, 2, 3}, v{1, 1, 2}, theta{4}, dy(3, 10), gy(3, 10), gt(3, 10), gtheta(1, 10);
  const odeon_tensor ys = tensor(y), vs = tensor(v), dys = tensor(dy), gys = tensor(gy),
                     gts = flat(tensor(gt)), thetas = flat(tensor(theta)), gthetas = flat(tensor(gtheta));
  const odeon_vjp_args args{sizeof args, mode, mode, mode, mode,     kRowTimes, &ys,
                            &thetas,     &vs,  &dys, &gys, &gthetas, &gts};
  CHECK(c.api.vjp(c.instance, nullptr, &args) == ODEON_OK);
  const T start = mode == ODEON_WRITE_OVERWRITE ? 0 : 10, used = mode == ODEON_WRITE_SKIP ? 0 : 1;
  CHECK(dy == std::vector<T>{start + used * 2, start + used * 4, start + used * 18});
  CHECK(gy == std::vector<T>{start + used * 2, start + used * 2, start + used * 12});
  CHECK(gt == std::vector<T>{start + used * 4, start + used * 8, start + used * 24});
  CHECK(gtheta == std::vector<T>{start + used * T(0.5 + 1 + 9)});
  if (mode == ODEON_WRITE_SKIP)
    CHECK(c.calls.empty());
  else
    CHECK(c.calls == std::vector<size_t>{2, 1, 2, 1});
}

}  // namespace

TEST_CASE("rows at the same time come together, others in calls of their own") {
  Case c;
  std::vector<double> y{1, 2, 3}, theta{4}, dy(3);
  const odeon_tensor ys = tensor(y), thetas = flat(tensor(theta)), dys = tensor(dy);
  CHECK(c.api.eval(c.instance, nullptr, kRowTimes, &ys, &thetas, &dys) == ODEON_OK);
  CHECK(dy == std::vector<double>{2, 4, 18});
  CHECK(c.calls == std::vector<size_t>{2, 1});
  CHECK(c.api.eval(c.instance, nullptr, host_scalar(1), &ys, &thetas, &dys) == ODEON_OK);
  CHECK(dy == std::vector<double>{4, 8, 12});
  CHECK(c.calls == std::vector<size_t>{2, 1, 3});
}

TEST_CASE(
    "products of rows at times of their own go where each mode says, those of parameters summed over all "
    "rows") {
  for (const int32_t mode : {ODEON_WRITE_OVERWRITE, ODEON_WRITE_ACCUMULATE, ODEON_WRITE_SKIP}) {
    CAPTURE(mode);
    check_vjp<double>(mode);
    check_vjp<float>(mode);
  }
}

TEST_CASE("an exception leaves the outputs as they were and comes out where the host called") {
  Case c;
  c.fails = true;
  std::vector<double> y{1, 2, 3}, theta{4}, dy(3, 7);
  const odeon_tensor ys = tensor(y), thetas = flat(tensor(theta)), dys = tensor(dy);
  const odeon_status status = c.api.eval(c.instance, nullptr, kRowTimes, &ys, &thetas, &dys);
  CHECK(dy == std::vector<double>{7, 7, 7});
  CHECK_THROWS_WITH(host::check_call(status, "eval"), "second call");
}

}  // namespace odeon::test
