// Elementwise ops as text of generated code.
#pragma once
#include <odeon/graph.h>

#include <string>

namespace odeon::cuda {

// A literal of type T with every bit of `value`.
std::string literal(double value);
// The node's op applied to operand texts; unused ones are empty.
std::string expression(const odeon_node& node, const std::string& a, const std::string& b,
                       const std::string& c);

}  // namespace odeon::cuda
