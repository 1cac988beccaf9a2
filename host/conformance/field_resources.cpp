#include "conformance/field_resources.hpp"

#include <thread>

#include "conformance/allocations.hpp"
#include "conformance/field_case.hpp"
#include "conformance/threads.hpp"

namespace odeon::host::conformance {

Finding evaluations_do_not_allocate(const Subject& s) {
  if (!allocations()) return skip("allocations cannot be counted in this build");
  FieldCase c(s, 3);
  const FieldData d = c.data(60);
  const long one = c.allocations_of(d, 1), more = c.allocations_of(d, 11);
  if (more == one) return pass("none in 10 evaluations");
  return fail(std::to_string(more - one) + " in 10 evaluations");
}

Finding evaluations_start_no_thread(const Subject& s) {
  const ThreadWatch watch(s);
  FieldCase c(s, 3);
  const FieldData d = c.data(61);
  c.eval(d);
  if (c.field().differentiable()) c.vjp(d, d.y);
  return watch.verdict(thread_count());
}

Finding fields_are_independent(const Subject& s) {
  const FieldData d = FieldCase(s, 3).data(62), e = FieldCase(s, 2).data(63);
  const Numbers alone_d = FieldCase(s, 3).eval(d), alone_e = FieldCase(s, 2).eval(e);
  FieldCase first(s, 3), second(s, 2);
  for (int i = 0; i < 3; ++i)
    if (first.eval(d) != alone_d || second.eval(e) != alone_e)
      return fail("taking turns they give other bits than alone");
  bool good_d = true, good_e = true;
  std::thread other([&] {
    for (int i = 0; i < 200; ++i) good_d &= first.eval(d) == alone_d;
  });
  for (int i = 0; i < 200; ++i) good_e &= second.eval(e) == alone_e;
  other.join();
  return good_d && good_e ? pass("") : fail("in two threads they give other bits than alone");
}

}  // namespace odeon::host::conformance
