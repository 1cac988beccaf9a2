#include "data/npy.hpp"

#include <doctest/doctest.h>

#include "data/mutation.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

namespace {

// A version 1.0 file with this header dictionary.
std::string npy(const std::string& header, const std::string& data) {
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() & 255) +
         static_cast<char>(header.size() >> 8) + header + data;
}
std::string dictionary(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}
Array parse(const std::string& file) { return parse_npy(bytes_of(file), "x.npy"); }
std::string refusal(const std::string& file) {
  return message_of([&] { parse(file); });
}

}  // namespace

TEST_CASE("an array is the same after it was written as npy and read again") {
  for (int32_t dtype : {ODEON_F32, ODEON_F64, ODEON_I32, ODEON_I64, ODEON_U8})
    for (const std::vector<int64_t>& shape :
         std::vector<std::vector<int64_t>>{{}, {0}, {5}, {2, 3}, {2, 0, 4}, {1, 2, 1, 2, 1, 2, 1, 2}}) {
      Array a = Array::zeros(dtype, shape);
      for (size_t i = 0; i < a.bytes.size(); ++i) a.bytes[i] = static_cast<std::byte>(i * 37);
      const Array b = parse(text_of(format_npy(a)));
      CHECK(b.dtype == dtype);
      CHECK(b.shape == shape);
      CHECK(b.bytes == a.bytes);
    }
}

TEST_CASE("npy data begins at a multiple of 64 bytes, as the format asks") {
  CHECK((format_npy(Array::of({1, 2, 3}, {3})).size() - 24) % 64 == 0);
}

TEST_CASE("fortran order is turned into C order") {
  const std::string data = {0, 3, 1, 4, 2, 5};  // columns of [[0, 1, 2], [3, 4, 5]]
  const Array a = parse(npy(dictionary("|u1", "True", "(2, 3)"), data));
  CHECK(a.shape == std::vector<int64_t>{2, 3});
  CHECK(a.to_doubles() == std::vector<double>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("npy headers of versions 2 and 3 are read") {
  const std::string header = dictionary("<f8", "False", "(1,)");
  for (char major : {'\x02', '\x03'}) {
    std::string file = std::string("\x93NUMPY") + major + '\0' + static_cast<char>(header.size());
    file += std::string(3, '\0') + header + std::string(8, '\0');
    CHECK(parse(file).to_doubles() == std::vector<double>{0});
  }
}

TEST_CASE("every hostile npy header is refused with its reason") {
  const std::string tail = "; save it again with numpy.save", start = "x.npy: is not a usable .npy file: ";
  const auto says = [&](const std::string& file, const std::string& reason) {
    CHECK(refusal(file) == start + reason + tail);
  };
  CHECK(refusal("") == "x.npy: is empty; save it again with numpy.save");
  CHECK(refusal("PK\x03\x04 and more") ==
        "x.npy: is an archive of arrays (numpy.savez); save the one array with numpy.save");
  for (const char* text : {"\x93NUMPZ\x01 and more", "1.0,2.0\n"})
    CHECK(refusal(text) ==
          "x.npy: is no .npy file: it does not begin with \\x93NUMPY; save it with numpy.save, or "
          "name a table of numbers with commas .csv");
  says(std::string("\x93NUMPY\x09\x00\x00\x00", 10), "format version 9 is unknown");
  says(std::string("\x93NUMPY\x01\x00\xff\xff{", 11), "the header ends too early");
  says(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13), "the header ends too early");
  says(std::string("\x93NUMPY\x02\x00\x01\x00", 10), "the header ends too early");
  says(npy("{}", ""), "the header has no 'descr':");
  says(npy("{'descr': '<f8'", ""), "the header ends too early");
  says(npy(dictionary("<f2", "False", "(1,)"), "ab"),
       "dtype '<f2' is not one of <f4, <f8, <i4, <i8, |u1: convert it, as by a.astype('<f8')");
  says(npy(dictionary(">f8", "False", "(1,)"), "12345678"),
       "dtype '>f8' is not one of <f4, <f8, <i4, <i8, |u1: convert it, as by a.astype('<f8')");
  says(npy(dictionary("|O", "False", "(1,)"), "12345678"),
       "dtype '|O' is not one of <f4, <f8, <i4, <i8, |u1: convert it, as by a.astype('<f8')");
  says(npy(dictionary("<f8", "False", "7"), ""), "the shape is not a tuple");
  for (const char* shape : {"(-1,)", "(2.5,)", "(99999999999999999999,)", "(1,1,1,1,1,1,1,1,1)", "(x,)",
                            "(3 4)", "(,)", "(1,,2)"})
    says(npy(dictionary("|u1", "False", shape), "0123456789ab"), "the shape is not up to 8 numbers >= 0");
  says(npy(dictionary("<f8", "False", "(4294967296, 4294967296)"), ""),
       "the shape asks for an absurd number of bytes of data, and there are 0");
  says(npy(dictionary("<f8", "False", "(9223372036854775807, 2)"), ""),
       "the shape asks for an absurd number of bytes of data, and there are 0");
  says(npy(dictionary("<f8", "False", "(1099511627776,)"), "0"),
       "the shape asks for 8796093022208 bytes of data, and there are 1");
  says(npy(dictionary("<f8", "False", "(2,)"), "only 15 bytes.."),
       "the shape asks for 16 bytes of data, and there are 15");
  says(npy(dictionary("|u1", "False", "(2,)"), "12 and more"),
       "the shape asks for 2 bytes of data, and there are 11");
  says(npy(dictionary("|u1", "Maybe", "(2,)"), "12"), "fortran_order is neither True nor False");
}

TEST_CASE("no mutation of an npy file makes its reader crash or allocate without bound") {
  const std::vector<std::string> seeds{
      text_of(format_npy(Array::of({1, 2, 3, 4, 5, 6}, {2, 3}))),
      npy(dictionary("|u1", "True", "(2, 3)"), "012345"),
      npy(dictionary("<f4", "False", "()"), "0123"),
  };
  const Survival s = check_mutants(seeds, 6000, size_t{1} << 20, [](const std::string& m) { parse(m); });
  CHECK(s.accepted > 100);
  CHECK(s.refused > 1000);
}
