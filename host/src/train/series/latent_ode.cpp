#include "train/series/latent_ode.hpp"

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/series/series_solve.hpp"

namespace odeon::host {
namespace {

int64_t read_dimension(const ConfigNode& node) {
  const ConfigNode& dimension = require_key(node, "'latent'", "dimension");
  const int64_t n = read_integer(dimension, "'dimension'");
  if (n < 1 || n > kLargestState)
    throw ConfigError(dimension.where + ": 'dimension' must be from 1 to " + std::to_string(kLargestState) +
                      ", the size of the latent state; found " + dimension.text);
  return n;
}

FieldChoice read_latent_field(const ConfigNode& node, const Registry& registry) {
  FieldChoice field = read_field(require_key(node, "'latent'", "field"), registry);
  if (!field.weights.empty())
    throw ConfigError(field.weights_where +
                      ": 'weights' has no effect on the field of a latent ODE; remove it, and "
                      "begin from a checkpoint with 'train: {resume: file}'");
  return field;
}

odeon_tensor as_rows(const odeon_tensor& x) {  // [times, rows, n] as [times * rows, n]
  return make_tensor(x.data, x.dtype, {x.shape[0] * x.shape[1], x.shape[2]});
}

constexpr odeon_option kEncoder =
    cell_section(str("encoder"), str("What reads the observations, from last to first."));
constexpr odeon_option kDimension = ranged(
    make_option(ODEON_OPTION_INT, str("dimension"), kNoText, str("Size of the latent state."), kRequired), 1,
    kLargestState);
constexpr odeon_option kField = field_section(str("field"), str("Of the latent state."));
constexpr odeon_option kSolver = solver_section(str("The integration method."));
constexpr odeon_option kGradient = gradient_section(str("How the latent ODE is differentiated."));

}  // namespace

const odeon_option& latent_section() {
  static const odeon_option* const keys[] = {&kEncoder, &kTimeStepKey, &kDimension,        &kField,
                                             &kSolver,  &kGradient,    &decoder_section(), &kNoiseKey};
  static const odeon_option section =
      with_children(make_option(ODEON_OPTION_GROUP, str("latent"), kNoText,
                                str("A latent ODE on time series (Chen et al. 2018, section 5)."), kRequired),
                    keys);
  return section;
}

struct LatentOde::Batch {
  int64_t rows;
  Recurrence encoder;
  Posterior posterior;
  SeriesSolve solve;
  DecoderProgram decoder;                       // at the times of the window
  std::unique_ptr<DecoderProgram> all_decoder;  // at all times; made by the first prediction

  odeon_tensor last_state() const { return row(encoder.states(), encoder.states().shape[0] - 1); }
  odeon_tensor last_cotangent() const { return row(encoder.cotangents(), encoder.cotangents().shape[0] - 1); }
};

LatentOde::LatentOde(const ConfigNode& node, const SeriesData& data, const Registry& registry, int32_t dtype)
    : data_(data), dtype_(dtype) {
  check_keys(node, "'latent'", latent_section());
  const CellChoice cell = read_cell(require_key(node, "'latent'", "encoder"), "'encoder'");
  gaps_ = read_boolean(node, kTimeStepKey, true);
  latent_ = read_dimension(node);
  auto line = [this, before = int64_t{0}](const std::string& title) mutable {
    summary_ += "  " + title + ": " + std::to_string(parameters_.count - before) + " parameters\n";
    before = parameters_.count;
  };
  cell_ = cell_graph(cell, data.width() + gaps_, parameters_, "encoder.");
  line("encoder");
  posterior_ = posterior_graph(cell.hidden, latent_, parameters_);
  line("posterior");
  const FieldChoice field = read_latent_field(node, registry);
  const ComponentChoice solver =
      bind_component(ODEON_KIND_SOLVER, require_key(node, "'latent'", "solver"), registry);
  const ComponentChoice gradient =
      bind_component(ODEON_KIND_GRADIENT, require_key(node, "'latent'", "gradient"), registry);
  ode_ = fit_parts(field, solver, {latent_}, data.times, "the latent state", node.find("dimension")->where);
  check_gradient(gradient, ode_);
  gradient_ = std::make_unique<Gradient>(gradient);
  field_offset_ = parameters_.count;
  parameters_.add(*ode_.field, "field.");
  line("ode: " + ode_.field->id() + ", " + solver.component->id + ", " + gradient.component->id);
  decoder_ = read_decoder(node, latent_, data.width(), registry, parameters_);
  line("decoder");
}

LatentOde::~LatentOde() = default;

std::string LatentOde::summary() const {
  return summary_ + "  total: " + std::to_string(parameters_.count) + " parameters\n";
}

odeon_tensor LatentOde::of_field(const odeon_tensor& flat) const {
  return part_of(flat, field_offset_, ode_.field->parameter_count());
}

LatentOde::Batch& LatentOde::batch_of(int64_t rows) {
  auto& slot = batches_[rows];
  if (slot) return *slot;
  slot.reset(new Batch{rows,
                       {backend_, cell_, dtype_, data_.most_observed(), rows},
                       {backend_, posterior_, dtype_, rows},
                       {backend_, ode_, data_, dtype_, rows, latent_, of_field(device_->theta.view)},
                       {backend_, decoder_, dtype_, data_.window * rows},
                       nullptr});
  return *slot;
}

double LatentOde::encode(Batch& batch, std::span<const int64_t> series, const Array& noise) {
  const Sequences read = read_backwards(data_, series, gaps_, dtype_);
  batch.encoder.forward(device_->theta.view, read.inputs, read.mask);
  return batch.posterior.sample(device_->theta.view, batch.last_state(), noise);
}

SeriesLoss LatentOde::differentiate(std::span<const int64_t> series, const Array& noise, PassCosts& costs) {
  Batch& batch = batch_of(static_cast<int64_t>(series.size()));
  const double each = 1 / static_cast<double>(batch.rows);
  const double kl = encode(batch, series, noise);

  backend_->fill(device_->gradient.view, 0);
  const Targets targets = observed_targets(data_, series, dtype_);
  double misfit = 0;
  batch.solve.differentiate(
      *gradient_, batch.posterior.z0(), batch.posterior.cotangent(), of_field(device_->gradient.view), costs,
      [&](const odeon_tensor& ys, const odeon_tensor& gys) {
        misfit = batch.decoder.differentiate(*device_, as_rows(ys), targets, each, as_rows(gys));
      });

  backend_->fill(batch.encoder.cotangents(), 0);
  batch.posterior.backward(*device_, batch.last_state(), each, batch.last_cotangent());
  batch.encoder.backward(device_->theta.view, device_->gradient.view);
  return {(misfit + decoder_.constant(targets.count) + kl) * each, kl * each};
}

Array LatentOde::predict(std::span<const int64_t> series, PassCosts& costs) {
  Batch& batch = batch_of(static_cast<int64_t>(series.size()));
  if (!batch.all_decoder)
    batch.all_decoder =
        std::make_unique<DecoderProgram>(backend_, decoder_, dtype_, data_.points() * batch.rows);
  encode(batch, series, Array::zeros(dtype_, {batch.rows, latent_}));
  const bool whole = batch.solve.predict(batch.posterior.z0(), costs);
  return by_series(data_, batch.all_decoder->decode(device_->theta.view, as_rows(batch.solve.all_ys())),
                   batch.rows, whole);
}

}  // namespace odeon::host
