// odeon interpolate DENSE: a saved dense solution at any times, without the field.
#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <odeon/host/dense_solution.hpp>
#include <ostream>

#include "commands.hpp"
#include "data/error.hpp"
#include "data/npy.hpp"
#include "experiment/literals.hpp"
#include "experiment/times.hpp"

namespace odeon::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kUsage =
    "odeon interpolate DENSE.safetensors|RUN_FOLDER --times TIMES [--output STATES.npy], where TIMES is as "
    "in a "
    "configuration: [0, 0.5], {start: 0, stop: 1, count: 11} or {file: t.npy}";

// Any order, and one alone: nothing is solved.
std::vector<double> read_any_times(const std::string& text) {
  const host::ConfigNode node = host::parse_config(text, "--times", ".");
  const bool range = node.kind == host::ConfigNode::Kind::map && !node.find("file");
  if (range) return host::read_times(node);
  const host::Array times = host::read_array(node, "'times'");
  if (times.size() == 0 || times.shape.size() > 1)
    host::bad(node, "'times' must be a number or one list of numbers; found " +
                        (times.size() == 0 ? "an empty list"
                                           : "an array of " + std::to_string(times.shape.size()) + " axes"));
  return times.to_doubles();
}

host::DenseSolution read_solution(const std::string& path) {
  try {
    return host::DenseSolution::read(path);
  } catch (const host::RunError& e) {
    throw host::ConfigError(
        std::string(e.what()) +
        ". `odeon interpolate` reads what `odeon run` leaves with output: {dense: true}.");
  }
}

void print_rows(const std::vector<double>& states, double t, int64_t rows, std::ostream& out) {
  constexpr size_t kColumns = 8;
  const size_t width = states.size() / static_cast<size_t>(rows);
  char text[64];
  for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
    std::snprintf(text, sizeof text, "%.10g", t);
    out << text;
    for (size_t i = 0; i < std::min(width, kColumns); ++i) {
      std::snprintf(text, sizeof text, " %.10g", states[r * width + i]);
      out << text;
    }
    out << (width > kColumns ? " …\n" : "\n");
  }
}

}  // namespace

int interpolate(const Args& args, std::ostream& out) {
  std::string source, times_text, output;
  bool help = false;
  po::options_description visible("options");
  visible.add_options()("times", po::value(&times_text), "where to evaluate")(
      "output", po::value(&output), "an .npy file [times, rows, state] instead of text")(
      "help,h", po::bool_switch(&help), "this text");
  po::options_description all;
  all.add(visible).add_options()("source", po::value(&source));
  po::positional_options_description positional;
  positional.add("source", 1);
  try {
    po::variables_map map;
    po::store(po::command_line_parser(args).options(all).positional(positional).run(), map);
    po::notify(map);
  } catch (const po::error& e) {
    throw host::ConfigError(std::string(e.what()) + "; usage: " + kUsage);
  }
  if (help) {
    out << "usage: " << kUsage << '\n' << visible;
    return 0;
  }
  if (source.empty() || times_text.empty()) throw host::ConfigError(std::string("usage: ") + kUsage);
  if (std::filesystem::is_directory(source)) source += "/dense.safetensors";
  const host::DenseSolution solution = read_solution(source);
  const std::vector<double> times = read_any_times(times_text);
  std::vector<double> all_states;
  for (double t : times) {
    const std::vector<double> states = solution.at(t);
    if (output.empty()) print_rows(states, t, solution.batch(), out);
    all_states.insert(all_states.end(), states.begin(), states.end());
  }
  if (output.empty()) return 0;
  std::vector<int64_t> shape{static_cast<int64_t>(times.size()), solution.batch()};
  shape.insert(shape.end(), solution.state_shape().begin(), solution.state_shape().end());
  host::write_npy(output, host::Array::of(all_states, shape));
  return 0;
}

}  // namespace odeon::cli
