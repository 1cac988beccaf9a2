// The subcommands: one file each, listed in main.cpp's table.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"

namespace odeon::cli {

using Args = std::vector<std::string>;  // without the program and the subcommand

int run(const Args& args, std::ostream& out);
int validate(const Args& args, std::ostream& out);
int plugins(const Args& args, std::ostream& out);
int describe(const Args& args, std::ostream& out);
int check(const Args& args, std::ostream& out);
int new_plugin(const Args& args, std::ostream& out);
int interpolate(const Args& args, std::ostream& out);
int compare(const Args& args, std::ostream& out);

// CONFIG, --set, --with, --output, --quiet: shared by run, validate and compare.
struct ExperimentArgs {
  host::ExperimentSource source;
  std::string output;
  bool quiet = false, help = false;
};
// An option of one command beside these.
struct TextOption {
  const char* name;
  std::string* value;
  const char* help;
};
// Throws ConfigError for anything unknown.
ExperimentArgs parse_experiment_args(const Args& args, std::ostream& out, const char* usage,
                                     std::vector<TextOption> more = {});

}  // namespace odeon::cli
