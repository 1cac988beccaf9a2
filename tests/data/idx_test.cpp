#include "data/idx.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include "data/allocation_watch.hpp"
#include "data/mutation.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

namespace {

std::string idx(const std::vector<uint32_t>& shape, const std::string& data) {
  std::string out{0, 0, 8, static_cast<char>(shape.size())};
  for (uint32_t d : shape)
    for (int shift : {24, 16, 8, 0}) out += static_cast<char>(d >> shift & 255);
  return out + data;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, 0);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Array parse(const std::string& file) { return parse_idx(bytes_of(file), "x-idx3-ubyte"); }

}  // namespace

TEST_CASE("an IDX file reads the same raw and packed") {
  const std::string raw = idx({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  for (const std::string& file : {raw, gzip(raw)}) {
    const Array a = parse(file);
    CHECK(a.dtype == ODEON_U8);
    CHECK(a.shape == std::vector<int64_t>{2, 1, 3});
    CHECK(a.to_doubles() == std::vector<double>{1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("the digits that come with the project are as many images as labels") {
  const std::string folder = ODEON_SOURCE_DIR "/configs/data/digits/";
  const Array images = read_idx(folder + "train-images-idx3-ubyte.gz"),
              labels = read_idx(folder + "train-labels-idx1-ubyte.gz");
  REQUIRE(images.shape.size() == 3);
  CHECK(images.shape[0] == labels.shape[0]);
  CHECK(images.shape[1] == 8);
  for (double label : labels.to_doubles()) CHECK(label < 10);
}

TEST_CASE("every hostile IDX file is refused with its reason") {
  const auto says = [&](const std::string& file, const std::string& reason) {
    CHECK(message_of([&] { parse(file); }) ==
          "x-idx3-ubyte: is not a usable IDX file: " + reason + "; download it again");
  };
  says("", "it does not begin with 00 00 08 (unsigned bytes)");
  says(std::string("\x00\x00\x0d\x01", 4), "it does not begin with 00 00 08 (unsigned bytes)");
  says(std::string("\x00\x00\x08\x00", 4), "it has no 1 to 4 dimensions");
  says(std::string("\x00\x00\x08\xff", 4), "it has no 1 to 4 dimensions");
  says(std::string("\x00\x00\x08\x03\x00\x00", 6), "it has no 1 to 4 dimensions");
  says(idx({4}, "123"), "its header asks for 4 bytes of data, and there are 3");
  says(idx({2}, "123"), "its header asks for 2 bytes of data, and there are 3");
  says(idx({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, "123"),
       "its header asks for an absurd number of bytes of data, and there are 3");
  const std::string packed = gzip(idx({3}, "123"));
  says(packed.substr(0, packed.size() - 9), "the gzip data is truncated");
  says(packed.substr(0, 5), "the gzip data is truncated");
  says(packed + "tail", "4 bytes follow the gzip data");
  std::string wrong_sum = packed;
  wrong_sum[wrong_sum.size() - 6] ^= 1;
  says(wrong_sum, "the gzip data is damaged or truncated");
}

TEST_CASE("a gzip bomb is refused before it fills the memory") {
  const std::string block = gzip(std::string(size_t{1} << 26, 0));
  CHECK(block.size() < size_t{1} << 17);
  restart_allocation_peak();
  CHECK(message_of([&] { parse(block); }).find("does not begin with") != std::string::npos);
  CHECK(allocation_peak() < size_t{1} << 28);
}

TEST_CASE("no mutation of an IDX file makes its reader crash or allocate without bound") {
  const std::string raw = idx({2, 3, 4}, "abcdefghijklmnopqrstuvwx");
  const Survival s =
      check_mutants({raw, gzip(raw)}, 3000, size_t{1} << 23, [](const std::string& m) { parse(m); });
  CHECK(s.accepted > 100);
  CHECK(s.refused > 1000);
}
