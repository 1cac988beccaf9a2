// Training runs written as YAML in a test.
#pragma once
#include <cstring>
#include <sstream>

#include "data/scratch_folder.hpp"
#include "experiment/run.hpp"
#include "experiment_case.hpp"

namespace odeon::test {

// `head` of every classifier on the embedded digits; the model follows.
inline const std::string kDigits =
    "odeon: 1\ntask: train\nseed: 5\n"
    "data: {format: idx, directory: " ODEON_SOURCE_DIR "/configs/data/digits}\n";

inline host::ConfigNode yaml(const std::string& text) { return host::parse_config(text, "test.yaml", "/"); }

inline std::shared_ptr<host::Backend> open_backend(const std::string& id) {
  const auto choice = host::bind_component(ODEON_KIND_BACKEND, yaml(id), installed());
  return host::Backend::open(*choice.component, &choice.options.value());
}

inline host::RunResult run(const std::string& text, const std::vector<std::string>& sets = {},
                           const std::string& output = "") {
  return host::run_experiment({"test.yaml", {}, sets, text}, {output, true, false}, installed());
}

inline const std::string& text_of(const host::RunResult& result, const std::string& name) {
  for (const auto& [key, text] : result.texts)
    if (key == name) return text;
  throw std::runtime_error("no text " + name);
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Column `index` of a .csv without its head.
inline std::vector<double> column_of(const std::string& csv, int index) {
  std::vector<double> out;
  const std::vector<std::string> lines = lines_of(csv);
  for (size_t i = 1; i < lines.size(); ++i) {
    std::istringstream cells(lines[i]);
    std::string cell;
    for (int k = 0; k <= index; ++k) std::getline(cells, cell, ',');
    out.push_back(std::stod(cell));
  }
  return out;
}

}  // namespace odeon::test
