// An option that nobody explains.
#include "../undocumented.hpp"
#include "differences.hpp"

constexpr odeon_gradient_api kGradientApi =
    odeon::GradientApi<specimen::Strategy>::table(ODEON_GRADIENT_MEMORY_CONSTANT);
SPECIMEN_EXPORT(ODEON_KIND_GRADIENT, kGradientApi, undocumented::kOptions)
