#include <boost/program_options.hpp>
#include <ostream>

#include "commands.hpp"
#include "data/error.hpp"

namespace odeon::cli {

namespace po = boost::program_options;

ExperimentArgs parse_experiment_args(const Args& args, std::ostream& out, const char* usage,
                                     std::vector<TextOption> more) {
  ExperimentArgs parsed;
  po::options_description visible("options");
  visible.add_options()("set", po::value(&parsed.source.sets)->composing(),
                        "key.path=value, over the file (repeatable)")(
      "with", po::value(&parsed.source.with)->composing(),
      "a deployment file over the experiment (repeatable)")("output", po::value(&parsed.output),
                                                            "folder for the results, over output.directory")(
      "quiet", po::bool_switch(&parsed.quiet), "no progress, no summary")(
      "help,h", po::bool_switch(&parsed.help), "this text");
  for (const TextOption& option : more)
    visible.add_options()(option.name, po::value(option.value), option.help);
  std::vector<std::string> configs;
  po::options_description all;
  all.add(visible).add_options()("config", po::value(&configs));
  po::positional_options_description positional;
  positional.add("config", -1);
  try {
    po::variables_map map;
    po::store(po::command_line_parser(args).options(all).positional(positional).run(), map);
    po::notify(map);
    for (const std::string& file : parsed.source.with)
      if (file.empty()) throw host::ConfigError("--with: names no file; give one, or leave it out");
    if (map.count("output") > 0 && parsed.output.empty())
      throw host::ConfigError("--output: names no folder; give one, or leave it out");
  } catch (const po::error& e) {
    throw host::ConfigError(std::string(e.what()) + "; usage: " + usage);
  }
  parsed.source.output = parsed.output;
  if (parsed.help) out << "usage: " << usage << '\n' << visible;
  if (configs.size() > 1)
    throw host::ConfigError("one configuration is taken at a time; found '" + configs[0] + "' and '" +
                            configs[1] + "'; task sweep runs several");
  if (!configs.empty()) parsed.source.path = configs[0];
  if (!parsed.help && parsed.source.path.empty())
    throw host::ConfigError(std::string("no configuration was named; usage: ") + usage);
  return parsed;
}

}  // namespace odeon::cli
