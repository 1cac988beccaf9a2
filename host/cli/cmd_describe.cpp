#include <odeon/gradient.h>

#include <algorithm>
#include <cmath>
#include <odeon/sdk/error.hpp>
#include <ostream>
#include <sstream>
#include <vector>

#include "commands.hpp"
#include "data/error.hpp"
#include "data/nearest.hpp"
#include "engine/method.hpp"
#include "engine/solver_options.hpp"
#include "experiment/option_range.hpp"
#include "loader/kinds.hpp"

namespace odeon::cli {
namespace {

std::string range_of(const odeon_option& o) {
  std::ostringstream text;
  if (o.n_choices > 0)
    for (int64_t i = 0; i < o.n_choices; ++i) text << (i ? " | " : "") << to_view(o.choices[i]);
  return text.str() + host::range_text(o);
}

// within: the children of the options around it. Lists that may hold themselves, as layers do, are opened
// once.
void print_option(const odeon_option& o, std::vector<const void*> within, std::ostream& out) {
  static constexpr const char* kTypes[] = {"?",      "true | false", "integer", "real",         "text",
                                           "choice", "reals",        "names",   "name: number", "name: text",
                                           "array",  "component",    "list of", "group",        "tree"};
  const std::string indent(2 + 2 * within.size(), ' ');
  out << indent << to_view(o.key) << ": " << kTypes[o.type];
  if (const std::string range = range_of(o); !range.empty()) out << " (" << range << ")";
  if (o.unit.data) out << " [" << to_view(o.unit) << "]";
  if (o.default_yaml.data) out << " = " << to_view(o.default_yaml);
  if (o.flags & ODEON_OPTION_REQUIRED) out << ", required";
  out << '\n' << indent << "    " << to_view(o.doc) << '\n';
  if (std::find(within.begin(), within.end(), o.children) != within.end()) return;
  within.push_back(o.children);
  for (int64_t i = 0; i < o.n_children; ++i) print_option(*o.children[i], within, out);
}

void print_stepping(const odeon_solver_api& api, std::ostream& out) {
  const auto has = [&](uint32_t bit) { return (api.capabilities & bit) != 0; };
  out << "takes steps by code, order " << api.order
      << (has(ODEON_SOLVER_OWN_STEPS)   ? ", chooses its steps itself"
          : has(ODEON_SOLVER_ESTIMATES) ? ", steps controlled by its error estimate"
                                        : ", fixed steps")
      << (has(ODEON_SOLVER_STIFF) ? ", for stiff problems" : "")
      << (has(ODEON_SOLVER_SECOND_ORDER) ? ", for second-order systems [q, v]" : "")
      << (has(ODEON_SOLVER_SYMPLECTIC) ? ", symplectic" : "")
      << (has(ODEON_SOLVER_REVERSIBLE) ? ", reversible" : "")
      << (api.interpolate ? ", own dense output" : ", dense output by cubic Hermite") << "\n";
}

void print_solver(const odeon_solver_api& api, const std::string& id, std::ostream& out) {
  if (!api.tableau) return print_stepping(api, out);
  const odeon_tableau& t = *api.tableau;
  const host::Method method(t, id);
  out << "order " << t.order << ", " << t.stages << " stages";
  if (t.b_hat) out << ", embedded order " << t.embedded_order;
  out << (method.is_explicit() ? ", explicit" : method.diagonal() ? ", diagonally implicit" : ", implicit");
  if (method.stiff()) out << ", for stiff problems";
  if (method.fsal()) out << (method.first_explicit() ? ", first same as last" : ", stiffly accurate");
  out << (t.dense ? ", own dense output of order " + std::to_string(t.dense_order)
                  : ", dense output by cubic Hermite")
      << "\n";
}

void print_gradient(const odeon_gradient_api& api, std::ostream& out) {
  const auto has = [&](uint32_t bit) { return (api.capabilities & bit) != 0; };
  out << (has(ODEON_GRADIENT_DISCRETE_EXACT) ? "exact for the discrete program"
          : has(ODEON_GRADIENT_CONTINUOUS)   ? "continuous"
                                             : "approximate")
      << "; memory " << (has(ODEON_GRADIENT_MEMORY_CONSTANT) ? "constant" : "linear")
      << " in the number of steps; needs"
      << (has(ODEON_GRADIENT_NEEDS_VJP) ? " vjp of the field" : " nothing of the field")
      << (has(ODEON_GRADIENT_NEEDS_EXPLICIT)  ? ", an explicit tableau of the solver"
          : has(ODEON_GRADIENT_NEEDS_TABLEAU) ? ", a tableau of the solver"
                                              : "")
      << (has(ODEON_GRADIENT_NEEDS_REVERSIBLE) ? ", a reversible solver" : "") << "\n";
}

}  // namespace

int describe(const Args& args, std::ostream& out) {
  const std::string usage =
      "usage: odeon describe KIND/ID, where KIND is " + host::kinds_text() + "; for example solver/dopri5";
  if (args.size() == 1 && (args[0] == "--help" || args[0] == "-h")) {
    out << usage << '\n';
    return 0;
  }
  const size_t slash = args.size() == 1 ? args[0].find('/') : std::string::npos;
  const int32_t kind = slash == std::string::npos ? 0 : host::kind_of(args[0].substr(0, slash));
  if (kind == 0) throw host::ConfigError(usage);
  const host::Registry registry = host::Registry::discover({});
  const host::LoadedComponent& c = registry.require(kind, args[0].substr(slash + 1), "");
  out << args[0] << " " << to_view(c.descriptor->version) << ": " << to_view(c.descriptor->title) << "\n"
      << to_view(c.descriptor->summary) << "\nlicence " << to_view(c.descriptor->licence) << ", plugin "
      << c.plugin->id << "\n";
  if (kind == ODEON_KIND_SOLVER)
    print_solver(*static_cast<const odeon_solver_api*>(c.descriptor->vtable), c.id, out);
  if (kind == ODEON_KIND_GRADIENT)
    print_gradient(*static_cast<const odeon_gradient_api*>(c.descriptor->vtable), out);
  out << (c.descriptor->n_options > 0 ? "options:\n" : "no options of its own\n");
  for (int64_t i = 0; i < c.descriptor->n_options; ++i) print_option(*c.descriptor->options[i], {}, out);
  if (kind != ODEON_KIND_SOLVER) return 0;
  out << "options of every solver:\n";
  for (const odeon_option* o : host::solver_option_schema()) print_option(*o, {}, out);
  return 0;
}

}  // namespace odeon::cli
