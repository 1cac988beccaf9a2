// An option that nobody explains.
#include "../undocumented.hpp"
#include "loops.hpp"

SPECIMEN_EXPORT(ODEON_KIND_BACKEND, kApi, undocumented::kOptions)
