// Memory, calls and what threads do together, where nothing is wrong.
#include <numeric>

#include "ptx/kernel_case.hpp"

using namespace odeon::test;

namespace {

// %d1: the thread's own word of 4 bytes.
const std::string kOwn = "mul.wide.u32 %d2, %r0, 4; add.s64 %d1, %d0, %d2;\n";

}  // namespace

TEST_CASE("vectors, shared and local memory, and addresses of either kind") {
  const std::string text = kernel_text(R"(
    .shared .align 16 .b8 box[64];
    .local .align 16 .b8 depot[32];
    ld.global.v2.f64 {%g1, %g2}, [%d0];
    st.shared.v2.f64 [box+16], {%g2, %g1};
    mov.u64 %d1, box;
    cvta.shared.u64 %d2, %d1;
    ld.f64 %g3, [%d2+16];
    mov.u64 %d3, depot;
    st.local.f64 [%d3+8], %g3;
    cvta.local.u64 %d4, %d3;
    add.s64 %d5, %d4, 16;
    ld.f64 %g4, [%d5+-8];
    st.global.f64 [%d0], %g4;
    st.global.u8 [%d0+8], 7;
    ld.global.u8 %h1, [%d0+8];
    cvt.u32.u16 %r2, %h1;
    st.global.u32 [%d0+8], %r2;
    st.global.u32 [%d0+12], 0;)");
  const auto out = run_text<double>(text, {1.5, 2.5});
  CHECK(out[0] == 2.5);
  CHECK(std::bit_cast<uint64_t>(out[1]) == 7);
}

TEST_CASE("a function takes parameters and gives a result, also to itself") {
  const std::string sum = R"(
.func (.param .b64 result) sum_to(.param .b32 n_param)
{
.reg .pred %p<2>; .reg .b32 %r<3>; .reg .b64 %d<4>;
ld.param.u32 %r1, [n_param];
mov.u64 %d1, 0;
setp.eq.s32 %p1, %r1, 0;
@%p1 bra $done;
{
.param .b32 argument;
add.s32 %r2, %r1, -1;
st.param.b32 [argument], %r2;
.param .b64 found;
call.uni (found), sum_to, (argument);
ld.param.b64 %d2, [found];
}
cvt.u64.u32 %d3, %r1;
add.s64 %d1, %d2, %d3;
$done:
st.param.b64 [result], %d1;
ret;
}
)";
  const std::string text = kernel_text(
      "{ .param .b32 a; .param .b64 b; st.param.b32 [a], 10; call.uni (b), sum_to, (a); ld.param.b64 %d1, "
      "[b]; }\n"
      "st.global.u64 [%d0], %d1;",
      sum);
  CHECK(run_text<uint64_t>(text, {0})[0] == 55);
}

TEST_CASE("tables of a module are in device memory") {
  const std::string text =
      kernel_text("mov.u64 %d1, table; ld.global.nc.u32 %r2, [%d1+4]; st.global.u32 [%d0], %r2;",
                  ".global .align 4 .u32 table[3] = {5, 0xfffffff6, 7};");
  CHECK(run_text<uint32_t>(text, {0})[0] == 0xfffffff6);
}

// Lengths of Collatz's sequences: a loop that every thread leaves at another time.
TEST_CASE("threads of a warp go their own ways, and meet in a sum over the warp") {
  const std::string text = kernel_text(kOwn + R"(
    add.s32 %r2, %r0, 1;
    mov.u32 %r3, 0;
    $next:
    setp.eq.s32 %p1, %r2, 1;
    @%p1 bra $meet;
    add.s32 %r3, %r3, 1;
    and.b32 %r4, %r2, 1;
    setp.eq.s32 %p2, %r4, 0;
    @%p2 shr.u32 %r2, %r2, 1;
    @!%p2 mad.lo.s32 %r2, %r2, 3, 1;
    bra.uni $next;
    $meet:
    mov.u32 %r5, 16;
    $sum:
    shfl.sync.bfly.b32 %r6|%p3, %r3, %r5, 31, -1;
    add.s32 %r3, %r3, %r6;
    shr.u32 %r5, %r5, 1;
    setp.ne.s32 %p4, %r5, 0;
    @%p4 bra $sum;
    st.global.u32 [%d1], %r3;)");
  uint32_t expected = 0;
  for (uint32_t n = 1; n <= 32; ++n)
    for (uint32_t x = n; x != 1; x = x % 2 ? 3 * x + 1 : x / 2) ++expected;
  for (unsigned seed : {0u, 1u, 2u, 3u})
    CHECK(run_text(text, std::vector<uint32_t>(32), {1, 32, false, seed}) ==
          std::vector<uint32_t>(32, expected));
}

TEST_CASE("a barrier gives the block what its threads have written") {
  const std::string text = kernel_text(kOwn + R"(
    .shared .align 4 .b8 box[512];
    mul.lo.s32 %r2, %r0, 4;
    cvt.u64.u32 %d3, %r2;
    mov.u64 %d4, box;
    add.s64 %d4, %d4, %d3;
    st.shared.u32 [%d4], %r0;
    bar.sync 0;
    mov.u32 %r3, %ntid.x;
    add.s32 %r3, %r3, -1;
    sub.s32 %r4, %r3, %r0;
    mul.wide.u32 %d5, %r4, 4;
    mov.u64 %d6, box;
    add.s64 %d6, %d6, %d5;
    ld.shared.u32 %r5, [%d6];
    st.global.u32 [%d1], %r5;)");
  std::vector<uint32_t> expected(128);
  std::iota(expected.rbegin(), expected.rend(), 0u);
  CHECK(run_text(text, std::vector<uint32_t>(128), {1, 128}) == expected);
}

