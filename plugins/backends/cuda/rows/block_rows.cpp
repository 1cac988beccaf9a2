#include "rows/block_rows.hpp"

#include <algorithm>

#include "joint/joint_solve.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

constexpr int64_t kMostBlocks = 4096;            // many for a device, whose blocks end at different times
constexpr int64_t kOwnLimit = int64_t{1} << 28;  // bytes of all of them outside of shared memory

}  // namespace

int64_t row_block_count(int64_t rows, int64_t own_bytes) {
  const int64_t fit = shared_bytes(own_bytes) > 0 ? kMostBlocks : std::max<int64_t>(1, kOwnLimit / own_bytes);
  return std::min({rows, kMostBlocks, fit});
}

OwnMemory::OwnMemory(odeon_backend& backend, int64_t bytes)
    : bytes_(bytes),
      layout_room_(backend.memory),
      blocks_(backend.memory),
      layout_(layout_room_.of<char>(bytes)) {}

OwnArgs OwnMemory::args(int64_t blocks, int64_t call_words) {
  char* memory = shared_bytes(bytes_) > 0 ? nullptr : blocks_.of<char>(blocks * bytes_);
  return {layout_, memory, bytes_, call_words};
}

BlockRows::BlockRows(odeon_backend& backend, const odeon_solve_spec& spec, RowsSource source)
    : RowSolves(backend, source.at.elements, source.graph.theta_end),
      backend_(backend),
      stages_(spec.tableau->stages),
      fsal_(is_fsal(*spec.tableau)),
      dtype_(spec.dtype),
      source_(std::move(source)),
      run_(source_.graph, dtype_, 1),
      own_(backend, source_.bytes) {}

void BlockRows::launch(odeon_queue& queue, const SolveArgs& args, const odeon_tensor* theta) {
  if (!module_) module_ = backend_.modules.get(source_.text, {kRowsKernel});
  put_field(queue, theta);
  const int64_t blocks = row_block_count(args.batch, source_.bytes);
  const RowsArgs all{args, source_.at.at(own_.layout()),
                     own_.args(blocks, call_words(source_.graph, source_.calls))};
  module_->launch(0, static_cast<unsigned>(blocks), source_.threads, queue.stream, &all);
}

void BlockRows::put_field(odeon_queue& queue, const odeon_tensor* theta) {
  const void* data = theta ? theta->data : nullptr;
  if (bound_ && data == theta_) return;
  put_calls(queue, own_.layout() + source_.at.calls, source_.calls, source_.graph,
            most_pointers(source_.graph),
            [&](int i, const GraphRun::Launch& launch) { call_field(i, theta, launch); });
  theta_ = data;
  bound_ = true;
}

void BlockRows::call_field(int call, const odeon_tensor* theta, const GraphRun::Launch& launch) {
  const CallPlace place = place_of_call(call, stages_, fsal_);
  const OwnJoint& at = source_.at;
  const JointArgs g = at.at(own_.layout());
  const auto flat = [&](void* data) { return make_tensor(data, dtype_, {at.elements}); };
  const odeon_tensor none{};
  GraphCall field{theta ? *theta : none, g.call_times + place.k, {flat(g.state(place))}};
  field.put(flat(at.k_at(own_.layout(), place.k)));
  run_.run(field, own_.layout() + at.arena, launch);
}

}  // namespace odeon::cuda
