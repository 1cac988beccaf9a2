// Device memory that grows to what the largest run needed.
#pragma once
#include "memory.hpp"

namespace odeon::cuda {

class Room {
 public:
  explicit Room(Memory& memory) : memory_(memory) {}
  ~Room() { drop(); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void drop() {
    memory_.release(data_);
    data_ = nullptr, bytes_ = 0;
  }

  template <class T = void>
  T* of(int64_t bytes) {
    if (bytes > bytes_) {
      drop();
      data_ = memory_.allocate(bytes);
      bytes_ = bytes;
    }
    return static_cast<T*>(data_);
  }

 private:
  Memory& memory_;
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace odeon::cuda
