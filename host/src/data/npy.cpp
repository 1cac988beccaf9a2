#include "data/npy.hpp"

#include <charconv>
#include <cstring>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

[[noreturn]] void bad(const std::string& name, const std::string& what) {
  throw RunError(name + ": is not a usable .npy file: " + what + "; save it again with numpy.save");
}

// The text of a value of the header dictionary, up to the ',' or '}' that ends it.
std::string_view field(std::string_view header, std::string_view key, const std::string& name) {
  const std::string quoted = "'" + std::string(key) + "':";
  const size_t at = header.find(quoted);
  if (at == std::string_view::npos) bad(name, "the header has no " + quoted);
  std::string_view rest = header.substr(at + quoted.size());
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  const size_t end = rest.find_first_of(!rest.empty() && rest[0] == '(' ? ")" : ",}");
  if (end == std::string_view::npos) bad(name, "the header ends too early");
  return rest.substr(0, end);
}

std::vector<int64_t> parse_shape(std::string_view text, const std::string& name) {
  if (text.empty() || text[0] != '(') bad(name, "the shape is not a tuple");
  std::vector<int64_t> shape;
  const char* p = text.data() + 1;
  const char* end = text.data() + text.size();
  const auto skip_spaces = [&] {
    while (p < end && *p == ' ') ++p;
  };
  for (skip_spaces(); p < end; skip_spaces()) {  // each number ends with ',' or the tuple
    int64_t length = 0;
    const auto [next, error] = std::from_chars(p, end, length);
    p = next;
    skip_spaces();
    const bool ended = p == end || *p == ',';
    if (error != std::errc() || length < 0 || shape.size() == ODEON_MAX_RANK || !ended)
      bad(name, "the shape is not up to 8 numbers >= 0");
    shape.push_back(length);
    if (p < end) ++p;
  }
  return shape;
}

int32_t parse_dtype(std::string_view text, const std::string& name) {
  if (text == "'<f4'") return ODEON_F32;
  if (text == "'<f8'") return ODEON_F64;
  if (text == "'<i4'") return ODEON_I32;
  if (text == "'<i8'") return ODEON_I64;
  if (text == "'|u1'") return ODEON_U8;
  bad(name, "dtype " + std::string(text) +
                " is not one of <f4, <f8, <i4, <i8, |u1: convert it, as by a.astype('<f8')");
}

Array to_c_order(const Array& fortran) {
  Array out = Array::zeros(fortran.dtype, fortran.shape);
  const size_t item = static_cast<size_t>(dtype_bytes(fortran.dtype)), rank = fortran.shape.size();
  std::vector<int64_t> index(rank, 0);
  for (int64_t at = 0; at < out.size(); ++at) {
    int64_t from = 0;
    for (size_t d = rank; d-- > 0;) from = from * fortran.shape[d] + index[d];
    std::memcpy(&out.bytes[size_t(at) * item], &fortran.bytes[size_t(from) * item], item);
    for (size_t d = rank; d-- > 0 && ++index[d] == out.shape[d];) index[d] = 0;
  }
  return out;
}

// What a file is that does not begin as an .npy does.
std::string other_format(const char* text, size_t bytes) {
  if (bytes == 0) return "is empty; save it again with numpy.save";
  if (bytes > 4 && std::memcmp(text, "PK\x03\x04", 4) == 0)
    return "is an archive of arrays (numpy.savez); save the one array with numpy.save";
  return "is no .npy file: it does not begin with \\x93NUMPY; save it with numpy.save, or name a table of "
         "numbers "
         "with commas .csv";
}

}  // namespace

Array parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  const char* text = reinterpret_cast<const char*>(bytes.data());
  if (bytes.size() < 10 || std::memcmp(text, "\x93NUMPY", 6) != 0)
    throw RunError(name + ": " + other_format(text, bytes.size()));
  const int major = text[6];
  if (major < 1 || major > 3) bad(name, "format version " + std::to_string(major) + " is unknown");
  const size_t prefix = major == 1 ? 10 : 12;
  if (bytes.size() < prefix) bad(name, "the header ends too early");
  size_t length = 0;
  for (size_t i = prefix; i-- > 8;) length = length << 8 | static_cast<unsigned char>(text[i]);
  if (length > bytes.size() - prefix) bad(name, "the header ends too early");
  const std::string_view header(text + prefix, length);
  Array a;
  a.dtype = parse_dtype(field(header, "descr", name), name);
  a.shape = parse_shape(field(header, "shape", name), name);
  const int64_t count = checked_count(a.shape);
  const size_t have = bytes.size() - prefix - length;
  if (count < 0 || static_cast<uint64_t>(count) * static_cast<uint64_t>(dtype_bytes(a.dtype)) != have)
    bad(name, "the shape asks for " +
                  (count < 0 ? "an absurd number of" : std::to_string(count * dtype_bytes(a.dtype))) +
                  " bytes of data, and there are " + std::to_string(have));
  a.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(prefix + length), bytes.end());
  const std::string_view order = field(header, "fortran_order", name);
  if (order != "True" && order != "False") bad(name, "fortran_order is neither True nor False");
  return order == "True" ? to_c_order(a) : a;
}

Array read_npy(const std::string& path) { return parse_npy(read_file(path), path); }

std::vector<std::byte> format_npy(const Array& a) {
  static constexpr const char* kDescr[] = {"<f4", "<f8", "<i4", "<i8", "|u1"};
  std::string header = std::string("{'descr': '") + kDescr[a.dtype] + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < a.shape.size(); ++i)
    header += std::to_string(a.shape[i]) + (a.shape.size() == 1 ? "," : i + 1 < a.shape.size() ? ", " : "");
  header += "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string out = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() & 255) +
                    static_cast<char>(header.size() >> 8) + header;
  std::vector<std::byte> bytes(out.size() + a.bytes.size());
  std::memcpy(bytes.data(), out.data(), out.size());
  if (!a.bytes.empty()) std::memcpy(bytes.data() + out.size(), a.bytes.data(), a.bytes.size());
  return bytes;
}

void write_npy(const std::string& path, const Array& array) {
  write_file_atomically(path, format_npy(array));
}

}  // namespace odeon::host
