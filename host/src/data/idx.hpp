// IDX files as of MNIST and Fashion-MNIST, raw or gzip. http://yann.lecun.com/exdb/mnist/
#pragma once
#include "data/array.hpp"

namespace odeon::host {

// Unsigned bytes of any rank up to 4; whether they are packed is seen by their content. Throws RunError:
// wrong magic, truncated, trailing bytes, bad gzip.
Array parse_idx(std::span<const std::byte> bytes, const std::string& name);
Array read_idx(const std::string& path);

}  // namespace odeon::host
