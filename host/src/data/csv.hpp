// Tables of numbers as text: a line per row, commas between the columns; a first line of names, none of which
// is a number, is left out.
#pragma once
#include <string_view>

#include "data/array.hpp"

namespace odeon::host {

enum class Missing { refused, nan };  // cells that are empty or say nan

// [rows, columns]. name: for messages. Throws RunError naming the line of what is not a finite number.
Array parse_csv(std::string_view text, const std::string& name, Missing missing = Missing::refused);
Array read_csv(const std::string& path, Missing missing = Missing::refused);

}  // namespace odeon::host
