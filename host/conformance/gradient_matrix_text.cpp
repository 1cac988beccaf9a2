#include <boost/algorithm/string/replace.hpp>
#include <map>

#include "conformance/gradient_matrix.hpp"

namespace odeon::host::conformance {
namespace {

// The same reason of different components is one footnote; some begin with who says it.
std::string without_names(const MatrixCell& cell) {
  const std::string solver = "solver '" + cell.solver + "'", gradient = "gradient '" + cell.gradient + "'";
  std::string text = cell.reason;
  if (text.starts_with(gradient + ": ")) text.erase(0, gradient.size() + 2);
  boost::replace_all(text, solver, "this solver");
  boost::replace_all(text, gradient, "this strategy");
  boost::replace_all(text, "\n", " ");
  return text;
}

class Footnotes {
 public:
  std::string mark(const std::string& text) {
    const auto [entry, is_new] = numbers_.try_emplace(text, texts_.size() + 1);
    if (is_new) texts_.push_back(text);
    return "[" + std::to_string(entry->second) + "]";
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, size_t> numbers_;
  std::vector<std::string> texts_;
};

std::string mark_of(const MatrixCell& cell, Footnotes& notes) {
  switch (cell.outcome) {
    case MatrixCell::Outcome::exact:
      return "exact";
    case MatrixCell::Outcome::approximate:
      return "≈";
    case MatrixCell::Outcome::refused:
      return notes.mark(without_names(cell));
    case MatrixCell::Outcome::wrong:
      return text("wrong by %.0e", cell.error);
  }
  return "";
}

const char* name_of(Stepping stepping) { return stepping == Stepping::joint ? "joint" : "per_row"; }

// Of the cells of one solver and strategy: one mark where they agree, else one for each of the steppings or,
// where that does not tell them apart, for each stepping and backend.
std::string entry_of(const std::vector<const MatrixCell*>& cells, Footnotes& notes) {
  std::map<std::string, std::string> by_stepping, by_both;
  std::string first;
  bool agree = true, steppings_tell = true;
  for (const MatrixCell* cell : cells) {
    const std::string mark = mark_of(*cell, notes), stepping = name_of(cell->stepping);
    if (first.empty()) first = mark;
    agree = agree && mark == first;
    const auto [entry, is_new] = by_stepping.try_emplace(stepping, mark);
    steppings_tell = steppings_tell && (is_new || entry->second == mark);
    by_both[stepping + " " + cell->backend] = mark;
  }
  if (agree) return first;
  std::string all;
  for (const auto& [name, mark] : steppings_tell ? by_stepping : by_both)
    all += (all.empty() ? "" : ", ") + name + ": " + mark;
  return all;
}

}  // namespace

std::string to_markdown(const std::vector<MatrixCell>& cells) {
  std::map<std::string, std::map<std::string, std::vector<const MatrixCell*>>> by_solver;
  for (const MatrixCell& cell : cells) by_solver[cell.solver][cell.gradient].push_back(&cell);
  if (by_solver.empty()) return "";
  std::string head = "| solver |", line = "| --- |", rows;
  for (const auto& [gradient, of_both] : by_solver.begin()->second) {
    head += " `" + gradient + "` |";
    line += " --- |";
  }
  Footnotes notes;
  for (const auto& [solver, by_gradient] : by_solver) {
    rows += "| `" + solver + "` |";
    for (const auto& [gradient, of_both] : by_gradient) rows += " " + entry_of(of_both, notes) + " |";
    rows += "\n";
  }
  std::string all = head + "\n" + line + "\n" + rows;
  for (size_t i = 0; i < notes.texts().size(); ++i)
    all += "\n[" + std::to_string(i + 1) + "] " + notes.texts()[i] + "\n";
  return all;
}

}  // namespace odeon::host::conformance
