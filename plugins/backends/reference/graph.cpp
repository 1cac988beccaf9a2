// The optional interfaces.
#include "backend.hpp"

namespace odeon::reference {

const void* get_ext(odeon_backend*, odeon_str) { return nullptr; }

}  // namespace odeon::reference
