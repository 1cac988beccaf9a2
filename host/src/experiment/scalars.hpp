// Plain values of a configuration's nodes. what: the subject of the message, "'epochs'". Throw ConfigError.
#pragma once
#include <cstdint>
#include <string>

#include "experiment/config_node.hpp"

namespace odeon::host {

double read_real(const ConfigNode& node, const std::string& what);  // finite, or written as .inf
int64_t read_integer(const ConfigNode& node, const std::string& what);
bool read_boolean(const ConfigNode& node, const std::string& what);
const std::string& read_text(const ConfigNode& node, const std::string& what);
// Which of the words it is.
size_t read_choice(const ConfigNode& node, const std::string& what, const std::vector<std::string>& words);

// Whether the whole text is a number.
bool parse_real(const std::string& text, double& out);
bool parse_integer(const std::string& text, int64_t& out);

}  // namespace odeon::host
