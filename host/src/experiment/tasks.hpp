// The tasks solve and gradient: from an Experiment to arrays and a record.
#pragma once
#include <nlohmann/json.hpp>
#include <odeon/host/dense_solution.hpp>

#include "engine/failure.hpp"
#include "experiment/event_report.hpp"
#include "experiment/session.hpp"

namespace odeon::host {

// Everything a run leaves behind; written atomically by write_outputs.
struct RunResult {
  nlohmann::ordered_json record;
  std::vector<std::pair<std::string, Array>> arrays;                     // "states.npy"
  std::vector<std::pair<std::string, std::vector<NamedArray>>> tensors;  // "weights.safetensors"
  std::vector<std::pair<std::string, std::string>> texts;                // "history.csv"
  std::optional<DenseSolution> dense;                                    // "dense.safetensors"
  std::string summary;                                                   // for people
  std::optional<Failure> failure;                                        // the run did not get to its end
  std::optional<EventReport> events;                                     // of task solve
  std::string failure_text;  // of a failure that left results worth having
};

RunResult run_solve(const Experiment& experiment, const Registry& registry);
RunResult run_gradient(const Experiment& experiment, const Registry& registry);

// Creates the folder; files appear whole, record.json last. The record then names them, too.
void write_outputs(RunResult& result, const std::string& folder);

// What record.json holds; bytes of file names that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::ordered_json& record);
nlohmann::ordered_json to_json(const Counters& counters);
nlohmann::ordered_json to_json(const Failure& failure);
// Ids, versions and SHA-256 of the components an experiment uses.
nlohmann::ordered_json component_json(const ComponentChoice& choice);
// The backend that computes, its device, and what `backend: auto` passed over for it.
void record_backend(nlohmann::ordered_json& record, const Backend& backend);
// The start of every record: versions, resolved configuration.
nlohmann::ordered_json record_head(const Experiment& experiment);

}  // namespace odeon::host
