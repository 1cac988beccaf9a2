// Formulas of the `expression` field, parsed straight into an op graph by recursive descent:
//   sum := product (('+'|'-') product)*      product := signed (('*'|'/') signed)*
//   signed := ('-'|'+') signed | power       power := atom ('^' signed)?        (so -x^2 = -(x^2), as in
//   Python) atom := number | name | name '(' sum (',' sum)* ')' | '(' sum ')'
#pragma once
#include <functional>
#include <map>
#include <odeon/sdk/graph.hpp>
#include <string>
#include <string_view>

namespace odeon::expression {

// Names to columns of the graph; all are broadcast against [batch, 1].
using Names = std::map<std::string, Value, std::less<>>;

// The value of `formula`. what: "the derivative of 'x'". Throws odeon::Error naming the column, what was
// found and what was expected, with `mark`.
Value parse(GraphBuilder& graph, const Names& names, std::string_view formula, const std::string& what,
            int32_t mark);

}  // namespace odeon::expression
