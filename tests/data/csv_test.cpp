#include "data/csv.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "data/mutation.hpp"

using namespace odeon::host;
using namespace odeon::test;

TEST_CASE("a table of numbers reads with and without names, spaces, empty lines and a last line break") {
  for (const char* text : {"1,-2.5\n3e2,+4\n", "a,b\n1,-2.5\n3e2,+4", " 1 ,\t-2.5\r\n\n3e2, +4 \r\n\n"}) {
    const Array a = parse_csv(text, "t.csv");
    CHECK(a.shape == std::vector<int64_t>{2, 2});
    CHECK(a.to_doubles() == std::vector<double>{1, -2.5, 300, 4});
  }
}

TEST_CASE("what is no table of finite numbers is refused with its line") {
  const auto message = [](const char* text) { return message_of([&] { parse_csv(text, "t.csv"); }); };
  CHECK(message("") == "t.csv: holds no row of numbers");
  CHECK(message("a,b\n") == "t.csv: holds no row of numbers");
  CHECK(message("1,2\n\n3,xy\n") == "t.csv:3: every cell must be a finite number; found xy");
  CHECK(message("1,2\n3,\n") == "t.csv:2: every cell must be a finite number; found nothing");
  CHECK(message("1,2\n3,inf\n") == "t.csv:2: every cell must be a finite number; found inf");
  CHECK(message("1,2\n3,4,5\n") == "t.csv:2: every line must have as many numbers as the first, 2; found 3");
}

TEST_CASE("a first line that holds a number is no line of names") {
  const auto message = [](const char* text) { return message_of([&] { parse_csv(text, "t.csv"); }); };
  CHECK(message("1,x\n2,3\n") == "t.csv:1: every cell must be a finite number; found x");
  CHECK(message("nan,nan\n2,3\n") == "t.csv:1: every cell must be a finite number; found nan");
  CHECK(message("1.5,\n2,3\n") == "t.csv:1: every cell must be a finite number; found nothing");
  CHECK(parse_csv(",a\n0,3\n", "t.csv").to_doubles() == std::vector<double>{0, 3});  // pandas' index
}

TEST_CASE("a byte order mark is no part of the first number") {
  CHECK(parse_csv("\xef\xbb\xbf"
                  "1,2\n3,4\n",
                  "t.csv")
            .shape == std::vector<int64_t>{2, 2});
}

TEST_CASE("columns that something else separates are named as that") {
  for (const char* line : {"3;4", "3 4", "3\t4"})
    CHECK(message_of([&] { parse_csv(std::string("1\n") + line, "t.csv"); }) ==
          std::string("t.csv:2: every cell must be a finite number; found ") + line +
              " (columns are separated by commas)");
}

TEST_CASE("missing cells are NaN where that is asked for") {
  const Array a = parse_csv("t,x\n0,\n1,nan\n2,5\n", "t.csv", Missing::nan);
  REQUIRE(a.shape == std::vector<int64_t>{3, 2});
  CHECK(std::isnan(a.at(1)));
  CHECK(std::isnan(a.at(3)));
  CHECK(a.at(5) == 5);
  CHECK(message_of([] { parse_csv("0,inf\n", "t.csv", Missing::nan); }) ==
        "t.csv:1: every cell must be a finite number; found inf");
}

TEST_CASE("mutated tables are read or refused") {
  constexpr size_t kPeakBytes = 1 << 20;
  const Survival s = check_mutants({"a,b\n1,-2.5\n3e2,4\n", "1\n2\n3\n"}, 20000, kPeakBytes,
                                   [](const std::string& text) { parse_csv(text, "t.csv"); });
  CHECK(s.accepted > 0);
  CHECK(s.refused > 0);
}
