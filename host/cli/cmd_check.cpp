#include <boost/program_options.hpp>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>

#include "commands.hpp"
#include "conformance/run.hpp"
#include "data/error.hpp"

namespace odeon::cli {
namespace {

namespace po = boost::program_options;
using namespace host::conformance;

constexpr const char* kUsage =
    "odeon check PLUGIN.so [--json] [--only NAME] [--timeout S] [--options YAML] [--state N,...]";
constexpr const char* kWords[] = {"pass", "FAIL", "skip"};
const char* word(Verdict v) { return kWords[static_cast<int>(v)]; }

void print_line(const Line& l, std::ostream& out) {
  std::string name = l.component.empty() ? l.name : l.component + ": " + l.name;
  if (!l.figure.empty()) name.resize(std::max<size_t>(name.size(), 40), ' ');
  out << word(l.verdict) << "  " << name << (l.figure.empty() ? "" : "  " + l.figure)
      << (l.remedy.empty() ? "" : "; " + l.remedy) << std::endl;
}

void print_json(const Report& report, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json checks = Json::array();
  for (const Line& l : report.lines)
    checks.push_back({{"component", l.component},
                      {"name", l.name},
                      {"verdict", word(l.verdict)},
                      {"figure", l.figure},
                      {"remedy", l.remedy},
                      {"seconds", l.seconds}});
  const Json all{{"plugin", report.path},
                 {"loaded", report.loaded},
                 {"passed", report.count(Verdict::pass)},
                 {"failed", report.count(Verdict::fail)},
                 {"skipped", report.count(Verdict::skip)},
                 {"checks", checks}};
  out << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

// "3" or "3,8,8".
std::vector<int64_t> parse_shape(const std::string& text) {
  std::vector<int64_t> shape;
  const host::ConfigNode list = host::parse_config("[" + text + "]", "--state", ".");
  for (const host::ConfigNode& item : list.items) {
    const bool number = !item.text.empty() && item.text.size() < 10 &&
                        item.text.find_first_not_of("0123456789") == std::string::npos && item.text != "0";
    if (!number || shape.size() + 1 >= ODEON_MAX_RANK)
      throw host::ConfigError("--state is the shape of one row, up to " + std::to_string(ODEON_MAX_RANK - 1) +
                              " positive numbers, such as 2 or 3,8,8; found '" + text + "'");
    shape.push_back(std::stoll(item.text));
  }
  return shape;
}

}  // namespace

int check(const Args& args, std::ostream& out) {
  CheckSettings settings;
  bool json = false;
  std::string options_yaml, state;
  po::options_description visible("options");
  visible.add_options()("json", po::bool_switch(&json), "one JSON document instead of lines")(
      "only", po::value(&settings.only), "make this check alone")("timeout", po::value(&settings.timeout),
                                                                  "seconds that one check may take (10)")(
      "options", po::value(&options_yaml), "options of the component, as YAML: \"{matrix: [[-1]]}\"")(
      "state", po::value(&state), "shape of one row of the state, for fields that leave it open: 2 or 3,8,8")(
      "help,h", "this text");
  po::options_description all;
  all.add(visible).add_options()("plugin", po::value(&settings.given.path));
  po::positional_options_description positional;
  positional.add("plugin", 1);
  po::variables_map map;
  try {
    po::store(po::command_line_parser(args).options(all).positional(positional).run(), map);
    po::notify(map);
  } catch (const po::error& e) {
    throw host::ConfigError(std::string(e.what()) + "; usage: " + kUsage);
  }
  if (map.count("help")) {
    out << "usage: " << kUsage << '\n' << visible;
    return 0;
  }
  if (settings.given.path.empty())
    throw host::ConfigError(std::string("no plugin was named; usage: ") + kUsage);
  if (!(settings.timeout > 0))
    throw host::ConfigError("--timeout is a number of seconds above zero; found " +
                            std::to_string(settings.timeout));
  if (!options_yaml.empty()) settings.given.options = host::parse_config(options_yaml, "--options", ".");
  settings.given.state = parse_shape(state);
  const Report report = check_file(settings, [&](const Line& l) {
    if (!json) print_line(l, out);
  });
  if (json)
    print_json(report, out);
  else
    out << report.count(Verdict::pass) << " passed, " << report.count(Verdict::fail) << " failed, "
        << report.count(Verdict::skip) << " skipped\n";
  return !report.loaded ? 3 : report.count(Verdict::fail) > 0 ? 1 : 0;
}

}  // namespace odeon::cli
