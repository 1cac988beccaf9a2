// Addresses to bytes, with every check: the state space, bounds, alignment, order of accesses.
#pragma once
#include "ptx/thread.hpp"

namespace odeon::ptx {

// Of i.access.count elements at the address in x[4] + offset.
char* reach(Thread& t, const Instruction& i, Use use);
// What a strong write at a place of device memory makes known, and what a strong read finds.
void publish(Thread& t, const char* place, bool adds);
void hear(Thread& t, const char* place);
// membar.gl
void fence(Thread& t);

}  // namespace odeon::ptx
