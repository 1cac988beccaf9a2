#include "solve/row_form.hpp"

#include <string>

namespace odeon::cuda {
namespace {

// All in cycles of a multiprocessor, for an evaluation of work w (elements and terms of sums), reckoned from
// the instructions of the field 2-50-2 (w = 304) in float32 and not measured on a device: one thread takes
// 1267, of which an alone one issues one in two or three cycles; a warp 340 and 110 for the state of its
// stage, and waits in turn for memory, sums and barriers. A thread takes its terms one after the other, some
// of which are functions of 20 to 40 instructions.
constexpr int64_t kThreadTerm = 10;
// The warps of a block share them, and besides wait for memory and for each other between the phases ...
constexpr int64_t kBlockWait = 800;
// ... in which time they issue so many instructions, and a third of one per term.
constexpr int64_t kBlockIssue = 450, kTermsPerIssue = 3;
// Schedulers of a device of 132 multiprocessors: so many warps issue at once.
constexpr int64_t kSchedulers = 132 * 4;

// Beyond, an evaluation takes one block more than the launches of the host's steps take all rows. Fixed steps
// are launched without waiting, and their products go by tiles of all rows.
constexpr int64_t kMostWork = 1 << 20, kMostFixedWork = 1 << 13;

}  // namespace

std::optional<RowForm> row_form_named(std::string_view name) {
  if (name == "thread") return RowForm::thread;
  if (name == "block") return RowForm::block;
  return std::nullopt;
}

// Where a thread alone is done before 32 of them are.
bool is_for_threads(int64_t work) { return work * kThreadTerm <= kBlockWait + work * kThreadTerm / 32; }

// Threads take as long whatever the number of rows, until they fill a device; of blocks, which take it sooner
// and with more instructions, that many rows are issued in that time.
RowForm row_form(int64_t work, int64_t rows) {
  if (is_for_threads(work)) return RowForm::thread;
  const int64_t alone = work * kThreadTerm, issued = kBlockIssue + work / kTermsPerIssue;
  return rows <= kSchedulers * alone / issued ? RowForm::block : RowForm::thread;
}

void require_block_work(int64_t work, bool fixed) {
  const int64_t most = fixed ? kMostFixedWork : kMostWork;
  if (work <= most) return;
  throw Error("an evaluation of the field is " + std::to_string(work) + " terms per row, more than " +
                  std::to_string(most) + ", too many for one block of threads",
              ODEON_E_UNSUPPORTED);
}

}  // namespace odeon::cuda
