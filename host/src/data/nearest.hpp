// The closest known word, for "did you mean".
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace odeon::host {

// Empty when no candidate is within a third of the word's length (at least 2 edits are allowed).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// The end of a sentence: "; did you mean 'x'?", or "." when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// "a, b, c".
std::string joined(const std::vector<std::string>& words);

}  // namespace odeon::host
