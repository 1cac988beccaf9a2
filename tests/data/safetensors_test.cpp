#include "data/safetensors.hpp"

#include <doctest/doctest.h>

#include "data/mutation.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

namespace {

std::string file_of(const std::string& header, const std::string& data) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i) & 255);
  return out + header + data;
}
std::vector<NamedArray> parse(const std::string& file) {
  return parse_safetensors(bytes_of(file), "w.safetensors");
}
std::vector<NamedArray> example() {
  return {{"0.weight", Array::of({1, 2, 3, 4, 5, 6}, {2, 3})},
          {"0.bias", Array::of({7, 8}, {2}).cast(ODEON_F32)},
          {"none", Array::zeros(ODEON_I64, {0, 4})},
          {"scalar", Array::zeros(ODEON_U8, {})}};
}

}  // namespace

TEST_CASE("tensors are the same after they were written as safetensors and read again") {
  const auto in = example(), out = parse(text_of(format_safetensors(in)));
  REQUIRE(out.size() == in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    CHECK(out[i].name == in[i].name);
    CHECK(out[i].array.dtype == in[i].array.dtype);
    CHECK(out[i].array.shape == in[i].array.shape);
    CHECK(out[i].array.bytes == in[i].array.bytes);
  }
  CHECK(parse(text_of(format_safetensors({}))).empty());
}

TEST_CASE("metadata of other programs is passed over") {
  const auto out = parse(file_of(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "xy"));
  REQUIRE(out.size() == 1);
  CHECK(out[0].name == "a");
}

TEST_CASE("every hostile safetensors header is refused with its reason") {
  const auto says = [&](const std::string& file, const std::string& reason) {
    CHECK(message_of([&] { parse(file); }) == "w.safetensors: is not a usable safetensors file: " + reason +
                                                  "; save it again with safetensors.torch.save_file");
  };
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  says("1234567", "it is shorter than 8 bytes");
  says(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10),
       "the header length 18446744073709551615 does not fit the file");
  says(std::string("\x00\xe1\xf5\x05\x00\x00\x00\x00{}", 10),
       "the header length 100000000 does not fit the file");
  says(file_of("[]", ""), "the header is not a JSON object");
  says(file_of(one("BF16", "[1]", "[0,2]"), "ab"),
       "tensor 'a' has dtype BF16, which is not F32, F64, I32, I64 or U8");
  says(file_of(one("F32", "[-1]", "[0,4]"), "abcd"), "tensor 'a' has a shape that is not up to 8 lengths");
  says(file_of(one("F32", "[1.5]", "[0,4]"), "abcd"), "tensor 'a' has a shape that is not up to 8 lengths");
  says(file_of(one("F32", "[18446744073709551615]", "[0,4]"), "abcd"),
       "tensor 'a' has a shape that is not up to 8 lengths");
  says(file_of(one("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), "abcd"),
       "tensor 'a' has a shape that is not up to 8 lengths");
  says(file_of(one("F32", "[1099511627776,1099511627776]", "[0,4]"), "abcd"),
       "tensor 'a' has data_offsets that do not fit its shape");
  says(file_of(one("U8", "[4]", "[4,0]"), "abcd"), "tensor 'a' has data_offsets that do not fit its shape");
  says(file_of(one("U8", "[4]", "[0,3]"), "abcd"), "tensor 'a' has data_offsets that do not fit its shape");
  says(file_of(one("U8", "[4]", "[0,-4]"), "abcd"), "tensor 'a' has bad data_offsets");
  says(file_of(one("U8", "[4]", "[0,4,8]"), "abcd"), "tensor 'a' has bad data_offsets");
  says(file_of(one("U8", "[4]", "[0,4]"), "abc"), "the data ends before 'a' does");
  says(file_of(one("U8", "[4]", "[0,4]"), "abcd and more"), "9 bytes follow the last tensor");
  says(file_of(one("U8", "[4]", "[1,5]"), "abcde"), "the data of 'a' overlaps or leaves a hole");
  says(file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
               "abcdef"),
       "the data of 'b' overlaps or leaves a hole");
  says(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
               R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
               "a"),
       "the header names 'a' twice");
  says(file_of(R"({"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,1]}})", "a"),
       "the header names 'dtype' twice");
  says(file_of(R"({"a":{"dtype":"U8","shape":[1]}})", "a"), "tensor 'a' lacks dtype, shape or data_offsets");
  says(file_of(R"({"a":7})", ""), "tensor 'a' lacks dtype, shape or data_offsets");
  says(file_of("{\"a\":" + std::string(100000, '['), ""), "the header is nested too deeply");
  CHECK(message_of([&] { parse(file_of("{\"a\":", "")); }).find("the header is not valid JSON") !=
        std::string::npos);
}

TEST_CASE("no mutation of a safetensors file makes its reader crash or allocate without bound") {
  const std::vector<std::string> seeds{
      text_of(format_safetensors(example())),
      file_of(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
              "xy")};
  const Survival s = check_mutants(seeds, 6000, size_t{1} << 20, [](const std::string& m) { parse(m); });
  CHECK(s.accepted > 100);
  CHECK(s.refused > 1000);
}
