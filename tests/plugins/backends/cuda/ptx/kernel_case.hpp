// A hand-written kernel `k` of one parameter, a pointer, run on memory of the test.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ptx/thread.hpp"

namespace odeon::test {

// Registers that every kernel here has: %p, %h (16 bits), %r (32), %d (64), %f, %g (float and double); %d0 is
// the pointer, %r0 the thread's index, %r1 the block's.
inline std::string kernel_text(const std::string& body, const std::string& in_front = "",
                               const std::string& parameters = ".param .u64 k_out") {
  return ".version 8.0\n.target sm_90\n.address_size 64\n" + in_front + "\n.visible .entry k(" + parameters +
         ")\n.maxntid 256, 1, 1\n{\n.reg .pred %p<9>;\n.reg .b16 %h<9>;\n.reg .b32 %r<99>;\n.reg .b64 "
         "%d<99>;\n.reg .f32 %f<99>;\n.reg .f64 %g<99>;\nld.param.u64 %d0, [k_out];\nmov.u32 %r0, "
         "%tid.x;\nmov.u32 %r1, %ctaid.x;\n" +
         body + "\nret;\n}\n";
}

struct Shape {
  unsigned blocks = 1, threads = 1;
  bool together = false;
  unsigned seed = 1;
};

// The memory behind `out`, which is all of it, after the launch.
template <class T>
std::vector<T> run_text(const std::string& text, std::vector<T> out, Shape shape = {}) {
  const auto module = ptx::parse(text);
  ptx::Settings settings;
  settings.blocks = shape.blocks, settings.threads = shape.threads;
  settings.together = shape.together, settings.seed = shape.seed, settings.resident = 2;
  settings.memory = {{reinterpret_cast<char*>(out.data()), out.size() * sizeof(T)}};
  void* pointer = out.data();
  ptx::launch(*module, "k", &pointer, settings);
  return out;
}

// What is said about it by the first seed that sees an error; "" if none of a few does.
template <class T>
std::string said_of(const std::string& text, const std::vector<T>& memory, Shape shape) {
  for (shape.seed = 1; shape.seed <= 5; ++shape.seed) {
    try {
      run_text(text, memory, shape);
    } catch (const ptx::Error& e) {
      return e.what();
    }
  }
  return "";
}
inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace odeon::test
