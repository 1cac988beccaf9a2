// What the built libraries let others see.
#include "layout/sources.hpp"
#include "loader/elf_symbols.hpp"

using namespace odeon::test;
using odeon::host::exported_symbols;

namespace {

// Itanium names of everything in namespace odeon, without substitutions for its parts.
bool is_odeon_cxx(const std::string& symbol) { return symbol.find("5odeon") != std::string::npos; }

bool is_public(const std::string& symbol) {
  for (const char* name : {"4host7Session", "4host7Problem", "4host12GradientPass", "4host13DenseSolution",
                           "4host5Error", "4host14request_cancel", "4host12clear_cancel"})
    if (symbol.find(std::string("5odeon") + name) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("libodeon exports its public classes and nothing else of its own") {
  int exported = 0;
  for (const std::string& symbol : exported_symbols(ODEON_LIBRARY)) {
    CAPTURE(symbol);
    if (is_odeon_cxx(symbol)) CHECK(is_public(symbol));
    exported += is_odeon_cxx(symbol);
  }
  CHECK(exported > 10);
}

TEST_CASE("a plugin exports its descriptor and no function") {
  int plugins = 0;
  for (const auto& entry : fs::directory_iterator(std::string(ODEON_BINARY_DIR) + "/plugins")) {
    if (entry.path().extension() != ".so") continue;
    ++plugins;
    CAPTURE(entry.path().string());
    bool descriptor = false;
    for (const std::string& symbol : exported_symbols(entry.path().string())) {
      CAPTURE(symbol);
      descriptor |= symbol == "odeon_plugin_v1";
      CHECK_FALSE(is_odeon_cxx(symbol));
    }
    CHECK(descriptor);
  }
  CHECK(plugins > 10);
}
