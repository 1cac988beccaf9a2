// Deterministic mutation of valid inputs, and the rule that a parser must keep on every mutant: it returns,
// or throws the project's error with a message; it never throws anything else, and its memory is bounded.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace odeon::test {

struct Survival {
  int accepted = 0, refused = 0;
};

// parse: called with `count` mutants of the seeds. peak_bytes: what one call may allocate at most. Reports
// through doctest, with the mutant that broke the rule.
Survival check_mutants(const std::vector<std::string>& seeds, int count, std::size_t peak_bytes,
                       const std::function<void(const std::string&)>& parse);

std::span<const std::byte> bytes_of(const std::string& text);
std::string text_of(std::span<const std::byte> bytes);
std::string contents_of(const std::string& path);

// The message of the odeon::host::Error that body throws; fails the test when it throws none.
std::string message_of(const std::function<void()>& body);

}  // namespace odeon::test
