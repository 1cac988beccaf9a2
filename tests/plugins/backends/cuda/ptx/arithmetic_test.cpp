// The interpreter's arithmetic against what the PTX ISA says.
#include <bit>
#include <cmath>
#include <limits>

#include "ptx/kernel_case.hpp"

using namespace odeon::test;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The text's %r9, %d9 or %g9 of one thread whose %r2, %d2, %g2, ... hold the numbers.
std::string hex(uint64_t bits, int digits) {
  std::string out;
  for (int k = digits - 1; k >= 0; --k) out += "0123456789abcdef"[bits >> (4 * k) & 15];
  return out;
}
uint32_t of_32(const std::string& text, std::vector<uint32_t> numbers) {
  std::string body;
  for (size_t k = 0; k < numbers.size(); ++k)
    body += "mov.u32 %r" + std::to_string(k + 2) + ", 0x" + hex(numbers[k], 8) + ";\n";
  return run_text<uint32_t>(kernel_text(body + text + "\nst.global.u32 [%d0], %r9;"), {0})[0];
}
uint64_t of_64(const std::string& text, std::vector<uint64_t> numbers) {
  std::string body;
  for (size_t k = 0; k < numbers.size(); ++k)
    body += "mov.u64 %d" + std::to_string(k + 2) + ", 0x" + hex(numbers[k], 16) + ";\n";
  return run_text<uint64_t>(kernel_text(body + text + "\nst.global.u64 [%d0], %d9;"), {0})[0];
}
double of_double(const std::string& text, std::vector<double> numbers) {
  std::string body;
  for (size_t k = 0; k < numbers.size(); ++k)
    body +=
        "mov.f64 %g" + std::to_string(k + 2) + ", 0d" + hex(std::bit_cast<uint64_t>(numbers[k]), 16) + ";\n";
  return run_text<double>(kernel_text(body + text + "\nst.global.f64 [%d0], %g9;"), {0})[0];
}
float of_float(const std::string& text, std::vector<float> numbers) {
  std::string body;
  for (size_t k = 0; k < numbers.size(); ++k)
    body +=
        "mov.f32 %f" + std::to_string(k + 2) + ", 0f" + hex(std::bit_cast<uint32_t>(numbers[k]), 8) + ";\n";
  return run_text<float>(kernel_text(body + text + "\nst.global.f32 [%d0], %f9;"), {0})[0];
}
uint32_t compare(const std::string& how, double a, double b) {
  const auto bits = [](double x) { return "0d" + hex(std::bit_cast<uint64_t>(x), 16); };
  return of_32("setp." + how + ".f64 %p1, " + bits(a) + ", " + bits(b) + "; selp.u32 %r9, 1, 0, %p1;", {});
}

}  // namespace

TEST_CASE("integers wrap, and signs count where the type has them") {
  CHECK(of_32("add.s32 %r9, %r2, %r3;", {0x7fffffff, 1}) == 0x80000000);
  CHECK(of_32("mul.lo.s32 %r9, %r2, %r3;", {0x80000001, 3}) == 0x80000003);
  CHECK(of_32("mul.hi.s32 %r9, %r2, %r3;", {~0u, 2}) == ~0u);
  CHECK(of_32("mul.hi.u32 %r9, %r2, %r3;", {~0u, 2}) == 1);
  CHECK(of_64("mul.hi.u64 %d9, %d2, %d3;", {~0ull, ~0ull}) == ~0ull - 1);
  CHECK(of_64("mul.hi.s64 %d9, %d2, %d3;", {~0ull, ~0ull}) == 0);
  CHECK(of_64("mul.wide.s32 %d9, -3, 5;", {}) == uint64_t(-15));
  CHECK(of_64("mul.wide.u32 %d9, -3, 5;", {}) == 0xfffffffdull * 5);
  CHECK(of_64("mad.wide.u32 %d9, 7, 5, %d2;", {~0ull}) == 34);
  CHECK(of_32("div.s32 %r9, %r2, 2;", {uint32_t(-7)}) == uint32_t(-3));
  CHECK(of_32("rem.s32 %r9, %r2, 2;", {uint32_t(-7)}) == uint32_t(-1));
  CHECK(of_32("div.s32 %r9, %r2, -1;", {0x80000000}) == 0x80000000);
  CHECK(of_32("min.s32 %r9, %r2, 1;", {~0u}) == ~0u);
  CHECK(of_64("max.s64 %d9, %d2, 1;", {~0ull}) == 1);
  CHECK(of_32("neg.s32 %r9, %r2;", {5}) == uint32_t(-5));
}

