// All checks of a plugin file, each in its own process.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "conformance/check.hpp"
#include "conformance/subject.hpp"

namespace odeon::host::conformance {

struct CheckSettings {
  Given given;          // without the helper
  double timeout = 10;  // seconds that one check may take
  std::string only;     // name of the one check of each component to make; empty: all
};

struct Line {
  std::string component;  // "solver/dopri5"; empty for the file
  std::string name;
  Verdict verdict;
  std::string figure;
  std::string remedy;  // of a failure
  double seconds = 0;
};

struct Report {
  std::string path;
  std::vector<Line> lines;
  bool loaded = false;  // the file could be loaded and its components looked at
  int count(Verdict verdict) const;
};

// tell: called with each line when it is there. Throws ConfigError for settings that no check can use.
Report check_file(const CheckSettings& settings, const std::function<void(const Line&)>& tell);

}  // namespace odeon::host::conformance
