#include "experiment/times.hpp"

#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "experiment/experiment.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {

std::vector<double> read_times(const ConfigNode& node) {
  std::vector<double> times;
  if (node.kind == ConfigNode::Kind::map && !node.find("file")) {
    check_keys(node, "'times'", times_section(kNoText));
    const double start = read_real(require_key(node, "'times'", "start"), "'start'"),
                 stop = read_real(require_key(node, "'times'", "stop"), "'stop'");
    require_key(node, "'times'", "count");
    const int64_t count = read_integer(node, kCount, 0);
    if (!std::isfinite((stop - start) * static_cast<double>(count)))
      bad(node, "'times' from " + number_text(start) + " to " + number_text(stop) +
                    " are further apart than doubles can tell; choose other units of time");
    for (int64_t i = 0; i < count; ++i)
      times.push_back(start + (stop - start) * static_cast<double>(i) / static_cast<double>(count - 1));
    times.back() = stop;
  } else {
    if (node.kind == ConfigNode::Kind::scalar)
      bad(node, "'times' must be a list of numbers, {start: …, stop: …, count: …} or {file: t.npy}; found " +
                    describe(node));
    Array a = read_array(node, "'times'");
    // A table of one column, or of one row.
    const bool file = node.kind == ConfigNode::Kind::map;
    if (file && a.shape.size() == 2 && (a.shape[0] == 1 || a.shape[1] == 1)) a.shape = {a.size()};
    if (a.shape.size() != 1)
      bad(node, "'times' must be one list of numbers; found " +
                    (a.shape.empty() ? std::string("one number")
                                     : "an array of " + std::to_string(a.shape.size()) + " axes"));
    times = a.to_doubles();
  }
  if (times.size() < 2)
    bad(node, "'times' must have at least two entries, the initial time and one more; found " +
                  std::to_string(times.size()));
  for (size_t i = 0; i < times.size(); ++i) {
    const ConfigNode& place = i < node.items.size() ? node.items[i] : node;
    const std::string entry = "entry " + std::to_string(i) + " (" + number_text(times[i]) + ")";
    if (!std::isfinite(times[i])) bad(place, "'times' must be finite numbers; " + entry + " is not");
    if (i > 0 && times[i] == times[i - 1])
      bad(place, "'times' must not repeat; " + entry + " equals the one before it");
    if (i > 0 && (times[i] > times[i - 1]) != (times[1] > times[0]))
      bad(place, "'times' must be strictly increasing or strictly decreasing; " + entry + " turns around");
  }
  return times;
}

}  // namespace odeon::host
