// A choice between nothing.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.type = ODEON_OPTION_CHOICE; })
