// Tables of numbers as text: a line per row, commas between the columns; a first line of names is left out.
#pragma once
#include <string_view>

#include "data/array.hpp"

namespace odeon::host {

// [rows, columns]. name: for messages. Throws RunError naming the line of what is not a finite number.
Array parse_csv(std::string_view text, const std::string& name);
Array read_csv(const std::string& path);

}  // namespace odeon::host
