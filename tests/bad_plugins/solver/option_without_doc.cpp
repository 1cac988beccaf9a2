// An option that nobody explains.
#include "../specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.doc = odeon::kNoText; })
