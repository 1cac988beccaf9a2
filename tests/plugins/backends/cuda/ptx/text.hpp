// PTX as words with the line that each stands on, and the errors that name a line.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace odeon::ptx {

struct Error : std::runtime_error {
  using runtime_error::runtime_error;
};

struct Word {
  std::string text;
  uint32_t line;  // from 1
};

class Text {
 public:
  explicit Text(const std::string& source);
  const std::vector<Word>& words() const { return words_; }
  // "line 12 `ld.global.f64 %fd1, [%rd2];`"
  std::string place(uint32_t line) const;
  [[noreturn]] void fail(uint32_t line, const std::string& what) const;

 private:
  void split(const std::string& line, uint32_t number);
  std::vector<std::string> lines_;
  std::vector<Word> words_;
};

}  // namespace odeon::ptx
