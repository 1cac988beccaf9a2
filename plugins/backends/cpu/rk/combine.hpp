// The one loop of every explicit Runge-Kutta method: z = base + sum_i c_i x_i.
#pragma once
#include <cstdint>

namespace odeon::cpu {

// n_terms <= 64; base may be null; z may be exactly base or any x[i].
template <class T>
void combine(T* z, const T* base, int n_terms, const T* c, const T* const* x, int64_t size);

}  // namespace odeon::cpu
