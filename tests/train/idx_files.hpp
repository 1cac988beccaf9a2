// Files of labelled images as MNIST has them, written by a test.
#pragma once
#include <string>
#include <vector>

#include "data/atomic_file.hpp"

namespace odeon::test {

// Unsigned bytes of 1 (labels) or 3 (images) dimensions, each below 256.
inline void write_idx(const std::string& path, const std::vector<int>& shape, const std::string& bytes) {
  std::string file{0, 0, 8, static_cast<char>(shape.size())};
  for (int d : shape) file += std::string{0, 0, 0, static_cast<char>(d)};
  host::write_file_atomically(path, file + bytes);
}

}  // namespace odeon::test
