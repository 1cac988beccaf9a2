#include "data/nearest.hpp"

#include <doctest/doctest.h>

using namespace odeon::host;

TEST_CASE("the nearest word is the one with the fewest edits") {
  const std::vector<std::string> words{"solver", "seed", "field", "times", "task"};
  CHECK(nearest("sovler", words) == "solver");
  CHECK(nearest("feild", words) == "field");
  CHECK(nearest("time", words) == "times");
  CHECK(nearest("seed", words) == "seed");
}

TEST_CASE("a word that is nowhere near has no nearest one") {
  const std::vector<std::string> words{"solver", "t"};
  CHECK(nearest("gradient", words).empty());
  CHECK(nearest("x", words).empty());  // replacing the whole of a word is not a slip
  CHECK(nearest("", words).empty());
  CHECK(nearest("solver", {}).empty());
  CHECK(nearest(std::string(1'000'000, 's'), words).empty());
}

TEST_CASE("a suggestion ends the sentence whether or not there is one") {
  CHECK(did_you_mean("sovler", {"solver"}) == "; did you mean 'solver'?");
  CHECK(did_you_mean("gradient", {"solver"}) == ".");
  CHECK(joined({"a", "b", "c"}) == "a, b, c");
  CHECK(joined({}).empty());
}
