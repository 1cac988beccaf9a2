// The comparison as a table with a recommendation, as CSV and as a picture.
#include <algorithm>
#include <cstdio>

#include "data/number_text.hpp"
#include "experiment/compare.hpp"
#include "report/svg_plot.hpp"

namespace odeon::host {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[128];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

std::string kib(int64_t bytes) { return format("%.1f", static_cast<double>(bytes) / 1024); }
std::string count(int64_t n) { return std::to_string(n); }

int64_t vjps(const GradientCost& r) { return r.forward.vjps + r.backward.vjps; }
int64_t jvps(const GradientCost& r) { return r.forward.jvps + r.backward.jvps; }

// Two lines of head, and what stands in the column.
struct Column {
  const char *head, *unit;
  std::string (*cell)(const GradientComparison& c, const GradientCost& r);
};
using C = GradientComparison;
using R = GradientCost;
constexpr Column kColumns[] = {
    {"error", "dL/dy0", [](const C&, const R& r) { return format("%.1e", r.error_initial); }},
    {"error", "dL/dtheta",
     [](const C& c, const R& r) { return c.has_parameters ? format("%.1e", r.error_parameters) : "-"; }},
    {"evaluations", "forward", [](const C&, const R& r) { return count(r.forward.evaluations); }},
    {"evaluations", "backward", [](const C&, const R& r) { return count(r.backward.evaluations); }},
    {"vjps", "", [](const C&, const R& r) { return count(vjps(r)); }},
    {"jvps", "", [](const C&, const R& r) { return count(jvps(r)); }},
    {"peak tape", "KiB", [](const C&, const R& r) { return kib(r.tape_peak_bytes); }},
    {"time", "ms", [](const C&, const R& r) { return format("%.3g", 1e3 * r.seconds); }},
};
constexpr size_t kCellWidth = 11;

std::string left(std::string cell, size_t width) {
  cell.resize(std::max(cell.size(), width), ' ');
  return cell;
}

std::string right(const std::string& cell) {
  return "  " + std::string(kCellWidth > cell.size() ? kCellWidth - cell.size() : 0, ' ') + cell;
}

std::string table(const GradientComparison& c) {
  size_t width = std::string_view("strategy").size();
  for (const GradientCost& r : c.rows) width = std::max(width, r.id.size());
  std::string heads = left("strategy", width), units = left("", width), lines, refused;
  for (const Column& column : kColumns) heads += right(column.head), units += right(column.unit);
  for (const GradientCost& r : c.rows) {
    if (!r.refusal.empty()) {
      refused += left(r.id, width) + "  refused: " + r.refusal + "\n";
      continue;
    }
    lines += left(r.id, width);
    for (const Column& column : kColumns) lines += right(column.cell(c, r));
    lines += "\n";
  }
  return heads + "\n" + units + "\n" + lines + refused + "errors against " + c.reference + "\n";
}

std::string cost(const GradientCost& r) {
  return format("%.3g ms, %s KiB", 1e3 * r.seconds, kib(r.tape_peak_bytes).c_str());
}

std::string recommendation(const GradientComparison& c) {
  std::vector<const GradientCost*> good;
  std::string warnings;
  for (const GradientCost& r : c.rows) {
    if (!r.refusal.empty()) continue;
    if (r.error() <= c.bound)
      good.push_back(&r);
    else
      warnings += format("warning: the error of %s, %.1e, is larger than ", r.id.c_str(), r.error()) +
                  c.bound_text + "\n";
  }
  if (good.empty())
    return "No strategy's error is within " + c.bound_text +
           (c.fixed_steps ? "; shorten the steps" : "; lower the tolerances") +
           ", or choose another solver.\n" + warnings;
  const auto best = [&](auto key) {
    return **std::min_element(good.begin(), good.end(), [&](auto* x, auto* y) { return key(*x) < key(*y); });
  };
  const GradientCost fast = best([](const GradientCost&r) { return r.seconds; }),
                     small =
                         best([](const GradientCost&r) { return std::pair(r.tape_peak_bytes, r.seconds); });
  const std::string least = small.id == fast.id ? "None of them needs less memory.\n"
                                                : "Least memory: " + small.id + " (" + cost(small) + ").\n";
  return "Use " + fast.id + " (" + cost(fast) + "): the fastest with an error within " + c.bound_text +
         ".\n" + least + warnings;
}

std::string quoted(const std::string& cell) {
  std::string out = "\"";
  for (char ch : cell) out += ch == '"' ? std::string("\"\"") : std::string(1, ch);
  return out + "\"";
}

}  // namespace

std::string GradientComparison::text() const { return table(*this) + recommendation(*this); }

std::string GradientComparison::csv() const {
  std::string out =
      "strategy,error_initial,error_parameters,evaluations_forward,evaluations_backward,vjps,jvps,"
      "tape_peak_bytes,seconds,refusal\n";
  for (const GradientCost& r : rows) {
    if (!r.refusal.empty()) {
      out += r.id + ",,,,,,,,," + quoted(r.refusal) + "\n";
      continue;
    }
    out += r.id + "," + number_text(r.error_initial) + "," +
           (has_parameters ? number_text(r.error_parameters) : "");
    for (int64_t n : {r.forward.evaluations, r.backward.evaluations, vjps(r), jvps(r), r.tape_peak_bytes})
      out += "," + count(n);
    out += "," + number_text(r.seconds) + ",\n";
  }
  return out;
}

std::string GradientComparison::svg() const {
  constexpr double kNone = 1e-17;  // where an error of zero is drawn
  plot::Panel p{{90, 50, 560, 380}, "Gradient strategies", "time (ms)", "relative error", {}, {}, {}};
  p.log_x = p.log_y = true;
  std::vector<double> span;
  for (const GradientCost& r : rows) {
    if (!r.refusal.empty()) continue;
    p.points.push_back({r.id, 1e3 * r.seconds, std::max(r.error(), kNone)});
    span.push_back(1e3 * r.seconds);
  }
  const auto [low, high] = std::minmax_element(span.begin(), span.end());
  p.curves = {{"10 x rtol", {*low, *high}, {bound, bound}, {"#d55e00", 1.4, true}}};
  return plot::to_svg({700, 500, {p}});
}

}  // namespace odeon::host
