// A default of another type than the option's.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.default_yaml = specimen::str("many"); })
