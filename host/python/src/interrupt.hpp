// Ctrl-C while Odeon computes.
#pragma once

namespace odeon::python {

// While one lives, SIGINT also cancels what runs in Odeon, in every thread. Python's own handler follows, so
// that the main thread raises KeyboardInterrupt; where SIGINT is ignored or left to the system nothing
// changes. Made and destroyed with the GIL.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
};

// Runs Python's signal handlers, if this is the main thread; throws what they raise.
void check_signals();

}  // namespace odeon::python
