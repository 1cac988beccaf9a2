#include "callables.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "arrays.hpp"

namespace odeon::python {
namespace {

// Odeon copies and drops its functions in any thread and without the GIL. What outlives the interpreter is
// left alone.
template <class T>
std::shared_ptr<T> share(T value) {
  return {new T(std::move(value)), [](T* shared) {
            if (!Py_IsInitialized() || !nb::is_alive()) return;
            const nb::gil_scoped_acquire gil;
            delete shared;
          }};
}

Array copied(std::span<const double> x, const std::vector<int64_t>& shape) {
  return to_numpy({x.begin(), x.end()}, shape);
}

void store(nb::handle from, std::span<double> to) {
  const auto array = nb::cast<Doubles>(from);
  if (array.size() != to.size()) throw std::logic_error("an array of another size than was promised");
  std::copy_n(array.data(), array.size(), to.data());
}

// θ as an array that stays the same object as long as its values do: large ones are not copied at every call.
class Theta {
 public:
  nb::object array(std::span<const double> theta) {
    if (!array_.is_valid() || !std::ranges::equal(theta, values_)) {
      values_.assign(theta.begin(), theta.end());
      array_ = nb::cast(copied(theta, {static_cast<int64_t>(theta.size())}));
      array_.attr("setflags")(nb::arg("write") = false);
    }
    return array_;
  }

 private:
  std::vector<double> values_;
  nb::object array_;
};

// The functions of a field, shared by all of its copies. Everything in it is used with the GIL.
struct Field {
  nb::object f, vjp;
  std::vector<int64_t> state_shape;
  Theta theta;

  std::vector<int64_t> shape(size_t size) const {
    int64_t row = 1;
    for (const int64_t d : state_shape) row *= d;
    std::vector<int64_t> out{static_cast<int64_t>(size) / row};
    out.insert(out.end(), state_shape.begin(), state_shape.end());
    return out;
  }
};

}  // namespace

host::BatchField to_field(std::string id, std::vector<int64_t> state_shape,
                          std::vector<host::FieldParameter> parameters, nb::object f, nb::object vjp) {
  const bool differentiable = !vjp.is_none();
  const auto field = share(Field{std::move(f), std::move(vjp), state_shape, {}});
  host::BatchField out{std::move(id), std::move(state_shape), std::move(parameters), {}, {}};
  using Values = host::BatchField::Values;
  out.f = [field](double t, Values y, Values theta, std::span<double> dydt) {
    const nb::gil_scoped_acquire gil;
    store(field->f(t, copied(y, field->shape(y.size())), field->theta.array(theta)), dydt);
  };
  if (differentiable)
    out.vjp = [field](double t, Values y, Values theta, Values v, const host::BatchField::Products& to) {
      const nb::gil_scoped_acquire gil;
      const std::vector<int64_t> shape = field->shape(y.size());
      const nb::object products =
          field->vjp(t, copied(y, shape), field->theta.array(theta), copied(v, shape));
      store(products[0], to.t);
      store(products[1], to.y);
      store(products[2], to.theta);
    };
  return out;
}

host::EventFunction to_event(std::string name, nb::object when, nb::object reset,
                             const std::string& direction, bool terminal, double tolerance,
                             int64_t max_count) {
  host::EventFunction out;
  out.name = std::move(name);
  out.direction = direction == "rising"    ? host::EventDirection::rising
                  : direction == "falling" ? host::EventDirection::falling
                                           : host::EventDirection::any;
  out.terminal = terminal;
  out.tolerance = tolerance;
  out.max_count = max_count;
  out.when = [f = share(std::move(when))](double t, std::span<const double> y) {
    const nb::gil_scoped_acquire gil;
    return nb::cast<double>((*f)(t, copied(y, {static_cast<int64_t>(y.size())})));
  };
  if (!reset.is_none())
    out.reset = [f = share(std::move(reset))](double t, std::span<double> y) {
      const nb::gil_scoped_acquire gil;
      store((*f)(t, copied(y, {static_cast<int64_t>(y.size())})), y);
    };
  return out;
}

}  // namespace odeon::python
