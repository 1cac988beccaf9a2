// An option that ends before the 1.0 fields do.
#include "specimen_option.hpp"

SPECIMEN_OPTION([](odeon_option& o) { o.struct_size = 24; })
