// An option that nobody can set.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.key = odeon::kNoText; })
