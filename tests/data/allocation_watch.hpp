// Counts the bytes that operator new has handed out, in the whole test program.
#pragma once
#include <cstddef>

namespace odeon::test {

// Forgets the peak: from now on it is that of what follows.
void restart_allocation_peak();
// Most bytes alive at once since then, beyond what was alive at that moment.
std::size_t allocation_peak();

}  // namespace odeon::test
