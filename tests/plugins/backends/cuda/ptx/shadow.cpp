#include "ptx/shadow.hpp"

#include <algorithm>
#include <bit>

#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

constexpr unsigned kMostListed = 64;  // blocks of a grid whose reads of a cell are kept apart

bool is_strong(Use use) { return use == Use::strong_read || use == Use::strong_write; }
bool writes(Use use) { return use == Use::write || use == Use::strong_write; }

bool knows_block(const Thread& t, uint32_t block, uint32_t epoch) {
  if (block == t.block->index) return t.block->epoch > epoch;
  return block < t.knows.blocks.size() && t.knows.blocks[block] > epoch;
}
bool same_warp(const Thread& t, const Visit& v) {
  return v.block == t.block->index && v.thread / kWarp == t.index / kWarp;
}
bool is_own(const Thread& t, const Visit& v) { return v.block == t.block->index && v.thread == t.index; }

// v happened before what t does now.
bool is_before(const Thread& t, const Visit& v) {
  return is_own(t, v) || knows_block(t, v.block, v.epoch) ||
         (same_warp(t, v) && t.knows.warp[v.thread % kWarp] > v.clock);
}
bool are_lanes_before(const Thread& t, const Cell& c) {
  if (knows_block(t, c.read.block, c.read.epoch)) return true;
  if (!same_warp(t, c.read)) return false;
  for (unsigned lane = 0; lane < kWarp; ++lane)
    if ((c.lanes >> lane & 1) && lane != t.lane() && t.knows.warp[lane] <= c.read.clock) return false;
  return true;
}

std::string words(const Thread& t, const Visit& v) {
  return "block " + std::to_string(v.block) + " thread " + std::to_string(v.thread) + " at " +
         t.block->grid->module.text.place(v.line);
}

}  // namespace

// Cells of launches that are over are known by their stamps.
void Shadow::cover(uint64_t bytes) {
  if (cells_ && bytes <= bytes_) return;
  bytes_ = bytes, shift_ = 3;
  cells_.reset(static_cast<Cell*>(std::calloc((bytes >> shift_) + 1, sizeof(Cell))));
  lists_.clear(), free_.clear();
}

void Shadow::refine(unsigned shift) {
  const unsigned parts = 1u << (shift_ - shift);
  const uint64_t count = (bytes_ >> shift_) + 1;
  std::unique_ptr<Cell[], Free> finer(static_cast<Cell*>(std::calloc(count * parts, sizeof(Cell))));
  for (uint64_t i = 0; i < count; ++i) {
    if (cells_[i].stamp == 0) continue;
    for (unsigned part = 0; part < parts; ++part) {
      Cell& c = finer[i * parts + part] = cells_[i];
      if (part > 0 && c.readers == Readers::blocks && c.lanes != kUnlisted) {
        const std::vector<uint32_t> epochs = lists_[c.lanes];
        c.lanes = new_list();
        lists_[c.lanes] = epochs;
      }
    }
  }
  cells_ = std::move(finer);
  shift_ = shift;
}

uint32_t Shadow::new_list() {
  if (free_.empty()) {
    lists_.emplace_back();
    return uint32_t(lists_.size() - 1);
  }
  const uint32_t list = free_.back();
  free_.pop_back();
  return list;
}
void Shadow::forget_readers(Cell& c) {
  if (c.readers == Readers::blocks && c.lanes != kUnlisted) free_.push_back(c.lanes);
  c.readers = Readers::none;
  c.strong_reads = true;
}

bool Shadow::are_readers_before(const Thread& t, const Cell& c) const {
  switch (c.readers) {
    case Readers::none:
      return true;
    case Readers::one:
      return is_before(t, c.read);
    case Readers::lanes:
      return are_lanes_before(t, c);
    case Readers::warps:
      return knows_block(t, c.read.block, c.read.epoch);
    case Readers::blocks:
      break;
  }
  if (c.lanes == kUnlisted) return false;
  const std::vector<uint32_t>& epochs = lists_[c.lanes];
  for (uint32_t b = 0; b < epochs.size(); ++b)
    if (epochs[b] != 0 && !knows_block(t, b, epochs[b] - 1)) return false;
  return true;
}

