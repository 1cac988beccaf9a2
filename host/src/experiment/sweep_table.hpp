// The table of a sweep: a line per run, of what a training has reached or a solve has cost.
#pragma once
#include "experiment/sections.hpp"
#include "experiment/tasks.hpp"

namespace odeon::host {

// A run's line: its metrics, and what others have published for some of them.
struct SweepLine {
  std::string title;
  nlohmann::ordered_json metrics, cited;
  std::vector<double> last_states = {};  // of a solve: at the last time
};

// Numbers that others have published, for the metrics of the table: the section `cite`.
const odeon_option& cite_section();

// The metrics of a training, or what a solve has cost.
nlohmann::ordered_json metrics_of(const RunResult& run);
std::vector<double> last_states_of(const RunResult& run);

// Where all runs solve for states of one size, as at several tolerances: the root of the mean squared
// difference of each at its last time from the last run.
void add_differences(std::vector<SweepLine>& lines);

// Columns that some run has a number for, each with one of cited numbers behind it where there are any.
std::string sweep_table(const std::vector<SweepLine>& lines);
// The same for programs: whole numbers, empty where there is none.
std::string sweep_csv(const std::vector<SweepLine>& lines);

}  // namespace odeon::host
