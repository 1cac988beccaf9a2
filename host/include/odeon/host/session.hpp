// The installed components of one embedding program, and what can be done with them.
#pragma once
#include <functional>
#include <map>
#include <odeon/host/batch_field.hpp>
#include <odeon/host/function_field.hpp>
#include <odeon/host/problem.hpp>
#include <string_view>

namespace odeon {
struct GraphField;  // odeon/sdk/graph_field.hpp
}

namespace odeon::host {

enum class LogLevel { debug, info, warning, error };

struct SessionOptions {
  std::vector<std::string> plugin_roots;  // absolute; searched first
  bool built_in_roots = true;             // <prefix>/lib/odeon/plugins and ODEON_PLUGIN_PATH
  std::string lock_file;  // given: policy `pinned`, only files with a SHA-256 in it are loaded
  // Of the whole process: the last session that sets it receives every line. Any thread.
  std::function<void(LogLevel, std::string_view)> log;
};

struct ComponentInfo {
  std::string kind, id, version, title;
  std::string path;  // of its file; empty for fields of this program
};

// Changes to a configuration, as the command line's --with and --set make them, and where results go.
struct Overrides {
  std::vector<std::string> with;  // files
  std::vector<std::string> sets;  // "solver.rtol=1e-8"
  std::string output;             // folder, over output.directory
};

struct RunReport {
  std::string record;                    // JSON, as in record.json
  std::string summary;                   // for people
  std::map<std::string, Tensor> arrays;  // "states.npy", …: what a run writes, by file name
  std::vector<EventRecord> events;       // of task solve
  std::optional<Failure> failure;
  bool ok() const { return !failure; }
};

// Opening one loads the plugins that its policy allows. One thread at a time.
class ODEON_EXPORT Session {
 public:
  explicit Session(const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  std::vector<ComponentInfo> components() const;
  std::vector<std::string> refusals() const;  // files that were not loaded, with the reason and the remedy

  // Fields of this program, for configurations by their id and for `problem`.
  void add_field(const FunctionField& field);
  void add_batch_field(const BatchField& field);
  // One that is a graph: Odeon derives its derivative products. Built with odeon::GraphBuilder.
  void add_field(const std::string& id, const GraphField& field);

  Problem problem(const ProblemSpec& spec) const;

  // A whole experiment, of any task. Plugin roots and policy are this session's: `plugins:` is refused.
  RunReport run_file(const std::string& path, const Overrides& overrides = {}) const;
  RunReport run_text(const std::string& yaml, const Overrides& overrides = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odeon::host
