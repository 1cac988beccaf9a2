#include "ptx/memory.hpp"

#include <algorithm>
#include <cstdio>

namespace odeon::ptx {
namespace {

std::string hexadecimal(uint64_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

const Piece* find(const Grid& grid, const char* p, uint64_t bytes) {
  auto after = std::upper_bound(grid.pieces.begin(), grid.pieces.end(), p,
                                [](const char* a, const Piece& piece) { return a < piece.begin; });
  if (after == grid.pieces.begin()) return nullptr;
  --after;
  return p + bytes <= after->begin + after->bytes ? &*after : nullptr;
}

char* reach_global(Thread& t, const Instruction& i, uint64_t address, unsigned bytes, Use use) {
  Grid& grid = *t.block->grid;
  auto* const p = reinterpret_cast<char*>(address);
  const Piece*& last = grid.last_piece[i.line % grid.last_piece.size()];
  if (!last || p < last->begin || p + bytes > last->begin + last->bytes) last = find(grid, p, bytes);
  if (!last)
    fail(t, i,
         std::to_string(bytes) + " bytes at " + hexadecimal(address) + " are in no piece of device memory");
  last->shadow->visit(t, i, grid.stamp, uint64_t(p - last->begin), bytes, use, false);
  return p;
}

char* reach_shared(Thread& t, const Instruction& i, uint64_t address, unsigned bytes, Use use) {
  Block& b = *t.block;
  const auto& variables = b.grid->module.shared;
  auto after = std::upper_bound(variables.begin(), variables.end(), address,
                                [](uint64_t a, const SharedVariable& v) { return a < v.begin; });
  if (after == variables.begin() || address + bytes > after[-1].begin + after[-1].bytes)
    fail(
        t, i,
        std::to_string(bytes) + " bytes at " + hexadecimal(address) + " of shared memory are in no variable");
  b.shared_shadow.visit(t, i, b.stamp, address, bytes, use, true);
  return b.shared.data() + address;
}

char* reach_local(Thread& t, const Instruction& i, uint64_t address, unsigned bytes, Use use) {
  const uint64_t begin = t.frames.front().locals;
  if (address < begin || address + bytes > t.locals.size())
    fail(t, i, std::to_string(bytes) + " bytes at " + hexadecimal(address) + " are outside of local memory");
  if (use == Use::write || use == Use::strong_write)
    std::fill_n(t.local_is_set.begin() + int64_t(address), bytes, 1);
  else if (std::count(t.local_is_set.begin() + int64_t(address),
                      t.local_is_set.begin() + int64_t(address + bytes), 0))
    fail(t, i, "reads local memory that the thread has not written");
  return t.locals.data() + address;
}

char* reach_parameter(Thread& t, const Instruction& i, uint64_t address, unsigned bytes) {
  if (address + bytes > uint64_t(t.frames.back().function->parameter_bytes))
    fail(t, i,
         std::to_string(bytes) + " bytes at " + std::to_string(address) + " are outside of the parameters");
  return t.parameter(address);
}

}  // namespace

char* reach(Thread& t, const Instruction& i, Use use) {
  const unsigned bytes = i.access.bytes * i.access.count;
  uint64_t address = t.get<uint64_t>(i.x[4]) + uint64_t(i.offset);
  Space space = i.access.space;
  if (address % bytes != 0)
    fail(t, i, hexadecimal(address) + " is not a multiple of " + std::to_string(bytes));
  if (space == Space::generic) {
    space = address & kSharedWindow ? Space::shared : address & kLocalWindow ? Space::local : Space::global;
    address &= ~(kSharedWindow | kLocalWindow);
  }
  if (space == Space::global) return reach_global(t, i, address, bytes, use);
  if (space == Space::shared) return reach_shared(t, i, address, bytes, use);
  if (space == Space::local) return reach_local(t, i, address, bytes, use);
  return reach_parameter(t, i, address, bytes);
}

void publish(Thread& t, const char* place, bool adds) {
  auto& published = t.block->grid->published;
  const auto address = reinterpret_cast<uint64_t>(place);
  if (t.knows.at_fence.empty()) {
    if (!adds) published.erase(address);
    return;
  }
  if (!adds) published[address].clear();
  join(published[address], t.knows.at_fence);
}
void hear(Thread& t, const char* place) {
  const auto& published = t.block->grid->published;
  if (const auto found = published.find(reinterpret_cast<uint64_t>(place)); found != published.end())
    join(t.knows.heard, found->second);
}
void fence(Thread& t) {
  Knowledge& k = t.knows;
  join(k.blocks, k.heard);
  std::vector<uint32_t> own(t.block->index + 1);
  own[t.block->index] = t.block->epoch;
  join(k.blocks, own);
  k.at_fence = k.blocks;
}

}  // namespace odeon::ptx
