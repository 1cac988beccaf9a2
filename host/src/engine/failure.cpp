#include "engine/failure.hpp"

#include <cmath>
#include <cstdio>

#include "data/number_text.hpp"

namespace odeon::host {
namespace {

std::string message(const Failure& f) {
  char step[96];
  const double error = std::isnan(f.error) ? std::abs(f.error) : f.error;  // the sign of NaN says nothing
  std::snprintf(step, sizeof step, " with step %.3g (scaled error %.3g) after %lld steps", f.h, error,
                static_cast<long long>(f.steps));
  return (f.row >= 0 ? "row " + std::to_string(f.row) + ": " : std::string()) +
         "the integration stopped: " + f.reason + " at t = " + number_text(f.t) + step + "; " + f.remedy;
}

}  // namespace

SolveFailed::SolveFailed(Failure failure) : RunError(message(failure)), failure_(std::move(failure)) {}

SolveFailed SolveFailed::of_row(int64_t row) const {
  Failure failure = failure_;
  failure.row = row;
  return SolveFailed(std::move(failure));
}

SolveFailed::SolveFailed(std::vector<Failure> rows, int64_t batch)
    : RunError(std::to_string(rows.size()) + " of " + std::to_string(batch) +
               " rows failed; the first one, " + message(rows.front())),
      failure_(rows.front()),
      rows_(std::move(rows)),
      batch_(batch) {}

SolveFailed SolveFailed::explained(const std::string& where, const std::string& help) const {
  const auto with_more = [&](Failure f) {
    f.reason = where + ", " + f.reason;
    f.remedy += "; " + help;
    return f;
  };
  if (rows_.empty()) return SolveFailed(with_more(failure_));
  std::vector<Failure> rows;
  for (const Failure& row : rows_) rows.push_back(with_more(row));
  return SolveFailed(std::move(rows), batch_);
}

}  // namespace odeon::host
