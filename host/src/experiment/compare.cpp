#include "experiment/compare.hpp"

#include <odeon/gradient.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>

#include "data/atomic_file.hpp"
#include "data/error.hpp"
#include "engine/round_off.hpp"
#include "experiment/computation.hpp"
#include "experiment/fit.hpp"
#include "experiment/launched.hpp"
#include "experiment/run.hpp"

namespace odeon::host {
namespace {

// The bound on errors, and how much tighter the tolerances of a reference are, in units of rtol.
constexpr double kBound = 10, kTighter = 1e-3;
// Timings are the best of a few passes, the first of which also compiles; a long pass is not repeated.
constexpr int kPasses = 4;
constexpr double kLongPass = 0.5;  // seconds

struct Values {
  Array initial, parameters;
};

bool is_finite(const Array& a) {
  const std::vector<double> v = a.to_doubles();
  return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); });
}

double relative_error(const Array& found, const Array& exact) {
  double most = 0, scale = 0;
  for (int64_t i = 0; i < exact.size(); ++i) {
    const double difference = std::abs(found.at(i) - exact.at(i));
    if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
    most = std::max(most, difference);
    scale = std::max(scale, std::abs(exact.at(i)));
  }
  return scale > 0 ? most / scale : most;
}

// `gradient: id` in place of what the configuration says, unless that is this strategy.
ConfigNode with_gradient(const ConfigNode& root, const std::string& id) {
  const ConfigNode* given = root.find("gradient");
  const ConfigNode* plugin = given && given->kind == ConfigNode::Kind::map ? given->find("plugin") : given;
  if (plugin && plugin->text == id) return root;
  ConfigNode changed = root;
  std::erase_if(changed.entries, [](const ConfigEntry& entry) { return entry.first == "gradient"; });
  set_value(changed, "gradient=" + id);
  return changed;
}

// Every step a thousand times as accurate, as far as round-off lets it.
void tighten(SolverSettings& s, const Experiment& e) {
  const double least = 50 * unit_round_off(e.dtype);
  for (double& r : s.rtol) r = std::max(r * kTighter, least);
  for (double& a : s.atol) a *= kTighter;
  if (s.control != Control::fixed) return;
  constexpr double kShorter = 0.1;
  double shortest = s.step_size > 0 ? s.step_size : INFINITY;
  const std::vector<double>& grid = s.grid.empty() ? e.times : s.grid;
  for (size_t i = 1; i < grid.size() && s.step_size == 0; ++i)
    shortest = std::min(shortest, std::abs(grid[i] - grid[i - 1]));
  s.step_size = kShorter * shortest;
  s.grid.clear();
}

// The experiment's field and solver, ready to be differentiated by one strategy after the other.
class Bench {
 public:
  Bench(const ConfigNode& root, const std::string& path, const Registry& registry)
      : root_(root), path_(path), registry_(registry) {}

  // Fills a row with a strategy's costs; nothing where it was refused.
  std::optional<Values> measure(GradientCost& row) {
    std::optional<Values> found = attempt(row.id, row.refusal, [&](const Experiment& e) {
      Computation& c = computation(e);
      for (int pass = 0; pass < kPasses; ++pass) {
        differentiate(c, e);
        const double seconds = c.forward.seconds + c.backward.seconds;
        row.seconds = pass == 0 ? seconds : std::min(row.seconds, seconds);
        if (seconds > kLongPass) break;
      }
      row.forward = c.forward.counters;
      row.backward = c.backward.counters;
      row.tape_peak_bytes = c.tape.peak;
      return Values{c.grad_initial(), c.grad_parameters()};
    });
    return found;
  }

  // By a strategy with its own defaults and a solver that is more accurate.
  std::optional<Values> tightened(const std::string& id) {
    std::string refusal;
    return attempt(id, refusal, [&](const Experiment& e) {
      FittedParts parts = fit_parts(e);
      tighten(parts.solver.settings, e);
      const auto c = make(e, std::move(parts));
      differentiate(*c, e);
      return Values{c->grad_initial(), c->grad_parameters()};
    });
  }

  // Of the solver, as the strategies are run with it.
  const SolverSettings& settings() const { return settings_; }
  int32_t dtype() const { return dtype_; }

 private:
  template <class Work>
  std::optional<Values> attempt(const std::string& id, std::string& refusal, const Work& work) {
    try {
      const Experiment e = read_experiment(with_gradient(root_, id), path_, registry_);
      Values found = work(e);
      if (is_finite(found.initial) && is_finite(found.parameters)) return found;
      refusal = "its gradient is not finite";
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      refusal = error.what();
    } catch (const std::bad_alloc&) {
      refusal = "the memory is not enough for it";
    }
    std::replace(refusal.begin(), refusal.end(), '\n', ' ');
    return {};
  }

  static void differentiate(Computation& c, const Experiment& e) {
    c.differentiate(*e.gradient, e.times, e.initial, e.cotangent ? &*e.cotangent : nullptr);
  }

  std::unique_ptr<Computation> make(const Experiment& e, FittedParts parts) {
    if (!backend_) backend_ = open_backend(e, registry_);
    auto c = std::make_unique<Computation>(backend_, parts.field, std::move(parts.solver), e.dtype,
                                           e.initial.shape[0], std::move(parts.events));
    c->set_parameters(starting_parameters(*parts.field, *e.field, e.dtype, e.seed).flat);
    return c;
  }

