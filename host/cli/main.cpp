// odeon: finds the subcommand, and turns exceptions into messages and exit statuses.
#include <csignal>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "commands.hpp"
#include "data/error.hpp"
#include "data/nearest.hpp"
#include "loader/host_table.hpp"

namespace {

using odeon::host::Error;

struct Command {
  const char* name;
  int (*function)(const odeon::cli::Args&, std::ostream&);
  const char* help;
};

constexpr Command kCommands[] = {
    {"run", odeon::cli::run,
     "run CONFIG [--set key.path=value]... [--with OVERRIDE.yaml]... [--output DIR] [--quiet]"},
    {"validate", odeon::cli::validate, "validate CONFIG: everything that can be checked without running"},
    {"plugins", odeon::cli::plugins,
     "plugins [-v] [--markdown] [--matrix] [--json-schema] [--lock FILE] [--root DIR]... [--with "
     "DEPLOYMENT.yaml]...: what "
     "is "
     "installed, and why files were refused"},
    {"describe", odeon::cli::describe, "describe KIND/ID: options, defaults, ranges, references"},
    {"check", odeon::cli::check,
     "check PLUGIN.so [--json] [--only NAME] [--timeout S] [--options YAML] [--state N,...]: whether a "
     "plugin "
     "keeps its contract"},
    {"new", odeon::cli::new_plugin,
     "new KIND NAME [--dir PATH] [--language c] [--steps]: a folder with a plugin to begin with"},
    {"compare", odeon::cli::compare,
     "compare CONFIG [--gradients all|ID,ID...] [--set key.path=value]... [--with OVERRIDE.yaml]... "
     "[--output DIR]: errors and costs of gradient strategies on an experiment of task gradient, and which "
     "to "
     "use"},
    {"interpolate", odeon::cli::interpolate,
     "interpolate DENSE.safetensors|RUN_FOLDER --times TIMES [--output STATES.npy]: a solution that a run "
     "with "
     "output: {dense: true} left, at any times"},
};

void usage(std::ostream& out) {
  out << "odeon: solve and train neural ordinary differential equations\n\n";
  for (const Command& c : kCommands) out << "  odeon " << c.help << '\n';
  out << "\nExit status: 0 done, 1 the run or a check failed, 2 bad configuration or command line, 3 a "
         "component is not installed, could not be loaded, or broke its contract.\n";
}

// A program that does not end, such as one that waits for a pipe, ends at the next signal. One that comes
// with the first does not count: `timeout` sends two.
void on_interrupt(int signal) {
  static volatile std::time_t first = 0;
  const std::time_t now = std::time(nullptr);
  if (first == 0) first = now;
  if (now - first >= 2) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  odeon::host::request_cancel();
}

// What was printed has arrived, also in a file on a full disk.
int flushed(int status) {
  std::cout.flush();
  if (std::cout) return status;
  throw odeon::host::RunError(
      "standard output: writing failed; check where it goes, and the free space there");
}

int dispatch(const odeon::cli::Args& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    usage(args.empty() ? std::cerr : std::cout);
    return args.empty() ? 2 : 0;
  }
  if (args[0] == "--version") {
    std::cout << "odeon " ODEON_VERSION "\n";
    return 0;
  }
  std::vector<std::string> names;
  for (const Command& c : kCommands) {
    if (args[0] == c.name) return c.function({args.begin() + 1, args.end()}, std::cout);
    names.emplace_back(c.name);
  }
  if (std::filesystem::exists(args[0]))
    throw odeon::host::ConfigError("'" + args[0] + "' is a file and no command; to run it: odeon run " +
                                   args[0]);
  throw odeon::host::ConfigError("there is no command '" + args[0] + "'" +
                                 odeon::host::did_you_mean(args[0], names) + " `odeon --help` lists them.");
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  try {
    return flushed(dispatch({argv + 1, argv + argc}));
  } catch (const odeon::host::RankFailed& e) {
    return static_cast<int>(e.code());  // the rank that failed has said why
  } catch (const Error& e) {
    std::cerr << "odeon: " << odeon::host::process_prefix() << e.what() << '\n';
    return static_cast<int>(e.code());
  } catch (const std::exception& e) {
    std::cerr << "odeon: " << odeon::host::process_prefix() << "internal error: " << e.what() << '\n';
    return 1;
  }
}
