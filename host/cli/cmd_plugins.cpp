#include <algorithm>
#include <boost/program_options.hpp>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <odeon/sdk/error.hpp>
#include <ostream>

#include "commands.hpp"
#include "conformance/gradient_matrix.hpp"
#include "data/error.hpp"
#include "data/nearest.hpp"
#include "engine/device.hpp"
#include "experiment/component_handle.hpp"
#include "experiment/json_schema.hpp"
#include "loader/kinds.hpp"

namespace odeon::cli {
namespace {

namespace po = boost::program_options;

void print_markdown(const host::Registry& registry, std::ostream& out) {
  out << "| kind | id | what it is | licence |\n| --- | --- | --- | --- |\n";
  for (int32_t kind : host::kKinds)
    for (const host::LoadedComponent* c : registry.components(kind))
      out << "| " << host::kind_name(kind) << " | `" << c->id << "` | " << to_view(c->descriptor->title)
          << " | " << to_view(c->descriptor->licence) << " |\n";
}

// Nothing to list: where it was looked for, and how to name a place.
void print_nothing(const host::Registry& registry, std::ostream& out) {
  out << "no plugin was found"
      << (registry.roots().empty() ? ", and no folder to look in" : " in " + host::joined(registry.roots()))
      << "; name one with --root DIR, in ODEON_PLUGIN_PATH, or in 'plugins: {roots: […]}' of a deployment\n";
}

// The device of a backend with its default options, or why it does not open.
std::string device_of(const host::LoadedComponent& c, const host::Registry& registry) {
  try {
    host::ConfigNode id;
    id.kind = host::ConfigNode::Kind::scalar;
    id.text = c.id;
    const host::ComponentChoice choice = host::bind_component(ODEON_KIND_BACKEND, id, registry);
    return "device " + std::string(to_view(host::Backend::open(c, &choice.options.value())->info().device));
  } catch (const host::Error& e) {
    return e.what();
  }
}

void print_table(const host::Registry& registry, bool verbose, std::ostream& out) {
  for (int32_t kind : host::kKinds)
    for (const host::LoadedComponent* c : registry.components(kind)) {
      out << std::left << std::setw(12) << host::kind_name(kind) << ' ' << std::setw(15) << c->id << ' '
          << std::setw(7) << to_view(c->descriptor->version) << ' ' << to_view(c->descriptor->title) << '\n';
      if (verbose)
        out << "          " << c->plugin->path << "\n          sha256 " << c->plugin->sha256 << '\n';
      if (verbose && kind == ODEON_KIND_BACKEND) out << "          " << device_of(*c, registry) << '\n';
    }
}

}  // namespace

int plugins(const Args& args, std::ostream& out) {
  bool verbose = false, markdown = false, matrix = false, schema = false;
  std::string lock;
  std::vector<std::string> roots, with;
  po::options_description options("options");
  options.add_options()("verbose,v", po::bool_switch(&verbose),
                        "paths, sums, the devices of backends, and every refusal")(
      "markdown", po::bool_switch(&markdown), "as a Markdown table")(
      "matrix", po::bool_switch(&matrix),
      "try every solver with every gradient strategy, and print a Markdown table of what works")(
      "json-schema", po::bool_switch(&schema),
      "the JSON schema of configurations with these plugins, for editors")(
      "lock", po::value(&lock), "write SHA-256 sums for policy pinned")(
      "root", po::value(&roots)->composing(), "a further plugin folder (absolute; repeatable)")(
      "with", po::value(&with)->composing(),
      "a deployment file with `plugins`: roots, policy, lock (repeatable)")("help,h", "this text");
  po::variables_map map;
  try {
    po::store(po::command_line_parser(args).options(options).positional({}).run(), map);
    po::notify(map);
  } catch (const po::error& e) {
    throw host::ConfigError(
        std::string(e.what()) +
        "; usage: odeon plugins [-v] [--markdown] [--matrix] [--json-schema] [--lock FILE] [--root "
        "DIR]... [--with DEPLOYMENT.yaml]...");
  }
  if (map.count("help")) {
    out << options;
    return 0;
  }
  host::ConfigNode deployment;
  for (const std::string& path : with) host::merge(deployment, host::load_config(path));
  host::LoaderOptions loader = host::read_deployment(deployment);
  loader.roots.insert(loader.roots.begin(), roots.begin(), roots.end());
  if (!lock.empty()) loader.pinned = false;  // the lock is made from what is there
  const host::Registry registry = host::Registry::discover(loader);
  if (!lock.empty()) registry.write_lock(lock);
  if (matrix) {
    out << host::conformance::to_markdown(host::conformance::gradient_matrix(registry));
    return 0;
  }
  if (schema) {
    out << host::json_schema(registry).dump(2) << '\n';
    return 0;
  }
  markdown ? print_markdown(registry, out) : print_table(registry, verbose, out);
  const bool nothing = std::all_of(std::begin(host::kKinds), std::end(host::kKinds),
                                   [&](int32_t kind) { return registry.ids(kind).empty(); });
  if (!markdown && nothing) print_nothing(registry, out);
  if (verbose)
    for (const std::string& root : registry.roots()) out << "searched  " << root << '\n';
  if (verbose)
    for (const host::Refusal& r : registry.refusals()) out << "refused   " << r.text() << '\n';
  else if (!markdown && !registry.refusals().empty())
    out << registry.refusals().size() << " refused; `odeon plugins -v` says why\n";
  return 0;
}

}  // namespace odeon::cli
