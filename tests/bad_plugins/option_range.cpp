// A range with its ends exchanged.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.minimum = 6; })
