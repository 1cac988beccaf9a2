// Runs a grid: a few of its blocks at the same time, and of their threads, chosen at random, each for a few
// instructions. No thread may rely on another having gone as far as itself.
#include <algorithm>
#include <numeric>
#include <utility>

#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

// Marsaglia, "Xorshift RNGs" (2003).
class Random {
 public:
  explicit Random(unsigned seed) : state_(0x9e3779b97f4a7c15u * (seed + 1)) {}
  uint64_t next() {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_;
  }
  uint64_t below(uint64_t end) { return (next() >> 33) % end; }

 private:
  uint64_t state_;
};

void begin(Grid& grid, Block& b, unsigned index, const void* parameters) {
  static uint32_t stamps = 0;
  b.grid = &grid;
  b.index = index;
  b.waiting = b.ended = b.epoch = 0;
  b.stamp = ++stamps;
  b.shared.resize(grid.module.shared_bytes);
  b.shared_shadow.cover(grid.module.shared_bytes);
  b.threads.resize(grid.settings.threads);
  b.warps.assign((b.threads.size() + kWarp - 1) / kWarp, {});
  int64_t bytes = 0;
  for (const Parameter& p : grid.kernel.parameters) bytes = std::max(bytes, p.offset + p.bytes);
  for (unsigned k = 0; k < b.threads.size(); ++k) {
    Thread& t = b.threads[k];
    t.block = &b;
    t.index = k;
    b.warps[k / kWarp].present |= 1u << t.lane();
    t.state = Thread::running;
    t.looks = 0;
    t.knows = {};
    t.frames.clear(), t.registers.clear(), t.parameters.clear(), t.locals.clear(), t.local_is_set.clear();
    enter(t, grid.kernel, nullptr);
    std::memcpy(t.parameter(0), parameters, size_t(bytes));
    grid.ready.push_back(&t);
  }
}

// Until it waits, ends, or has had its turn.
uint64_t run(Thread& t, uint64_t turn) {
  uint64_t k = 0;
  while (k < turn && t.state == Thread::running) {
    const Instruction& i = *t.next++;
    ++k;
    if (i.guard >= 0 && (t.x[i.guard] != 0) == i.negated) continue;
    i.run(t, i);
  }
  return k;
}

[[noreturn]] void nobody_goes_on(const Grid& grid) {
  for (const Block* b : grid.blocks)
    for (const Thread& t : b->threads)
      if (t.state == Thread::at_warp || t.state == Thread::at_block_barrier)
        fail(t, t.waits_at(), "waits for threads that wait themselves");
  throw Error("kernel " + grid.kernel.name + ": nobody goes on");
}

// Threads that do nothing but look at memory which nobody writes any more.
void look_for_spinning(Grid& grid) {
  constexpr uint64_t kMostLooks = 20000;
  if (std::exchange(grid.wrote, false)) {
    for (Thread* t : grid.ready) t->looks = 0;
    return;
  }
  for (const Thread* t : grid.ready)
    if (t->looks < kMostLooks) return;
  if (!grid.ready.empty())
    fail(*grid.ready[0], *grid.ready[0]->next, "looks for ever at memory that nobody writes");
}

void run_all(Grid& grid, const void* parameters) {
  Random random(grid.settings.seed);
  std::vector<unsigned> waiting(grid.settings.blocks);
  std::iota(waiting.begin(), waiting.end(), 0u);
  for (size_t k = waiting.size(); k > 1; --k) std::swap(waiting[k - 1], waiting[random.below(k)]);
  const auto begin_next = [&](Block& b) {
    begin(grid, b, waiting.back(), parameters);
    waiting.pop_back();
  };
  const size_t resident =
      grid.settings.together ? waiting.size() : std::min<size_t>(grid.settings.resident, waiting.size());
  static auto* pool = new std::vector<std::unique_ptr<Block>>;  // whose memory serves again
  while (pool->size() < resident) pool->push_back(std::make_unique<Block>());
  for (size_t k = 0; k < resident; ++k) begin_next(*grid.blocks.emplace_back((*pool)[k].get()));
  constexpr uint64_t kShortTurn = 32, kLongTurn = 1024, kLookEvery = 1 << 16;
  for (uint64_t turns = 1; !grid.ready.empty(); ++turns) {
    if (turns % kLookEvery == 0) look_for_spinning(grid);
    const size_t place = random.below(grid.ready.size());
    Thread& t = *grid.ready[place];
    grid.executed += run(t, 1 + random.below(random.below(16) == 0 ? kLongTurn : kShortTurn));
    if (t.state == Thread::running) continue;
    // Whoever it woke stands behind it.
    grid.ready[place] = grid.ready.back();
    grid.ready.pop_back();
    if (t.state != Thread::ended) continue;
    end(t);
    if (t.block->ended == t.block->threads.size() && !waiting.empty()) begin_next(*t.block);
  }
  for (const Block* b : grid.blocks)
    if (b->ended < b->threads.size()) nobody_goes_on(grid);
}

// A shadow for each piece, kept from launch to launch.
void cover(Grid& grid) {
  static auto* shadows = new std::map<const char*, Shadow>;
  for (const auto& g : grid.module.globals) grid.pieces.push_back({g->data(), g->size()});
  grid.pieces.insert(grid.pieces.end(), grid.settings.memory.begin(), grid.settings.memory.end());
  std::sort(grid.pieces.begin(), grid.pieces.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  for (Piece& p : grid.pieces) {
    p.shadow = &(*shadows)[p.begin];
    p.shadow->cover(p.bytes);
  }
}

}  // namespace

void fail(const Thread& t, const Instruction& i, const std::string& what) {
  const Grid& grid = *t.block->grid;
  throw Error("kernel " + grid.kernel.name + ", block " + std::to_string(t.block->index) + " thread " +
              std::to_string(t.index) + ", PTX " + grid.module.text.place(i.line) + ": " + what);
}

uint64_t launch(const Module& module, const std::string& kernel, const void* parameters,
                const Settings& settings) {
  static uint32_t stamps = 0;
  const auto found = module.functions.find(kernel);
  if (found == module.functions.end() || !found->second.entry)
    throw Error("PTX has no kernel '" + kernel + "'");
  if (settings.threads > found->second.most_threads)
    throw Error("kernel " + kernel + ": " + std::to_string(settings.threads) +
                " threads, more than .maxntid");
  Grid grid{module, found->second, settings, {}, {}, {}, {}, {}, ++stamps, 0, false};
  cover(grid);
  run_all(grid, parameters);
  return grid.executed;
}

}  // namespace odeon::ptx
