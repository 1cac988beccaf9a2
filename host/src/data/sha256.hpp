// SHA-256 of files, as 64 hexadecimal digits (FIPS 180-4, by OpenSSL).
#pragma once
#include <string>

namespace odeon::host {

// Throws RunError when the file cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace odeon::host
