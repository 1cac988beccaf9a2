// A vector field on a backend, for one dtype and batch size: evaluations and derivative products.
#pragma once
#include <odeon/ext/events.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "engine/device.hpp"
#include "engine/vjp_program.hpp"

namespace odeon::host {

struct LoadedComponent;

// A created field: the plugin's instance and what it says of itself. Independent of backend and batch.
class Field {
 public:
  // state_shape: of one row, when the experiment knows it.
  static std::shared_ptr<Field> create(const LoadedComponent& component, const odeon_value* options,
                                       std::optional<std::vector<int64_t>> state_shape);
  // `field`, which must have a graph, and its derivative along a direction as one (autodiff/tangent.hpp).
  static std::shared_ptr<Field> with_tangent(std::shared_ptr<const Field> field);
  // A graph over the parameters of `base` as a field of its own, for rows of another shape; without events.
  static std::shared_ptr<Field> derived(std::shared_ptr<const Field> base, Graph graph,
                                        std::vector<int64_t> state_shape);
  ~Field();
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;

  const odeon_field_api& api() const { return *api_; }
  odeon_field* handle() const { return handle_; }
  const std::string& id() const { return id_; }
  const std::string& name() const { return name_; }  // "field 'linear'", for messages
  const std::vector<int64_t>& state_shape() const { return state_shape_; }
  const odeon_field_info& info() const { return info_; }
  int64_t parameter_count() const { return parameter_count_; }
  const Graph* graph() const { return graph_ ? &*graph_ : nullptr; }  // NULL: computes by callbacks
  bool differentiable() const { return graph_ || api_->vjp; }
  // f = implicit_half + explicit_half, for additive methods; NULL: it does not split itself.
  struct Halves {
    Graph implicit_half, explicit_half;
  };
  const Halves* halves() const { return halves_ ? &*halves_ : nullptr; }
  const odeon_field_events_api* events() const { return events_; }  // NULL: it brings none

 private:
  Field() = default;
  void lower_halves();
  std::shared_ptr<const void> keep_alive_;
  std::string id_, name_;
  const odeon_field_api* api_ = nullptr;
  odeon_field* handle_ = nullptr;
  odeon_field_info info_{};
  std::vector<int64_t> state_shape_;
  int64_t parameter_count_ = 0;
  std::optional<Graph> graph_;
  std::optional<Halves> halves_;
  const odeon_field_events_api* events_ = nullptr;
};

// Evaluates a Field. Programs for derivative products are compiled when first asked for, one for each
// set of wanted outputs, so that nothing is computed that nobody reads.
class FieldProgram {
 public:
  FieldProgram(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, int32_t dtype, int64_t batch);

  void eval(odeon_scalar t, const odeon_tensor& y, const odeon_tensor* theta, const odeon_tensor& dy);
  void vjp(const odeon_vjp_args& args);
  // Ju = df/dy u, and df/dt, by derivative graphs; false for a field that has no graph.
  bool jvp(double t, const odeon_tensor& y, const odeon_tensor* theta, const odeon_tensor& u,
           const odeon_tensor& Ju);
  bool time_derivative(double t, const odeon_tensor& y, const odeon_tensor* theta, const odeon_tensor& ft);
  const Field& field() const { return *field_; }

 private:
  void staged(const odeon_tensor* device, odeon_tensor& host, std::vector<std::byte>& store, bool read);

  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Field> field_;
  int32_t dtype_;
  int64_t batch_;
  std::unique_ptr<GraphProgram> eval_program_;
  std::array<std::unique_ptr<VjpProgram>, 16> vjp_programs_;
  // Ju or df/dt as the only output, compiled when first asked for.
  std::unique_ptr<GraphProgram> jvp_program_, time_program_;
  std::array<std::vector<std::byte>, 8> stage_;
};

}  // namespace odeon::host
