#include "train/model.hpp"

#include <algorithm>

#include "autodiff/import.hpp"
#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "experiment/fit.hpp"
#include "experiment/times.hpp"
#include "loader/host_table.hpp"
#include "train/layer_list.hpp"
#include "train/model_section.hpp"
#include "train/regularised_block.hpp"

namespace odeon::host {

// Either layers (a graph) or an ode block.
struct Model::Segment {
  std::optional<Graph> graph;  // INPUT 0 [batch, in…] -> [batch, out…]
  // ode block
  std::shared_ptr<Field> field;
  SolverChoice solver;
  std::unique_ptr<Gradient> gradient;
  std::vector<double> times;
  Regularisers regularisers;

  int64_t offset = 0, parameters = 0;  // its part of θ
  Shape out_shape;                     // [batch, …]
  std::string title;
};

Model::Model(const ConfigNode& list, const std::vector<int64_t>& row_shape, const Registry& registry,
             uint64_t seed, int32_t dtype)
    : dtype_(dtype), seed_(seed) {
  if (list.kind != ConfigNode::Kind::list || list.items.empty())
    throw ConfigError(list.where + ": 'model' must be a list of layers; found " + describe(list));
  Shape shape = row_shape;
  shape.insert(shape.begin(), ODEON_BATCH);
  Parameters parameters;
  const int64_t& offset = parameters.count;
  GraphBuilder builder;
  Value x = builder.input(0, shape);
  int layer_count = 0;
  const auto finish_layers = [&](bool always) {
    if (layer_count == 0 && !always) return;
    auto segment = std::make_unique<Segment>();
    builder.mark_output(x);
    segment->graph = builder.finish();
    segment->offset = segments_.empty() ? 0 : segments_.back()->offset + segments_.back()->parameters;
    segment->parameters = offset - segment->offset;
    segment->out_shape = shape;
    segment->title = std::to_string(layer_count) + " layers";
    segments_.push_back(std::move(segment));
    layer_count = 0;
  };
  for (size_t i = 0; i < list.items.size(); ++i) {
    const ConfigNode& item = list.items[i];
    const std::string place = std::to_string(i);
    const ConfigNode* ode =
        item.kind == ConfigNode::Kind::map && item.entries.size() == 1 ? item.find("ode") : nullptr;
    if (item.text == "ode")
      throw ConfigError(
          item.where +
          ": 'ode' needs its parts; write ode: {field: {...}, solver: {...}, gradient: adjoint}");
    if (!ode) {
      x = append_layer(item, registry, builder, parameters, x, model_section(), place);
      shape = builder.shape(x);
      ++layer_count;
      continue;
    }
    finish_layers(false);
    check_keys(*ode, "'ode'", kOdeSection);
    auto segment = std::make_unique<Segment>();
    const ConfigNode& field_node = require_key(*ode, "'ode'", "field");
    const FieldChoice field = read_field(field_node, registry);
    if (!field.weights.empty())
      throw ConfigError(field.weights_where +
                        ": 'weights' has no effect on a field inside a model; remove it, and " +
                        "begin from a checkpoint with 'train: {resume: file}'");
    segment->times = ode->find("times") ? read_times(*ode->find("times")) : std::vector<double>{0, 1};
    const ComponentChoice solver =
        bind_component(ODEON_KIND_SOLVER, require_key(*ode, "'ode'", "solver"), registry);
    const ComponentChoice gradient =
        bind_component(ODEON_KIND_GRADIENT, require_key(*ode, "'ode'", "gradient"), registry);
    FittedParts parts = fit_parts(field, solver, std::vector<int64_t>(shape.begin() + 1, shape.end()),
                                  segment->times, "what reaches layer " + place + " (ode)", field_node.where);
    check_gradient(gradient, parts);
    segment->regularisers = read_regularisers(*ode);
    if (segment->regularisers.any()) check_augmentable(*parts.field, "'regularise'", field_node);
    segment->field = std::move(parts.field);
    segment->solver = std::move(parts.solver);
    segment->gradient = std::make_unique<Gradient>(gradient);
    segment->offset = offset;
    segment->parameters = segment->field->parameter_count();
    segment->out_shape = shape;
    segment->title =
        "ode: " + segment->field->id() + ", " + solver.component->id + ", " + gradient.component->id;
    parameters.add(*segment->field, place + ".");
    segments_.push_back(std::move(segment));
    builder = GraphBuilder();
    x = builder.input(0, shape);
  }
  if (shape.size() != 2)
    throw ConfigError(list.where + ": the model ends with " + to_string(shape) +
                      ", but a classifier ends with one logit per class, [batch, classes]; add flatten or "
                      "global_average_pool and linear");
  classes_ = shape[1];
  finish_layers(true);  // the last segment carries the loss
  slots_ = std::move(parameters.slots);
}

Model::~Model() = default;

bool Model::has_ode() const {
  return std::any_of(segments_.begin(), segments_.end(), [](const auto& s) { return s->field != nullptr; });
}

Regularisers Model::regularisers() const {
  Regularisers sum;
  for (const auto& s : segments_)
    sum.kinetic += s->regularisers.kinetic, sum.jacobian += s->regularisers.jacobian;
  return sum;
}

std::string Model::summary() const {
  std::string text;
  for (const auto& s : segments_)
    text += "  " + s->title + ": " + std::to_string(s->parameters) + " parameters, gives " +
            to_string(s->out_shape) + "\n";
  return text + "  total: " + std::to_string(parameter_count()) + " parameters\n";
}

int64_t Model::parameter_count() const { return segments_.back()->offset + segments_.back()->parameters; }

void Model::bind(std::shared_ptr<Backend> backend) {
  parameters_ = draw_parameters(slots_, dtype_, seed_);
  backend_ = std::move(backend);
  device_ = DeviceParameters(backend_, parameters_.flat);
}

struct Model::Batch {
  struct Part {
    std::unique_ptr<GraphProgram> forward;
    VjpGraph meaning;
    std::unique_ptr<GraphProgram> reverse;
    std::unique_ptr<OdeBlock> block;
    std::unique_ptr<RegularisedBlock> regularised;  // set: a pass that is differentiated takes this instead
    DeviceTensor out, gin;
  };
  int64_t rows;
  DeviceTensor input, one_hot, loss_rows, loss_cotangent;
  std::vector<Part> parts;
};

namespace {

// Cross-entropy per row: INPUT 1 is the one-hot target.
Graph with_loss(const Graph& logits, int64_t classes) {
  GraphBuilder b;
  const std::vector<Value> value = import(b, logits);
  const Value target = b.input(1, {ODEON_BATCH, classes});
  b.mark_output(b.neg(b.sum(b.mul(target, b.log_softmax(value[size_t(logits.outputs[0])])), 2)));
  return b.finish();
}

}  // namespace

Model::Batch& Model::batch_of(int64_t rows) {
  auto& slot = batches_[rows];
  if (slot) return *slot;
  slot = std::make_unique<Batch>();
  Batch& batch = *slot;
  batch.rows = rows;
  const auto tensor = [&](const std::vector<int64_t>& shape) {
    return DeviceTensor(backend_, dtype_, shape);
  };
  for (size_t i = 0; i < segments_.size(); ++i) {
    const Segment& s = *segments_[i];
    Batch::Part& p = batch.parts.emplace_back();
    const std::vector<int64_t> shape = with_rows(s.out_shape, rows);
    p.out = tensor(shape);
    p.gin = i > 0 ? tensor(with_rows(segments_[i - 1]->out_shape, rows)) : DeviceTensor();
    if (s.graph) {
      p.forward = std::make_unique<GraphProgram>(backend_, *s.graph, dtype_, rows);
      const bool last = i + 1 == segments_.size();
      p.meaning = make_vjp(last ? with_loss(*s.graph, classes_) : *s.graph, {last, i > 0, true, false});
      p.reverse = std::make_unique<GraphProgram>(backend_, std::move(p.meaning.graph), dtype_, rows);
      continue;
    }
    p.block = std::make_unique<OdeBlock>(backend_, s.field, s.solver, s.times, dtype_, rows);
    if (s.regularisers.any())
      p.regularised = std::make_unique<RegularisedBlock>(backend_, s.field, s.solver, s.times, s.regularisers,
                                                         dtype_, rows);
  }
  batch.one_hot = tensor({rows, classes_});
  batch.loss_rows = tensor({rows, 1});
  batch.loss_cotangent = tensor({rows, 1});
  backend_->fill(batch.loss_cotangent.view, 1.0 / static_cast<double>(rows));
  return batch;
}

void Model::forward(Batch& batch, const Array& inputs, std::optional<Probes> probes, PassCosts& costs) {
  if (!batch.input.view.data) batch.input = DeviceTensor(backend_, dtype_, inputs.shape);
  upload(*backend_, batch.input.view, inputs);
  const odeon_tensor* x = &batch.input.view;
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  for (size_t i = 0; i < segments_.size(); ++i) {
    Segment& s = *segments_[i];
    Batch::Part& p = batch.parts[i];
    if (s.graph) {
      if (!probes || i + 1 < segments_.size())  // the last one runs forward inside its derivative
        p.forward->run({{}, &device_.theta.view, {x, 1}, {&p.out.view, 1}, {&overwrite, 1}});
    } else {
      OdeBlock& block = probes && p.regularised ? p.regularised->carried() : *p.block;
      if (s.parameters > 0) block.set_theta(part_of(device_.theta.view, s.offset, s.parameters));
      block.count(costs.forward);
      if (!probes) {
        block.solve(*x, p.out.view);
      } else if (!p.regularised) {
        block.forward(*s.gradient, *x, p.out.view);
      } else {
        const Random random(seed_, probes->step * segments_.size() + i);
        const RegularisedBlock::Terms terms =
            p.regularised->forward(*s.gradient, *x, random, probes->first_row, p.out.view);
        costs.kinetic += terms.kinetic, costs.jacobian += terms.jacobian;
      }
    }
    x = &p.out.view;
  }
}

double Model::differentiate(const Array& inputs, const Array& one_hot, PassCosts& costs, Probes probes) {
  Batch& batch = batch_of(inputs.shape[0]);
  forward(batch, inputs, probes, costs);
  upload(*backend_, batch.one_hot.view, one_hot);
  backend_->fill(device_.gradient.view, 0);
  int64_t kept = 0;
  for (size_t i = segments_.size(); i-- > 0;) {
    Segment& s = *segments_[i];
    Batch::Part& p = batch.parts[i];
    const bool last = i + 1 == segments_.size();
    const odeon_tensor& in = i > 0 ? batch.parts[i - 1].out.view : batch.input.view;
    if (s.graph) {
      std::vector<odeon_tensor> read{in};
      GraphOutputs write;
      if (last) {
        read.push_back(batch.one_hot.view);
        read.push_back(batch.loss_cotangent.view);
        write.add(batch.loss_rows.view, ODEON_WRITE_OVERWRITE);
      } else {
        read.push_back(batch.parts[i + 1].gin.view);
      }
      if (i > 0) write.add(p.gin.view, ODEON_WRITE_OVERWRITE);
      if (i > 0 && last) write.skip();  // of the one-hot target
      write.add_parameters(p.meaning, device_.gradient.view, ODEON_WRITE_OVERWRITE);
      p.reverse->run({{}, &device_.theta.view, read, write.tensors, write.modes});
      kept += p.reverse->workspace_bytes();
      continue;
    }
    const odeon_tensor gtheta = part_of(device_.gradient.view, s.offset, s.parameters);
    DeviceTensor gy0;
    if (i == 0) gy0 = DeviceTensor::like(backend_, in);
    const odeon_tensor &gin = i > 0 ? p.gin.view : gy0.view, &gout = batch.parts[i + 1].gin.view;
    const odeon_tensor* to_theta = s.parameters > 0 ? &gtheta : nullptr;
    OdeBlock& block = p.regularised ? p.regularised->carried() : *p.block;
    block.count(costs.backward);
    if (p.regularised)
      p.regularised->backward(gout, gin, to_theta);
    else
      block.backward(gout, gin, to_theta);
    kept += block.tape_peak();
  }
  costs.tape_peak = std::max(costs.tape_peak, kept);
  return sum_of(*backend_, batch.loss_rows.view) / static_cast<double>(batch.rows);
}

Array Model::logits(const Array& inputs, PassCosts& costs) {
  Batch& batch = batch_of(inputs.shape[0]);
  forward(batch, inputs, {}, costs);
  return download(*backend_, batch.parts.back().out.view);
}

}  // namespace odeon::host
