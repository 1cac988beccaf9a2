// One kernel of each kind of mistake, and the same one without it: what is found, and that nothing else is.
#include "ptx/kernel_case.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

const std::vector<uint32_t> kWords(256);

// %d1: the thread's own word of `out`; %d3: of shared memory; %d4: that of the thread to the right, by turns.
const std::string kPlaces = R"(
    .shared .align 4 .b8 box[1024];
    mov.u32 %r2, %ntid.x;
    mul.wide.u32 %d2, %r0, 4;
    add.s64 %d1, %d0, %d2;
    mov.u64 %d3, box;
    add.s64 %d3, %d3, %d2;
    add.s32 %r3, %r0, 1;
    rem.u32 %r3, %r3, %r2;
    mul.wide.u32 %d5, %r3, 4;
    mov.u64 %d4, box;
    add.s64 %d4, %d4, %d5;
)";
std::string said(const std::string& body, Shape shape = {1, 64}) {
  return said_of(kernel_text(kPlaces + body), kWords, shape);
}

}  // namespace

TEST_CASE("a race in shared memory between warps, which a barrier of the block ends") {
  const auto text = [](const std::string& between) {
    return "st.shared.u32 [%d3], %r0;\n" + between + "ld.shared.u32 %r4, [%d4];\nst.global.u32 [%d1], %r4;";
  };
  CHECK(said(text("bar.sync 0;")) == "");
  const std::string found = said(text(""));
  CHECK((has(found, "a race:") || has(found, "nobody has written")));
  // Both are named, whichever comes first.
  const std::string again = said("st.shared.u32 [%d3], 0;\nbar.sync 0;\n" + text(""));
  CHECK(has(again, "kernel k, block 0 thread "));
  CHECK(has(again, "a race:"));
  CHECK(has(again, "`ld.shared.u32 %r4, [%d4];`"));
  CHECK(has(again, "`st.shared.u32 [%d3], %r0;"));
}

TEST_CASE("a race in a warp, which a barrier of the warp or a shuffle ends") {
  const auto text = [](const std::string& between) {
    return "st.shared.u32 [%d3], 0;\nbar.sync 0;\nst.shared.u32 [%d3], %r0;\n" + between +
           "ld.shared.u32 %r4, [%d4];\nst.global.u32 [%d1], %r4;";
  };
  CHECK(has(said(text(""), {1, 32}), "a race:"));
  CHECK(said(text("bar.warp.sync -1;"), {1, 32}) == "");
  CHECK(said(text("shfl.sync.bfly.b32 %r5|%p1, %r0, 1, 31, -1;"), {1, 32}) == "");
  CHECK(
      has(said(text("bar.warp.sync -1;"), {1, 64}), "a race:"));  // thread 31 reads what the next warp writes
}

TEST_CASE("a barrier of some threads of a warp orders those alone") {
  const std::string text = R"(
    st.shared.u32 [%d3], 0;
    bar.sync 0;
    st.shared.u32 [%d3], %r0;
    setp.ge.u32 %p1, %r0, 4;
    @%p1 bra $end;
    bar.warp.sync 15;
    setp.ge.u32 %p1, %r0, %r9;
    @%p1 bra $end;
    ld.shared.u32 %r4, [%d4];
    $end:)";
  CHECK(said("mov.u32 %r9, 3;" + text, {1, 32}) == "");
  CHECK(has(said("mov.u32 %r9, 4;" + text, {1, 32}), "a race:"));
}

TEST_CASE("a race in global memory between blocks, of two writes or a read and a write") {
  CHECK(said("st.global.u32 [%d1], %r0;", {1, 64}) == "");
  CHECK(has(said("st.global.u32 [%d1], %r0;", {2, 64}),
            "a race: writes what is written without an order by block"));
  CHECK(has(
      said("setp.eq.s32 %p1, %r1, 0; @%p1 bra $end; st.global.u32 [%d0], 1; $end: ld.global.u32 %r4, [%d0];",
           {2, 32}),
      "a race:"));
  CHECK(said("ld.global.u32 %r4, [%d0];", {3, 64}) == "");
  // Strong accesses may meet, plain ones may not meet them.
  CHECK(said("atom.global.add.u32 %r4, [%d0], 1; ld.volatile.global.u32 %r5, [%d0];", {3, 64}) == "");
  CHECK(has(said("atom.global.add.u32 %r4, [%d0], 1; ld.global.u32 %r5, [%d0];", {3, 64}), "a race:"));
  // Neighbouring bytes are no race.
  CHECK(said("cvt.u64.u32 %d5, %r0; add.s64 %d5, %d5, %d0; st.global.u8 [%d5], 1;", {1, 64}) == "");
}