// Readers that nothing orders are joined to those of a warp, of a block, of several blocks.
void Shadow::add_reader(const Thread& t, Cell& c, const Visit& v) {
  if (c.readers == Readers::one && is_own(t, c.read)) {
    c.read = v;
    return;
  }
  if (are_readers_before(t, c)) {
    forget_readers(c);
    c.readers = Readers::one, c.read = v;
    return;
  }
  if (c.readers == Readers::blocks) {
    if (c.lanes != kUnlisted) lists_[c.lanes][v.block] = v.epoch + 1;
    return;
  }
  if (c.read.block != v.block) {
    const Visit other = c.read;
    c.readers = Readers::blocks, c.lanes = kUnlisted;
    if (t.block->grid->settings.blocks > kMostListed) return;
    c.lanes = new_list();
    lists_[c.lanes].assign(t.block->grid->settings.blocks, 0);
    lists_[c.lanes][other.block] = other.epoch + 1;
    lists_[c.lanes][v.block] = v.epoch + 1;
    return;
  }
  if (c.readers == Readers::warps) return;
  if (!same_warp(t, c.read)) {
    c.readers = Readers::warps, c.read = v;
    return;
  }
  if (c.readers == Readers::one) c.readers = Readers::lanes, c.lanes = 1u << c.read.thread % kWarp;
  c.lanes |= 1u << t.lane();
  const uint32_t clock = std::max(c.read.clock, v.clock);
  c.read = v, c.read.clock = clock;
}

void Shadow::look(const Thread& t, const Instruction& i, const Cell& c, Use use, bool only_written) const {
  if (only_written && !c.is_written && !writes(use))
    fail(t, i, "reads shared memory that nobody has written");
  if (use == Use::non_coherent && c.is_written)
    fail(t, i, "reads by .nc what the same launch writes: " + words(t, c.write));
  if (c.non_coherent && writes(use))
    fail(t, i, "writes what the same launch reads by .nc: " + words(t, c.read));
  if (c.is_written && !(c.strong_write && is_strong(use)) && !is_before(t, c.write))
    fail(t, i,
         std::string("a race: ") + (writes(use) ? "writes" : "reads") +
             " what is written without an order by " + words(t, c.write));
  if (writes(use) && !(c.strong_reads && is_strong(use)) && !are_readers_before(t, c))
    fail(t, i, "a race: writes what is read without an order by " + words(t, c.read));
}

void Shadow::visit(const Thread& t, const Instruction& i, uint32_t stamp, uint64_t offset, unsigned bytes,
                   Use use, bool only_written) {
  const unsigned aligned = unsigned(std::countr_zero(offset | bytes));
  if (aligned < shift_) refine(aligned);
  const Visit now{t.block->index, t.block->epoch, t.knows.clock, i.line, uint16_t(t.index)};
  for (uint64_t k = offset >> shift_; k < (offset + bytes) >> shift_; ++k) {
    Cell& c = cells_[k];
    if (c.stamp != stamp) {
      forget_readers(c);
      c.stamp = stamp;
      c.is_written = c.non_coherent = false;
    }
    look(t, i, c, use, only_written);
    if (!writes(use)) {
      add_reader(t, c, now);
      c.strong_reads = c.strong_reads && is_strong(use);
      c.non_coherent = c.non_coherent || use == Use::non_coherent;
      continue;
    }
    if (use == Use::write) forget_readers(c);
    c.is_written = true, c.strong_write = use == Use::strong_write, c.write = now;
  }
}

// Everybody of the mask gets to know what each of them knows.
void meet(Thread* warp, uint32_t mask) {
  std::array<uint32_t, kWarp> known{};
  std::vector<uint32_t> blocks;
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    if (!(mask >> lane & 1)) continue;
    Knowledge& k = warp[lane].knows;
    for (unsigned other = 0; other < kWarp; ++other) known[other] = std::max(known[other], k.warp[other]);
    known[lane] = ++k.clock;
    if (!k.blocks.empty()) join(blocks, k.blocks);
  }
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    if (!(mask >> lane & 1)) continue;
    warp[lane].knows.warp = known;
    if (!blocks.empty()) warp[lane].knows.blocks = blocks;
  }
}

void join(std::vector<uint32_t>& into, const std::vector<uint32_t>& other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (size_t i = 0; i < other.size(); ++i) into[i] = std::max(into[i], other[i]);
}

}  // namespace odeon::ptx
