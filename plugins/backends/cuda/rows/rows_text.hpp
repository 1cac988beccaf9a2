// Rows on their own, a block of threads each: the phases of joint_text.hpp with ROWS, whose batch is a row. A
// block takes every gridDim-th row; what the phases write besides the results is memory of its own.
#pragma once

namespace odeon::cuda {

// In front of it stands OWN_SHARED: the bytes of a block's own memory, if it is shared memory, else 0.
constexpr const char* kOwnText = R"cpp(
  // The arguments of a launch point to `layout`, where only calls are; a block has the same pieces at the
  // same distances in memory of its own.
  struct own_args {
    char *layout, *blocks;    // blocks: that of all, unless it is shared memory
    int64 bytes, call_words;  // of a block; of its calls
  };
  ODEON_FUNCTION char* own_memory(const own_args& own) {
#if OWN_SHARED > 0
    ODEON_SHARED double memory[OWN_SHARED / 8];
    return (char*)memory;
#else
    return own.blocks + ODEON_GRID_BLOCK * own.bytes;
#endif
  }
  // p itself where it does not point to the layout.
  template <class P>
  ODEON_FUNCTION P own_pointer(const own_args& own, char* memory, P p) {
    const unsigned long long at = (unsigned long long)((const char*)p - own.layout);
    return at < (unsigned long long)own.bytes ? (P)(memory + at) : p;
  }
  // Arguments, all of them words, of which those that point to the layout point to memory then. A number is
  // no address of the device.
  template <class Args>
  ODEON_FUNCTION Args own_of(const own_args& own, char* memory, const Args& g) {
    Args o;
    for (int i = 0; i < (int)(sizeof(Args) / 8); ++i)
      ((char**)&o)[i] = own_pointer(own, memory, ((char* const*)&g)[i]);
    return o;
  }
  ODEON_FUNCTION void own_calls(const own_args& own, char* memory, const odeon_args* calls) {
    char* const* const from = (char* const*)calls;
    char** const to = (char**)own_pointer(own, memory, calls);
    ODEON_EACH_SHARE(i, own.call_words) to[i] = own_pointer(own, memory, from[i]);
  }
  template <class P>
  ODEON_FUNCTION P* behind(P* p, int64 elements) {
    return p ? p + elements : p;
  }
#define ODEON_EACH_ROW(row, n) for (int64 row = ODEON_GRID_BLOCK; row < (n); row += ODEON_GRID_BLOCKS)
)cpp";

// An accepted step onto the row's log, if there is one and it has room: a row's steps stand behind each
// other.
constexpr const char* kRowsKeep = R"cpp(
  ODEON_FUNCTION void joint_keep(const joint_args& g) {
    const joint_state& s = *g.s;
    const solve_args& a = *g.a;
    const int64 step = s.r.accepted;
    if (!s.ok || !a.log_states || step >= a.log_steps) return;
    if (a.log_times && ODEON_FIRST_THREAD) a.log_times[2 * step] = s.t, a.log_times[2 * step + 1] = s.h;
    if (step % a.log_every != 0) return;
    ODEON_EACH_ITEM(j, SIZE) a.log_states[step / a.log_every * SIZE + j] = g.y[j];
  }
)cpp";

constexpr const char* kRowsText = R"cpp(
  struct rows_args {
    solve_args a;  // of all rows
    joint_args g;
    own_args own;
  };
  // The arguments of a row: those of all with its place.
  ODEON_FUNCTION void aim_at_row(const solve_args& all, const joint_args& g, int64 row) {
    if (!ODEON_FIRST_THREAD) return;
    solve_args& a = *(solve_args*)g.a;
    const int64 at = row * SIZE;
    a.y0 = behind(all.y0, at);
    a.ys = behind(all.ys, at);
    a.y_last = behind(all.y_last, at);
    a.y_end = behind(all.y_end, at);
    a.results = all.results + row;
    a.log_times = behind(all.log_times, 2 * row * all.log_steps);
    if (all.log_states)
      a.log_states = all.log_states + at * ((all.log_steps + all.log_every - 1) / all.log_every);
    g.s->point = 0;
    g.s->last_point = all.n_grid - 1;
  }
  ODEON_WHOLE_KERNEL(odeon_rows, rows_args) {
    char* const memory = own_memory(g.own);
    const joint_args own = own_of(g.own, memory, g.g);
    own_calls(g.own, memory, g.g.calls);
    if (ODEON_FIRST_THREAD) *(solve_args*)own.a = g.a;
    ODEON_EACH_ROW(row, g.a.batch) {
      aim_at_row(g.a, own, row);
      ODEON_BARRIER(0);
      joint_solve(own);
      ODEON_BARRIER(0);
    }
  }
)cpp";

}  // namespace odeon::cuda
