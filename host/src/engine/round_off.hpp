// The precision of a dtype.
#pragma once
#include <odeon/abi.h>
#include <odeon/tensor.h>

#include <limits>

namespace odeon::host {

inline double unit_round_off(int32_t dtype) {
  return dtype == ODEON_F32 ? double{std::numeric_limits<float>::epsilon()}
                            : std::numeric_limits<double>::epsilon();
}

}  // namespace odeon::host
