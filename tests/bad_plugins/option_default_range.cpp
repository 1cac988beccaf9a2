// A default outside the option's own range.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.default_yaml = specimen::str("9"); })
