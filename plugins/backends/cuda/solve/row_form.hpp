// Who takes a row that steps on its own: a thread, or a block of threads together.
#pragma once
#include <memory>
#include <odeon/sdk/error.hpp>
#include <optional>
#include <string_view>

namespace odeon::cuda {

enum class RowForm {
  thread,  // solve/: the field is straight-line code of one thread
  block,   // rows/: the phases of a joint solve whose batch is the row
};
// "thread" or "block"; else none.
std::optional<RowForm> row_form_named(std::string_view name);

// work: of an evaluation of the field for one row (field_work). By sizes alone.
RowForm row_form(int64_t work, int64_t rows);
// A block's share of the work of others' is not worth its own launch: threads are never too many.
bool is_for_threads(int64_t work);
// Throws ODEON_E_UNSUPPORTED where a row is so much work that the host's steps of the whole batch are faster.
void require_block_work(int64_t work, bool fixed);

// The ways of one problem, of which each run takes one; Way: a base of both.
template <class Way>
struct RowWays {
  std::unique_ptr<Way> thread, block;  // one of them at least
  int64_t work;

  Way& of(int64_t rows) const {
    if (thread && block) return row_form(work, rows) == RowForm::block ? *block : *thread;
    return thread ? *thread : *block;
  }
};
// make_thread, make_block: throw ODEON_E_UNSUPPORTED where there is no such way.
template <class Way, class MakeThread, class MakeBlock>
RowWays<Way> make_ways(std::optional<RowForm> wanted, int64_t work, const MakeThread& make_thread,
                       const MakeBlock& make_block) {
  RowWays<Way> out{nullptr, nullptr, work};
  const auto attempt = [](std::unique_ptr<Way>& way, const auto& make, bool may_fail) {
    try {
      way = make();
    } catch (const Error& e) {
      if (!may_fail || e.status() != ODEON_E_UNSUPPORTED) throw;
    }
  };
  if (wanted != RowForm::block) attempt(out.thread, make_thread, !wanted);
  if (wanted == RowForm::thread || (!wanted && out.thread && is_for_threads(work))) return out;
  attempt(out.block, make_block, out.thread != nullptr);
  return out;
}

}  // namespace odeon::cuda