TEST_CASE("carries go from word to word") {
  CHECK(of_32("add.cc.u32 %r8, %r2, %r3; addc.u32 %r9, 5, 0;", {~0u, 1}) == 6);
  CHECK(of_32("add.cc.u32 %r8, %r2, %r3; addc.u32 %r9, 5, 0;", {~0u, 0}) == 5);
  CHECK(of_32("sub.cc.u32 %r8, %r2, %r3; subc.u32 %r9, 5, 0;", {0, 1}) == 4);
  CHECK(of_32("mad.lo.cc.u32 %r8, %r2, %r3, %r4; madc.hi.u32 %r9, %r2, %r3, 0;", {~0u, ~0u, ~0u}) == ~0u);
  // 0xffffffff * 0xffffffff + (0xffffffff << 32 | 5), with the carry out of the upper word.
  CHECK(of_32("mad.lo.cc.u32 %r8, %r2, %r2, 5; madc.hi.cc.u32 %r7, %r2, %r2, %r2; addc.u32 %r9, 0, 0;",
              {~0u}) == 1);
}

TEST_CASE("shifts stop at the width, and bits are put where they belong") {
  CHECK(of_32("shl.b32 %r9, %r2, 32;", {~0u}) == 0);
  CHECK(of_32("shr.s32 %r9, %r2, 99;", {0x80000000}) == ~0u);
  CHECK(of_32("shr.u32 %r9, %r2, 31;", {0x80000000}) == 1);
  CHECK(of_64("shr.s64 %d9, %d2, 60;", {uint64_t(1) << 63}) == uint64_t(-8));
  CHECK(of_64("bfi.b64 %d9, %d2, %d3, 8, 4;", {0x5, ~0ull}) == 0xfffffffffffff5ff);
  CHECK(of_64("clz.b64 %r2, %d2; cvt.u64.u32 %d9, %r2;", {1}) == 63);
  CHECK(of_64("mov.b64 {%r2, %r3}, %d2; mov.b64 %d9, {%r3, %r2};", {0x1234567800000001}) ==
        0x0000000112345678);
  CHECK(of_32("xor.b32 %r3, %r2, 15; and.b32 %r3, %r3, 12; not.b32 %r9, %r3;", {5}) == ~8u);
}

TEST_CASE("comparisons with NaN are false, and with u true") {
  for (const std::string how : {"eq", "ne", "lt", "le", "gt", "ge", "num"}) CHECK(compare(how, kNaN, 1) == 0);
  for (const std::string how : {"equ", "neu", "ltu", "leu", "gtu", "geu", "nan"})
    CHECK(compare(how, 1, kNaN) == 1);
  for (const std::string how : {"ne", "lt", "le", "neu", "ltu", "leu", "num"}) CHECK(compare(how, 1, 2) == 1);
  for (const std::string how : {"eq", "gt", "ge", "equ", "gtu", "geu", "nan"}) CHECK(compare(how, 1, 2) == 0);
  CHECK(of_32("mov.pred %p1, -1; not.pred %p2, %p1; @%p2 bra $end; mov.u32 %r9, 3; $end:", {}) == 3);
}

