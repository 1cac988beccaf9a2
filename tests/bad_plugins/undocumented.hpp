// An option that nobody explains.
#pragma once
#include <odeon/sdk/options.hpp>

namespace undocumented {

constexpr odeon_option kOption =
    odeon::make_option(ODEON_OPTION_INT, odeon::str("terms"), odeon::str("3"), odeon::kNoText);
constexpr const odeon_option* kOptions[] = {&kOption};

}  // namespace undocumented
