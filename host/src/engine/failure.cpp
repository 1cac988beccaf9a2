#include "engine/failure.hpp"

#include <cstdio>

namespace odeon::host {
namespace {

std::string message(const Failure& f) {
  char numbers[160];
  std::snprintf(numbers, sizeof numbers, "at t = %.17g with step %.3g (scaled error %.3g) after %lld steps",
                f.t, f.h, f.error, static_cast<long long>(f.steps));
  return "the integration stopped: " + f.reason + " " + numbers + "; " + f.remedy;
}

}  // namespace

SolveFailed::SolveFailed(Failure failure) : RunError(message(failure)), failure_(std::move(failure)) {}

}  // namespace odeon::host
