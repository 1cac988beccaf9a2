// The safetensors format: 8 bytes header length, JSON header, data.
// https://github.com/huggingface/safetensors
#pragma once
#include <string>
#include <vector>

#include "data/array.hpp"

namespace odeon::host {

struct NamedArray {
  std::string name;
  Array array;
};

// name: for messages. Every rule of the format is checked: header bounds, offsets without overlap or hole,
// sizes equal to shapes. In the order of the data. Throws RunError.
std::vector<NamedArray> parse_safetensors(std::span<const std::byte> bytes, const std::string& name);
std::vector<NamedArray> read_safetensors(const std::string& path);
std::vector<std::byte> format_safetensors(const std::vector<NamedArray>& arrays);
void write_safetensors(const std::string& path, const std::vector<NamedArray>& arrays);

}  // namespace odeon::host
