// An option that nobody explains.
#include "../undocumented.hpp"
#include "alone.hpp"

SPECIMEN_EXPORT(ODEON_KIND_COMMUNICATOR, kApi, undocumented::kOptions)
