#include "data/mutation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <random>

#include "data/allocation_watch.hpp"
#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::test {
namespace {

constexpr unsigned kSeed = 20260101;

// One to four edits: flip a bit, write an interesting byte, delete, repeat or cut a piece, splice a number.
std::string mutate(std::string text, std::mt19937& engine) {
  static constexpr const char* kTokens[] = {"-1",     "0",       "4294967296", "9223372036854775807",
                                            "1e999",  "nan",     "{",          "[",
                                            "\"",     "'",       ":",          "\n",
                                            "- ",     "&a ",     "*a",         "true",
                                            "\xff",   "(",       ")",          "^",
                                            "100000", "plugin:", "~",          ""};
  const auto below = [&](size_t n) { return n == 0 ? 0 : static_cast<size_t>(engine()) % n; };
  for (size_t edits = 1 + below(4); edits > 0; --edits) {
    const size_t at = below(text.size() + 1), length = std::min(below(16) + 1, text.size() - at);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(below(2) ? 0xff * below(2) : below(256));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      case 4:
        text.insert(at, kTokens[below(std::size(kTokens))]);
        break;
      default:
        if (below(4) == 0) text.resize(at);
    }
  }
  return text;
}

}  // namespace

Survival check_mutants(const std::vector<std::string>& seeds, int count, size_t peak_bytes,
                       const std::function<void(const std::string&)>& parse) {
  std::mt19937 engine(kSeed);
  Survival s;
  for (int i = 0; i < count; ++i) {
    const std::string mutant = mutate(seeds[static_cast<size_t>(i) % seeds.size()], engine);
    INFO("mutant ", i, ": ", mutant);
    restart_allocation_peak();
    try {
      parse(mutant);
      ++s.accepted;
    } catch (const host::Error& e) {
      CHECK(std::string(e.what()).size() > 10);
      ++s.refused;
    } catch (const odeon::Error& e) {  // of code that also runs inside plugins
      CHECK(std::string(e.what()).size() > 10);
      ++s.refused;
    } catch (const std::exception& e) {
      FAIL_CHECK("threw something else: ", e.what());
    }
    CHECK(allocation_peak() < peak_bytes);
  }
  return s;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string contents_of(const std::string& path) { return text_of(host::read_file(path)); }

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const host::Error& e) {
    return e.what();
  }
  FAIL_CHECK("was accepted");
  return "";
}

}  // namespace odeon::test