TEST_CASE("many readers are all before a write, or it is a race") {
  const std::string reads = "ld.global.u32 %r4, [%d0];\n",
                    writes = "setp.ne.s32 %p1, %r0, 37; @%p1 bra $end; st.global.u32 [%d0], 1; $end:";
  CHECK(said(reads + "bar.sync 0;" + writes) == "");
  CHECK(has(said(reads + writes), "a race:"));
  CHECK(has(said(reads + "bar.sync 0;" + writes, {2, 64}), "a race:"));
  CHECK(said(reads + "bar.warp.sync -1;" +
                 "setp.ne.s32 %p1, %r0, 7; @%p1 bra $end; st.global.u32 [%d0], 1; $end:",
             {1, 32}) == "");
}

TEST_CASE("what lies outside of memory, or is not aligned, is not touched") {
  CHECK(has(said("ld.global.u32 %r4, [%d0+1024];"), "4 bytes at 0x"));
  CHECK(has(said("ld.global.u32 %r4, [%d0+1024];"), "in no piece of device memory"));
  CHECK(has(said("st.global.u8 [%d0+-1], 1;"), "in no piece of device memory"));
  CHECK(has(said("ld.global.u64 %d6, [%d0+1020];"), "is not a multiple of 8"));
  CHECK(has(said("ld.global.v2.u32 {%r4, %r5}, [%d0+4];"), "is not a multiple of 8"));
  CHECK(has(said("mov.u64 %d6, box; ld.shared.u32 %r4, [%d6+1024];"), "of shared memory are in no variable"));
  CHECK(has(said("mov.u64 %d6, box; ld.shared.u32 %r4, [%d6+2];"), "is not a multiple of 4"));
  CHECK(has(said(".local .align 8 .b8 depot[8]; mov.u64 %d6, depot; st.local.u32 [%d6+8], 1;"),
            "outside of local memory"));
  CHECK(has(said("mov.u64 %d6, box; cvta.shared.u64 %d6, %d6; st.global.u32 [%d6], 1;"), "in no piece"));
  CHECK(has(said("ld.param.u32 %r4, [k_out+8];"), "outside of the parameters"));
}

TEST_CASE("shared and local memory is read after it was written") {
  CHECK(has(said("ld.shared.u32 %r4, [%d3];"), "reads shared memory that nobody has written"));
  CHECK(said("st.shared.u32 [%d3], 1; ld.shared.u32 %r4, [%d3];") == "");
  CHECK(has(said("st.shared.u8 [%d3], 1; ld.shared.u32 %r4, [%d3];"),
            "reads shared memory that nobody has written"));
  const std::string local = ".local .align 8 .b8 depot[8]; mov.u64 %d6, depot;";
  CHECK(has(said(local + "ld.local.u32 %r4, [%d6];"), "reads local memory that the thread has not written"));
  CHECK(said(local + "st.local.u32 [%d6], 1; ld.local.u32 %r4, [%d6];") == "");
  // A block finds nothing of the one before it.
  CHECK(has(said("setp.ne.s32 %p1, %r1, 0; @!%p1 st.shared.u32 [%d3], 1; ld.shared.u32 %r4, [%d3];", {9, 32}),
            "reads shared memory"));
}

