#include "conformance/backend_memory.hpp"

#include <odeon/sdk/error.hpp>

#include "conformance/backend_case.hpp"
#include "data/error.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {

Finding describes_its_device(const Subject& s) {
  const BackendCase c(s);
  const odeon_backend_info& info = c->info();
  const std::string device(to_view(info.device));
  if (device.empty()) return fail("info gives no name of the device");
  if (info.host_memory != 0 && info.host_memory != 1) return fail("host_memory is neither 0 nor 1");
  if (info.threads < 0) return fail("threads is " + std::to_string(info.threads));
  return pass(device + (info.host_memory ? ", host memory" : ""));
}

Finding allocates_aligned_memory(const Subject& s) {
  const BackendCase c(s);
  const auto alloc = [&](int64_t bytes) {
    void* memory = nullptr;
    call(s.name(), c->api().alloc, c->handle(), bytes, &memory);
    return memory;
  };
  std::vector<void*> held;
  for (const int64_t bytes : {1, 8, 63, 64, 65, 1000, 1 << 20}) {
    held.push_back(alloc(bytes));
    if (!held.back()) return fail("alloc of " + std::to_string(bytes) + " bytes gave NULL");
    if (reinterpret_cast<uintptr_t>(held.back()) % 64 != 0)
      return fail("memory of " + std::to_string(bytes) + " bytes is not aligned to 64");
  }
  for (void* memory : held) call_release(s.name(), c->api().release, c->handle(), memory);
  if (alloc(0)) return fail("alloc of 0 bytes did not give NULL");
  constexpr int64_t kTooMuch = int64_t{1} << 60;
  void* memory = nullptr;
  const odeon_status status = call_slot(s.name(), c->api().alloc, c->handle(), kTooMuch, &memory);
  if (status != ODEON_E_NO_MEMORY)
    return fail("alloc of 2^60 bytes gave status " + std::to_string(status) + ", not ODEON_E_NO_MEMORY");
  return pass("");
}

Finding copies(const Subject& s) {
  BackendCase c(s);
  for (const int64_t size : kSizes) {
    const std::vector<float> x = values<float>(size + 2, 1);
    const odeon_tensor a = c.tensor(x, {size + 2}), b = c.tensor(values<float>(size + 2, 2), {size + 2});
    // All but the first and the last, which stay.
    const odeon_tensor from = make_tensor(data<float>(a) + 1, ODEON_F32, {size}),
                       to = make_tensor(data<float>(b) + 1, ODEON_F32, {size});
    std::vector<float> expected = c.download<float>(b);
    std::copy(x.begin() + 1, x.end() - 1, expected.begin() + 1);
    c->copy(to, from);
    call(s.name(), c->api().queue_wait, c->queue());
    if (c.download<float>(b) != expected)
      return fail("a copy on the device of " + std::to_string(size) + " elements is wrong");
    if (c.download<float>(a) != x) return fail("what was sent to the device is not what comes back");
  }
  return pass("");
}

Finding fills(const Subject& s) {
  BackendCase c(s);
  const auto check = [&]<class T>(T, int64_t size) {
    std::vector<T> x = values<T>(size + 2, 3);
    const odeon_tensor all = c.tensor(x, {size + 2}),
                       inner = make_tensor(data<T>(all) + 1, all.dtype, {size});
    c->fill(inner, 2.5);
    std::fill(x.begin() + 1, x.end() - 1, T(2.5));
    return c.download<T>(all) == x;
  };
  for (const int64_t size : kSizes)
    if (!check(float{}, size) || !check(double{}, size))
      return fail(std::to_string(size) + " elements are not filled, or others are");
  return pass("");
}

}  // namespace odeon::host::conformance
