// What a check of `odeon check` is, and what it finds.
#pragma once
#include <array>
#include <span>
#include <string>

namespace odeon::host::conformance {

struct Subject;

enum class Verdict { pass, fail, skip };

struct Finding {
  Verdict verdict;
  std::string figure;  // what was measured, what was found instead, or why nothing was looked at
  bool blocks;         // checks that need this one would say nothing
};
inline Finding pass(std::string figure) { return {Verdict::pass, std::move(figure), false}; }
inline Finding fail(std::string found) { return {Verdict::fail, std::move(found), true}; }
// The rule does not concern this component.
inline Finding skip(std::string reason) { return {Verdict::skip, std::move(reason), false}; }

// Runs in a process of its own, so it may crash, hang or leave by an exception: that is a verdict too.
struct Check {
  const char* name;
  const char* remedy;  // of a failure
  Finding (*run)(const Subject&);
  std::array<const char*, 3> needs{};  // names of checks before it, of the same component
  bool orderly = false;                // the process ends by exit, through what plugins registered for it
};

// In the order in which they are made. kind: ODEON_KIND_*.
std::span<const Check> checks_of(int32_t kind);

}  // namespace odeon::host::conformance
