// Checks that every kind of component has.
#pragma once
#include "conformance/check.hpp"
#include "conformance/subject.hpp"

namespace odeon::host::conformance {

Finding options_are_documented(const Subject& s);
Finding creates(const Subject& s);

inline constexpr Check kOptions{
    "options", "write one sentence of documentation per option, and only defaults that are used",
    options_are_documented};
inline constexpr Check kCreate{
    "create",
    "repair create and destroy; options that it needs come by --options YAML and --state SHAPE",
    creates,
    {},
    true};

}  // namespace odeon::host::conformance