TEST_CASE("floats round once, and the smaller of a number and NaN is the number") {
  const double x = 1 + std::ldexp(1, -30);
  CHECK(of_double("fma.rn.f64 %g9, %g2, %g2, %g3;", {x, -x * x}) == std::fma(x, x, -x * x));
  CHECK(of_double("mul.f64 %g4, %g2, %g2; add.f64 %g9, %g4, %g3;", {x, -x * x}) == 0);
  CHECK(of_double("min.f64 %g9, %g2, %g3;", {kNaN, 2}) == 2);
  CHECK(std::signbit(of_double("min.f64 %g9, %g2, %g3;", {0.0, -0.0})));
  CHECK_FALSE(std::signbit(of_double("max.f64 %g9, %g2, %g3;", {-0.0, 0.0})));
  CHECK(of_double("copysign.f64 %g9, %g2, %g3;", {-1, 5}) == -5);
  CHECK(of_double("div.rn.f64 %g9, %g2, %g3;", {1, 3}) == 1.0 / 3);
  CHECK(of_float("sqrt.rn.f32 %f9, %f2;", {2}) == std::sqrt(2.0f));
  CHECK(of_float("fma.rm.f32 %f9, %f2, %f3, %f2;", {1, std::ldexp(1.0f, -30)}) == 1);
  CHECK(of_float("fma.rm.f32 %f9, %f2, %f3, %f4;", {1, -std::ldexp(1.0f, -30), 1}) ==
        1 - std::ldexp(1.0f, -24));
  CHECK(of_float("add.rz.f32 %f9, %f2, %f3;", {1, -std::ldexp(1.0f, -30)}) == 1 - std::ldexp(1.0f, -24));
  CHECK(of_float("add.rz.f32 %f9, %f2, %f3;", {-1, std::ldexp(1.0f, -30)}) == -1 + std::ldexp(1.0f, -24));
  CHECK(of_float("ex2.approx.ftz.f32 %f9, %f2;", {-140}) == 0);
  CHECK(of_float("ex2.approx.f32 %f9, %f2;", {-140}) == std::ldexp(1.0f, -140));
  CHECK(of_float("rcp.approx.ftz.f32 %f9, %f2;", {std::ldexp(1.0f, -140)}) == HUGE_VALF);
  // 20 bits behind the point, of either.
  CHECK(of_double("rcp.approx.ftz.f64 %g9, %g2;", {3 + 1e-9}) ==
        std::bit_cast<double>(std::bit_cast<uint64_t>(1.0 / 3) & ~0xffffffffull));
}

TEST_CASE("conversions round as they say, and stop at the ends of integers") {
  const auto to_int = [](const char* how, double x) {
    return int32_t(
        of_32(std::string("mov.f64 %g2, 0d") + hex(std::bit_cast<uint64_t>(x), 16) + "; " + how, {}));
  };
  const char* nearest = "cvt.rni.s32.f64 %r9, %g2;";
  CHECK(to_int(nearest, 2.5) == 2);
  CHECK(to_int(nearest, -3.5) == -4);
  CHECK(to_int(nearest, 1e10) == std::numeric_limits<int32_t>::max());
  CHECK(to_int(nearest, -1e10) == std::numeric_limits<int32_t>::min());
  CHECK(to_int(nearest, kNaN) == 0);
  CHECK(of_double("cvt.rzi.f64.f64 %g9, %g2;", {-2.9}) == -2);
  CHECK(of_double("cvt.rmi.f64.f64 %g9, %g2;", {-2.1}) == -3);
  CHECK(of_float("cvt.rn.f32.f64 %f9, 0d3ff0000010000000;", {}) == 1);  // a tie, to even
  for (const auto& [from, to] : {std::pair{0.25f, 0.25f}, {7.0f, 1.0f}, {-1.0f, 0.0f}, {float(kNaN), 0.0f}})
    CHECK(of_float("cvt.sat.f32.f32 %f9, %f2;", {from}) == to);
  CHECK(of_64("mov.u32 %r2, 0x80000000; cvt.s64.s32 %d9, %r2;", {}) == 0xffffffff80000000);
  CHECK(of_64("mov.u32 %r2, 0x80000000; cvt.u64.u32 %d9, %r2;", {}) == 0x80000000);
  const auto tf32 = [](uint32_t bits) {
    return of_32("mov.b32 %f2, %r2; cvt.rna.tf32.f32 %r9, %f2;", {bits}) & ~0x1fffu;
  };
  CHECK(tf32(0x3f801000) == 0x3f802000);  // a tie, away from zero
  const auto bf16 = [](uint32_t bits) {
    return of_32("mov.b32 %f2, %r2; cvt.rn.bf16.f32 %h2, %f2; cvt.u32.u16 %r9, %h2;", {bits});
  };
  CHECK(bf16(0x3f808000) == 0x3f80);  // ties, to even
  CHECK(bf16(0x3f818000) == 0x3f82);
}
