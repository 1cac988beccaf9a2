// Places in configuration files as integers, so that they can cross the ABI (odeon_value.mark).
#pragma once
#include <cstdint>
#include <string>

namespace odeon::host {

// where: "file.yaml:3:7" or "--set solver.rtol". Never 0. Any thread. A place that comes again has
// the mark that it had: programs that bind the same options all day need no more memory for them.
int32_t add_mark(const std::string& where);
// Empty for 0 and for unknown marks.
std::string mark_text(int32_t mark);

}  // namespace odeon::host