namespace {

// Each block adds its index + 1 to its own word, waits for all others, then block 0 adds them all up. The
// barrier is the one of generated source.
std::string grid_barrier(const std::string& fence_before, const std::string& fence_behind) {
  return kernel_text(R"(
    mul.wide.u32 %d2, %r1, 4;
    add.s64 %d1, %d0, %d2;
    setp.ne.s32 %p1, %r0, 3;
    @%p1 bra $barrier;
    add.s32 %r2, %r1, 1;
    st.global.u32 [%d1+16], %r2;
    $barrier:
    bar.sync 0;
    setp.ne.s32 %p1, %r0, 0;
    @%p1 bra $behind;)" +
                     fence_before +
                     R"(
    mov.u32 %r3, %nctaid.x;
    sub.s32 %r4, 0x80000001, %r3;
    setp.eq.s32 %p2, %r1, 0;
    selp.b32 %r5, %r4, 1, %p2;
    atom.global.add.u32 %r6, [%d0], %r5;
    $spin:
    ld.volatile.global.u32 %r7, [%d0];
    xor.b32 %r8, %r7, %r6;
    setp.gt.s32 %p3, %r8, -1;
    @%p3 bra $spin;)" +
                     fence_behind +
                     R"(
    $behind:
    bar.sync 0;
    setp.ne.s32 %p1, %r1, 0;
    setp.ne.s32 %p2, %r0, 40;
    or.pred %p1, %p1, %p2;
    @%p1 bra $end;
    ld.global.u32 %r9, [%d0+16];
    ld.global.u32 %r10, [%d0+20];
    ld.global.u32 %r11, [%d0+24];
    add.s32 %r9, %r9, %r10;
    add.s32 %r9, %r9, %r11;
    st.global.u32 [%d0+8], %r9;
    $end:)");
}
const std::vector<uint32_t> kGridMemory(8);

}  // namespace

TEST_CASE("blocks that run at once wait for each other, and fences give each what the others have written") {
  for (unsigned seed : {0u, 1u, 2u})
    CHECK(run_text(grid_barrier("membar.gl;", "membar.gl;"), kGridMemory, {3, 64, true, seed})[2] == 6);
  CHECK(has(said_of(grid_barrier("", "membar.gl;"), kGridMemory, {3, 64, true}),
            "a race: reads what is written"));
  CHECK(has(said_of(grid_barrier("membar.gl;", ""), kGridMemory, {3, 64, true}),
            "a race: reads what is written"));
}

TEST_CASE("blocks that wait for one that does not run are found") {
  CHECK(has(said_of(grid_barrier("membar.gl;", "membar.gl;"), kGridMemory, {3, 64, false}),
            "looks for ever at memory that nobody writes"));
}

TEST_CASE("products of matrices are those of the fragments' definition") {
  // a(i, k) = i + 2 k, b(k, j) = 3 k - j, whole numbers that TF32 holds; c = 1.
  std::string body;
  const auto number = [&](int i, int k, bool left, const std::string& to) {
    // group = %r2, in group = %r3
    const int by_group = left ? 1 : -1, by_in_group = left ? 2 : 3;
    body += "mul.lo.s32 %r4, %r3, " + std::to_string(by_in_group) + "; mad.lo.s32 %r4, %r2, " +
            std::to_string(by_group) + ", %r4; add.s32 %r4, %r4, " +
            std::to_string(left ? i + 2 * k : 3 * k) + "; cvt.rn.f32.s32 %f1, %r4; mov.b32 " + to +
            ", %f1;\n";
  };
  body += "shr.u32 %r2, %r0, 2; and.b32 %r3, %r0, 3;\n";
  number(0, 0, true, "%r10"), number(8, 0, true, "%r11"), number(0, 4, true, "%r12"),
      number(8, 4, true, "%r13");
  number(0, 0, false, "%r14"), number(0, 4, false, "%r15");
  for (const char* f : {"%f10", "%f11", "%f12", "%f13"})
    body += std::string("mov.f32 ") + f + ", 0f3f800000;\n";
  body += R"(
    mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f10,%f11,%f12,%f13}, {%r10,%r11,%r12,%r13}, {%r14,%r15},
      {%f10,%f11,%f12,%f13};
    shl.b32 %r5, %r2, 3;
    shl.b32 %r6, %r3, 1;
    add.s32 %r5, %r5, %r6;
    mul.wide.u32 %d1, %r5, 4;
    add.s64 %d1, %d0, %d1;
    st.global.v2.f32 [%d1], {%f10, %f11};
    st.global.v2.f32 [%d1+256], {%f12, %f13};)";
  const auto out = run_text(kernel_text(body), std::vector<float>(128), {1, 32});
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 8; ++j) {
      int expected = 1;
      for (int k = 0; k < 8; ++k) expected += (i + 2 * k) * (3 * k - j);
      CHECK(out[size_t(i * 8 + j)] == float(expected));
    }
}