TEST_CASE("barriers that not all threads take, or not the same one") {
  CHECK(has(said("setp.eq.s32 %p1, %r0, 5; @%p1 ret; bar.sync 0;"), "without the threads that have ended"));
  CHECK(
      has(said("setp.lt.u32 %p1, %r0, 32; @%p1 bra $one; bar.sync 0; bra.uni $end; $one:\nbar.sync 0; $end:"),
          "a barrier of the block that thread"));
  CHECK(has(said("setp.eq.s32 %p1, %r0, 5; @%p1 bra $end; bar.warp.sync -1; $end:", {1, 32}),
            "waits for lane 5, which has ended"));
  CHECK(has(said("setp.eq.s32 %p1, %r0, 5; @%p1 bra $other; bar.warp.sync -1; bra.uni $end; $other:\n"
                 "bar.warp.sync -1; $end:",
                 {1, 32}),
            "which waits with mask 0xffffffff at"));
  CHECK(has(said("bar.warp.sync 0xfffffffe;", {1, 32}), "leaves out the thread itself"));
  CHECK(has(said("setp.eq.s32 %p1, %r0, 5; @%p1 bra $other; bar.warp.sync -1; bra.uni $end; $other:\n"
                 "bar.sync 0; $end:",
                 {1, 32}),
            "waits for threads that wait themselves"));
  CHECK(has(said("shfl.sync.bfly.b32 %r5|%p1, %r0, 16, 31, 0xffff;", {1, 16}), "which is not in the mask"));
}

TEST_CASE("the non-coherent cache is not for what the launch writes") {
  CHECK(said("ld.global.nc.u32 %r4, [%d0];") == "");
  CHECK(has(said("st.global.u32 [%d1], 1; bar.sync 0; ld.global.nc.u32 %r4, [%d1];"),
            "reads by .nc what the same launch writes"));
  CHECK(has(said("ld.global.nc.u32 %r4, [%d1]; bar.sync 0; st.global.u32 [%d1], 1;"),
            "writes what the same launch reads by .nc"));
}

TEST_CASE("arithmetic without a result, and calls and functions without an end") {
  CHECK(has(said("mov.u32 %r4, 0; div.u32 %r5, %r0, %r4;"), "divides by zero"));
  CHECK(has(said_of(kernel_text("call f;", ".func f() { call f; ret; }"), kWords, {}),
            "calls that do not end"));
  CHECK(has(said_of(kernel_text("call f;", ".func f() { .reg .b32 %r<2>; mov.u32 %r1, 0; }"), kWords, {}),
            "runs beyond the function's end"));
}

TEST_CASE("what is not known is refused with its line, before anything runs") {
  const auto refused = [](const std::string& body) {
    try {
      ptx::parse(kernel_text(body));
    } catch (const ptx::Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(refused("add.s32 %r4, %r4, 1;") == "");
  CHECK(refused("popc.b32 %r4, %r5;") ==
        "PTX line 17 `popc.b32 %r4, %r5;`: the instruction 'popc' is not covered, in k");
  for (const auto& [body, words] : std::vector<std::pair<std::string, std::string>>{
           {"add.sat.s32 %r4, %r4, 1;", "a type was expected"},
           {"add.ftz.f32 %f1, %f1, %f1;", "a type was expected"},
           {"fma.rz.f64 %g1, %g1, %g1, %g1;", "only the form with .rn is covered"},
           {"cvt.rz.f32.f64 %f1, %g1;", "this conversion is not covered"},
           {"ld.global.cg.u32 %r4, [%d0];", "a type was expected"},
           {"ld.acquire.gpu.u32 %r4, [%d0];", "a type was expected"},
           {"atom.global.max.u32 %r4, [%d0], 1;", "only the form with .add is covered"},
           {"shfl.sync.down.b32 %r4, %r4, 1, 31, -1;", "only the form with .bfly is covered"},
           {"bar.sync 1;", "only barrier 0 is covered"},
           {"membar.cta;", "only the form with .gl is covered"},
           {"setp.lo.u32 %p1, %r1, %r2;", "the comparison is not covered"},
           {"mov.u32 %r4, %laneid;", "no register or variable '%laneid'"},
           {"mov.u32 %r4, %r200;", "no register or variable '%r200'"},
           {"add.f64 %g1, %g1, 0f3f800000;", "a number of another type"},
           {"add.s32 %r4, %r4;", "3 operands were expected"},
           {"bra $nowhere;", "no label '$nowhere'"},
           {"call nobody;", "no function 'nobody'"},
           {".reg .b128 %q<3>;", "the type '.b128' is not known"},
           {".pragma \"other\";", "the pragma is not known"}}) {
    CAPTURE(body);
    const std::string found = refused(body);
    CHECK(has(found, words));
    CHECK(has(found, "PTX line 17 `"));
  }
}
