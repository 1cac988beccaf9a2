// An option of a type that nobody knows.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.type = 99; })
