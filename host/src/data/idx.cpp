#include "data/idx.hpp"

#include <zlib.h>

#include <memory>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

constexpr size_t kMaxUnpacked = size_t{1} << 30;  // the largest published one, EMNIST by class, has 0.55 GB

[[noreturn]] void bad(const std::string& name, const std::string& what) {
  throw RunError(name + ": is not a usable IDX file: " + what + "; download it again");
}

std::vector<std::byte> unzip(std::span<const std::byte> bytes, const std::string& name) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // window bits, gzip header
  if (inflateInit2(&stream, kGzip) != Z_OK) throw RunError("zlib could not be started");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::vector<std::byte> out;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const size_t have = out.size(), block = size_t{1} << 20;
    if (have > kMaxUnpacked) bad(name, "it unpacks to more than 1 GiB");
    out.resize(have + block);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(block);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(have + block - stream.avail_out);
    if (status != Z_OK && status != Z_STREAM_END) bad(name, "the gzip data is damaged or truncated");
    if (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)
      bad(name, "the gzip data is truncated");
  }
  if (stream.avail_in > 0) bad(name, std::to_string(stream.avail_in) + " bytes follow the gzip data");
  return out;
}

Array parse_raw(std::span<const std::byte> bytes, const std::string& name) {
  const auto byte = [&](size_t i) { return std::to_integer<uint32_t>(bytes[i]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != 8)
    bad(name, "it does not begin with 00 00 08 (unsigned bytes)");
  const size_t rank = byte(3);
  if (rank < 1 || rank > 4 || bytes.size() < 4 + 4 * rank) bad(name, "it has no 1 to 4 dimensions");
  Array a;
  a.dtype = ODEON_U8;
  for (size_t d = 0; d < rank; ++d) {
    const size_t at = 4 + 4 * d;
    a.shape.push_back(
        static_cast<int64_t>(byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3)));
  }
  const int64_t count = checked_count(a.shape);
  const size_t have = bytes.size() - 4 - 4 * rank;
  if (count < 0 || static_cast<size_t>(count) != have)
    bad(name, "its header asks for " + (count < 0 ? "an absurd number of" : std::to_string(count)) +
                  " bytes of data, and there are " + std::to_string(have));
  a.bytes.assign(bytes.end() - static_cast<std::ptrdiff_t>(have), bytes.end());
  return a;
}

}  // namespace

Array parse_idx(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() > 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b})
    return parse_raw(unzip(bytes, name), name);
  return parse_raw(bytes, name);
}

Array read_idx(const std::string& path) { return parse_idx(read_file(path), path); }

}  // namespace odeon::host
