// What threads do together: PTX ISA, "shfl.sync", "bar.warp.sync", "bar.sync", "mma".
#include <bit>

#include "ptx/decoder.hpp"
#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

// "shfl.sync", mode bfly: lane ^ b, unless that lies beyond the segment that c gives.
void exchange(Thread* warp, const Instruction& i, uint32_t mask) {
  std::array<uint32_t, kWarp> sent{};
  for (unsigned lane = 0; lane < kWarp; ++lane)
    if (mask >> lane & 1) sent[lane] = warp[lane].get<uint32_t>(i.x[2]);
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    if (!(mask >> lane & 1)) continue;
    Thread& t = warp[lane];
    const uint32_t other = t.get<uint32_t>(i.x[3]) & 31, clamp = t.get<uint32_t>(i.x[4]);
    const uint32_t segment = clamp >> 8 & 31, most = (lane & segment) | (clamp & 31 & ~segment);
    uint32_t from = lane ^ other;
    const bool inside = from <= most;
    if (!inside) from = lane;
    if (!(mask >> from & 1))
      fail(t, i, "takes the value of lane " + std::to_string(from) + ", which is not in the mask");
    t.set(i.x[0], sent[from]);
    if (i.x[1] >= 0) t.set(i.x[1], uint64_t(inside));
  }
}
void shuffle(Thread& t, const Instruction& i) { arrive(t, t.get<uint32_t>(i.x[5]), exchange); }

bool decode_shuffle(Decoder& d) {
  d.expect("sync"), d.expect("bfly");
  if (d.type() != Type::b32) d.unknown_type();
  d.expect_operands(5);
  const Operand& to = d.operand(0);
  d.out.x[0] = d.destination(to.kind == Operand::pair ? to.parts[0] : to);
  d.out.x[1] = to.kind == Operand::pair ? d.destination(to.parts[1]) : -1;
  for (size_t k : {1, 2, 3, 4}) d.out.x[k + 1] = d.value(k, Type::b32);
  d.out.run = shuffle;
  return true;
}

bool decode_barrier(Decoder& d) {
  if (d.take("warp")) {
    d.expect("sync"), d.expect_operands(1);
    d.out.x[0] = d.value(0, Type::b32);
    d.out.run = [](Thread& t, const Instruction& i) {
      arrive(t, t.get<uint32_t>(i.x[0]), [](Thread*, const Instruction&, uint32_t) {});
    };
    return true;
  }
  d.expect("sync"), d.expect_operands(1);
  if (d.operand(0).kind != Operand::number || d.operand(0).bits != 0) d.fail("only barrier 0 is covered");
  d.out.run = [](Thread& t, const Instruction&) { arrive_at_block(t); };
  return true;
}

// Element k of row or column x of a factor's fragment: of the thread that holds it ("Matrix Fragments for
// mma.m16n8k8", .tf32, and "... mma.m16n8k16", .bf16). Of a TF32 number the lowest 13 bits do not count.
float of_tf32(uint32_t bits) { return std::bit_cast<float>(bits & ~0x1fffu); }
float of_bf16(uint32_t pair, int k) { return std::bit_cast<float>(k % 2 ? pair & 0xffff0000u : pair << 16); }

// Products and their sum are exact in double but for its own rounding, then rounded to f32 once: the
// hardware's rounding is not specified.
template <bool bf16>
void multiply(Thread* warp, const Instruction& i, uint32_t) {
  const std::vector<int32_t>& x = warp[0].frames.back().function->lists[size_t(i.target)];
  constexpr int kDepth = bf16 ? 16 : 8;
  float left[16][kDepth], right[kDepth][8], sum[kWarp][4];
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    const Thread& t = warp[lane];
    const int group = int(lane) / 4, in_group = int(lane) % 4;
    for (int q = 0; q < 4; ++q) {
      const auto bits = t.get<uint32_t>(x[size_t(4 + q)]);
      const int row = group + q % 2 * 8;
      if (bf16)
        for (int k : {0, 1}) left[row][in_group * 2 + q / 2 * 8 + k] = of_bf16(bits, k);
      else
        left[row][in_group + q / 2 * 4] = of_tf32(bits);
      sum[lane][q] = t.get<float>(x[size_t(10 + q)]);
    }
    for (int q = 0; q < 2; ++q) {
      const auto bits = t.get<uint32_t>(x[size_t(8 + q)]);
      if (bf16)
        for (int k : {0, 1}) right[in_group * 2 + q * 8 + k][group] = of_bf16(bits, k);
      else
        right[in_group + q * 4][group] = of_tf32(bits);
    }
  }
  for (unsigned lane = 0; lane < kWarp; ++lane)
    for (int q = 0; q < 4; ++q) {
      const int row = int(lane) / 4 + q / 2 * 8, column = int(lane) % 4 * 2 + q % 2;
      double total = double(sum[lane][q]);
      for (int k = 0; k < kDepth; ++k) total += double(left[row][k]) * double(right[k][column]);
      warp[lane].set(x[size_t(q)], float(total));
    }
}

bool decode_mma(Decoder& d) {
  const bool bf16 = d.opcode() == "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32";
  if (!bf16 && d.opcode() != "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32")
    d.fail("this product of matrices is not covered");
  d.take_all();
  d.expect_operands(4);
  std::vector<int32_t> all;
  for (size_t k = 0; k < 4; ++k) {
    const std::vector<Operand>& parts = d.operand(k).parts;
    if (parts.size() != (k == 2 ? 2 : 4)) d.fail("another number of registers");
    for (const Operand& o : parts) all.push_back(d.destination(o));
  }
  d.out.target = d.list(all);
  d.out.run = bf16 ? Step([](Thread& t, const Instruction&) { arrive(t, ~0u, multiply<true>); })
                   : Step([](Thread& t, const Instruction&) { arrive(t, ~0u, multiply<false>); });
  return true;
}

}  // namespace

bool decode_warp(Decoder& d) {
  if (d.base() == "shfl") return decode_shuffle(d);
  if (d.base() == "bar") return decode_barrier(d);
  if (d.base() == "mma") return decode_mma(d);
  return false;
}

}  // namespace odeon::ptx
