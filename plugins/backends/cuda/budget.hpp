// How much device memory an instance may hold. Plain arithmetic: what is held, what may be added, what to say
// if not.
#pragma once
#include <cstdint>
#include <string>

namespace odeon::cuda {

// What a user can do about too little device memory.
constexpr const char* kUseLessMemory = "; use a smaller batch, precision: float32 or gradient checkpoint";

class Budget {
 public:
  // limit 0: no limit but the device's.
  explicit Budget(int64_t limit = 0) : limit_(limit) {}

  // No sum here overflows: `bytes` comes from the caller and may be any number.
  bool fits(int64_t bytes) const { return limit_ == 0 || bytes <= limit_ - held_; }
  void take(int64_t bytes) { held_ += bytes; }
  void give_back(int64_t bytes) { held_ -= bytes; }
  int64_t held() const { return held_; }

  // available: free bytes of the device, as the driver says; < 0: unknown.
  std::string refusal(int64_t bytes, int64_t available) const {
    std::string text = "out of device memory: " + std::to_string(bytes) + " bytes were asked for, " +
                       std::to_string(held_) + " are held";
    if (!fits(bytes))
      return text + " of a memory_limit of " + std::to_string(limit_) + kUseLessMemory +
             ", or raise memory_limit";
    if (available >= 0) text += ", " + std::to_string(available) + " are free on the device";
    return text + kUseLessMemory;
  }

 private:
  int64_t limit_;
  int64_t held_ = 0;
};

}  // namespace odeon::cuda