  // Made once, so that programs are compiled once; the strategy is checked against the parts each time.
  Computation& computation(const Experiment& e) {
    FittedParts parts = fit_parts(e);
    if (!computation_) {
      settings_ = parts.solver.settings;
      dtype_ = e.dtype;
      computation_ = make(e, std::move(parts));
    }
    return *computation_;
  }

  const ConfigNode& root_;
  const std::string& path_;
  const Registry& registry_;
  std::shared_ptr<Backend> backend_;
  std::unique_ptr<Computation> computation_;
  SolverSettings settings_;
  int32_t dtype_ = ODEON_F64;
};

bool has(const Registry& registry, const std::string& id, uint32_t bit) {
  const auto& api =
      *static_cast<const odeon_gradient_api*>(registry.find(ODEON_KIND_GRADIENT, id)->descriptor->vtable);
  return (api.capabilities & bit) != 0;
}

void require_task(const ConfigNode& root) {
  const ConfigNode* task = root.find("task");
  if (task && task->text == "gradient") return;
  throw ConfigError((task ? task->where : root.where) +
                    ": odeon compare needs an experiment of task gradient; found " +
                    (task ? describe(*task) : "none") + "; set it, for example with --set task=gradient");
}

// The exact gradient and where it comes from: of the first exact strategy that works, also of one that was
// not asked for; else of the first other one under tighter tolerances.
std::pair<Values, std::string> reference(const Registry& registry, Bench& bench,
                                         const std::vector<std::pair<std::string, Values>>& found) {
  const std::vector<std::string> installed = registry.ids(ODEON_KIND_GRADIENT);
  for (const std::string& id : installed) {
    if (!has(registry, id, ODEON_GRADIENT_DISCRETE_EXACT)) continue;
    const auto at = std::find_if(found.begin(), found.end(), [&](const auto& f) { return f.first == id; });
    GradientCost unused;
    unused.id = id;
    const std::optional<Values> exact = at != found.end() ? at->second : bench.measure(unused);
    if (exact) return {*exact, id + ", which is exact, with the same solver"};
  }
  const bool fixed = bench.settings().control == Control::fixed;
  for (const std::string& id : installed) {
    if (!has(registry, id, ODEON_GRADIENT_CONTINUOUS)) continue;
    if (const std::optional<Values> tight = bench.tightened(id))
      return {*tight, id + (fixed ? " with steps / 10" : " with tolerances / 1000") +
                          ", because no exact strategy works with this solver"};
  }
  throw RunError(std::string("no gradient strategy works with ") +
                 (fixed ? "shorter steps" : "tighter tolerances") +
                 " either, so there is nothing to compare with; choose another solver");
}

void set_bound(GradientComparison& c, const Bench& bench) {
  const SolverSettings& s = bench.settings();
  const double rtol = *std::min_element(s.rtol.begin(), s.rtol.end()), least = unit_round_off(bench.dtype());
  c.bound = kBound * std::max(rtol, least);
  c.fixed_steps = s.control == Control::fixed;
  char number[32];
  std::snprintf(number, sizeof number, "%.2g", c.bound);
  c.bound_text = number;
  c.bound_text += rtol < least    ? " (10 x the precision)"
                  : c.fixed_steps ? " (10 x the default rtol; steps are fixed)"
                                  : " (10 x the solver's rtol)";
}

}  // namespace

double GradientCost::error() const { return std::max(error_initial, error_parameters); }

GradientComparison compare_gradients(const ExperimentSource& source, std::vector<std::string> ids,
                                     const std::string& folder) {
  const ConfigNode root = load_source(source);
  if (!folder.empty()) check_launched(root, folder);
  require_task(root);
  const Registry registry = Registry::discover(read_deployment(root));
  if (ids.empty()) ids = registry.ids(ODEON_KIND_GRADIENT);
  for (const std::string& id : ids) registry.require(ODEON_KIND_GRADIENT, id, "--gradients");
  if (ids.empty()) throw PluginError("no gradient strategy is installed; `odeon plugins -v` says why");
  read_experiment(with_gradient(root, ids.front()), source.path, registry);  // mistakes that concern all
  if (!folder.empty()) prepare_folder(folder);

  GradientComparison comparison;
  Bench bench(root, source.path, registry);
  std::vector<std::pair<std::string, Values>> found;
  for (const std::string& id : ids) {
    GradientCost& row = comparison.rows.emplace_back();
    row.id = id;
    if (const std::optional<Values> g = bench.measure(row)) found.emplace_back(id, *g);
  }
  if (found.empty()) {
    std::string reasons;
    for (const GradientCost& row : comparison.rows) reasons += "\n  " + row.id + ": " + row.refusal;
    throw RunError("no gradient strategy works here:" + reasons);
  }
  const auto [exact, phrase] = reference(registry, bench, found);
  comparison.reference = phrase;
  comparison.has_parameters = exact.parameters.size() > 0;
  set_bound(comparison, bench);
  for (const auto& [id, g] : found) {
    GradientCost& row = *std::find_if(comparison.rows.begin(), comparison.rows.end(),
                                      [&id = id](const GradientCost& r) { return r.id == id; });
    row.error_initial = relative_error(g.initial, exact.initial);
    row.error_parameters = relative_error(g.parameters, exact.parameters);
  }
  if (!folder.empty()) {
    write_file_atomically(folder + "/compare.csv", comparison.csv());
    write_file_atomically(folder + "/compare.svg", comparison.svg());
  }
  return comparison;
}

}  // namespace odeon::host
