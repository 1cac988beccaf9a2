#include "embed/application_field.hpp"

#include "data/array.hpp"
#include "data/error.hpp"
#include "loader/descriptor_rules.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

// What the registry keeps alive for a field of this program.
struct ApplicationField : LoadedPlugin {
  std::string title;
  odeon_field_api api{};
  odeon_component component{};
};

LoadedComponent make(const std::string& id, const std::string& title, const odeon_field_api& api,
                     decltype(LoadedComponent::make_field) make_field) {
  auto owner = std::make_shared<ApplicationField>();
  owner->id = id;
  owner->version = "1.0.0";
  owner->title = title;
  owner->api = api;
  odeon_component& c = owner->component;
  c = make_component(ODEON_KIND_FIELD, {to_str(owner->id), to_str(owner->title), to_str(owner->title)},
                     &owner->api);
  c.licence = kNoText;
  if (const Broken b = check_component(c))
    throw ConfigError("field '" + id + "' of this program: " + b.rule + "; found " + b.found + "; " +
                      b.remedy);
  return {ODEON_KIND_FIELD, owner->id, &c, owner, std::move(make_field)};
}

void check_state_shape(const std::string& id, const std::vector<int64_t>& shape) {
  if (shape.size() >= ODEON_MAX_RANK || checked_count(shape) < 1)
    throw ConfigError("field '" + id + "' of this program: the shape of its state must be up to " +
                      std::to_string(ODEON_MAX_RANK - 1) + " positive numbers, such as {2}");
}

// `create` of a field that the registry makes itself; Field::create calls make_field instead.
odeon_status create_elsewhere(const odeon_host*, const odeon_value*, const odeon_field_context*,
                              odeon_field**) {
  return ODEON_E_UNSUPPORTED;
}

// One row at a time, through doubles.
struct FunctionInstance {
  FunctionField field;
  std::vector<double> y, v, out;

  explicit FunctionInstance(const FunctionField& f) : field(f) {
    for (std::vector<double>* x : {&y, &v, &out})
      x->resize(static_cast<size_t>(checked_count(f.state_shape)));
  }

  template <class Body>
  static odeon_status guarded(Body&& body) {
    try {
      body();
      return ODEON_OK;
    } catch (...) {  // the program's own exception: thrown again outside of the components' frames
      keep_exception(std::current_exception());
      return ODEON_E_SOLVE_FAILED;
    }
  }

  static void read(const odeon_tensor& row, std::vector<double>& to) {
    for (size_t i = 0; i < to.size(); ++i)
      to[i] = row.dtype == ODEON_F64 ? data<const double>(row)[i] : data<const float>(row)[i];
  }
  static void store(const odeon_tensor& x, int64_t i, double value, int32_t mode) {
    const auto write = [&](auto* at) {
      using T = std::remove_reference_t<decltype(*at)>;
      *at = static_cast<T>(mode == ODEON_WRITE_ACCUMULATE ? double(*at) + value : value);
    };
    x.dtype == ODEON_F64 ? write(data<double>(x) + i) : write(data<float>(x) + i);
  }
  void write(const odeon_tensor& row, int32_t mode) const {
    for (size_t i = 0; i < out.size(); ++i) store(row, static_cast<int64_t>(i), out[i], mode);
  }
  static double time_of(const odeon_scalar& t, int64_t row) {
    return t.device ? t.device[row * t.stride] : t.value;
  }

  void eval(double t, const odeon_tensor& y_row, const odeon_tensor& dy_row, int32_t mode) {
    read(y_row, y);
    field.f(t, y, out);
    write(dy_row, mode);
  }

  void vjp(const odeon_vjp_args& a) {
    for (int64_t r = 0; r < row_count(*a.y); ++r) {
      const double t = time_of(a.t, r);
      if (a.dy_mode != ODEON_WRITE_SKIP) eval(t, row(*a.y, r), row(*a.dy, r), a.dy_mode);
      if (a.gy_mode == ODEON_WRITE_SKIP && a.gt_mode == ODEON_WRITE_SKIP) continue;
      read(row(*a.y, r), y);
      read(row(*a.v, r), v);
      const double gt = field.vjp(t, y, v, out);
      if (a.gy_mode != ODEON_WRITE_SKIP) write(row(*a.gy, r), a.gy_mode);
      if (a.gt_mode != ODEON_WRITE_SKIP) store(*a.gt, r, gt, a.gt_mode);
    }
  }
};

FunctionInstance& self(odeon_field* field) { return *reinterpret_cast<FunctionInstance*>(field); }

odeon_status info(odeon_field* field, odeon_field_info* out) {
  const std::vector<int64_t>& shape = self(field).field.state_shape;
  out->state_rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), out->state_shape);
  return ODEON_OK;
}

odeon_status eval(odeon_field* field, odeon_queue*, odeon_scalar t, const odeon_tensor* y,
                  const odeon_tensor*, const odeon_tensor* dy) {
  return FunctionInstance::guarded([&] {
    for (int64_t r = 0; r < row_count(*y); ++r)
      self(field).eval(FunctionInstance::time_of(t, r), row(*y, r), row(*dy, r), ODEON_WRITE_OVERWRITE);
  });
}

odeon_status vjp(odeon_field* field, odeon_queue*, const odeon_vjp_args* args) {
  return FunctionInstance::guarded([&] { self(field).vjp(*args); });
}

}  // namespace

LoadedComponent to_component(const FunctionField& field) {
  check_state_shape(field.id, field.state_shape);
  if (!field.f)
    throw ConfigError("field '" + field.id + "' of this program has no function f; set FunctionField::f");
  odeon_field_api api{};
  api.struct_size = sizeof api;
  api.create = create_elsewhere;
  api.destroy = [](odeon_field* f) { delete &self(f); };
  api.info = info;
  api.eval = eval;
  if (field.vjp) api.vjp = vjp;
  return make(field.id, "A function of this program", api, [field](const odeon_field_context&) {
    return reinterpret_cast<odeon_field*>(new FunctionInstance(field));
  });
}

LoadedComponent to_component(const std::string& id, const GraphField& field) {
  check_state_shape(id, field.state_shape);
  odeon_field_api api = GraphFieldInstance::table();
  api.create = create_elsewhere;
  return make(id, "A graph of this program", api,
              [field](const odeon_field_context&) { return GraphFieldInstance::create(field); });
}

}  // namespace odeon::host
