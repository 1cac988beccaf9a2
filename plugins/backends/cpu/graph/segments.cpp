#include "graph/segments.hpp"

#include <algorithm>
#include <odeon/sdk/graph_ops.hpp>

#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kFewRows = 32;  // nothing is won by cutting these

constexpr int64_t kMostSummed = 1 << 15;  // elements of a sum over rows, of which each share has its own

class RowSteps {
 public:
  explicit RowSteps(const Analysis& analysis) : a_(analysis) {}

  bool work_by_rows(const StepPlan& step) const {
    return adds_rows(step) ||
           std::all_of(step.values.begin(), step.values.end(), [&](int v) { return keeps_rows(v); });
  }
  bool adds_rows(const StepPlan& step) const {
    const Analysis::Value& v = a_.at(step.values[0]);
    if (step.is_group || has_rows(v.node) || v.count > kMostSummed || !reads_rows(v.node)) return false;
    if (v.node.op == ODEON_OP_MATMUL)
      return v.node.ints[0] != 0 && v.node.ints[1] == 0 && rows_in(v.node, 0) && rows_in(v.node, 1);
    if (v.node.op != ODEON_OP_SUM || !rows_in(v.node, 0)) return false;
    const auto sizes = merged_sum(a_.at(v.node.inputs[0]).shape, v.node.ints[0]);
    return sizes && (v.node.ints[0] & 1) != 0 && (*sizes)[3] == 1;
  }

 private:
  bool rows_in(const odeon_node& node, int k) const { return has_rows(a_.at(node.inputs[k]).node); }

  // Row r of the value is made of row r of its inputs that have rows.
  bool keeps_rows(int i) const {
    const odeon_node& node = a_.at(i).node;
    return has_rows(node) && op_keeps_rows(node) && reads_rows(node);
  }

  // Each input has its rows in the order of the batch, or none.
  bool reads_rows(const odeon_node& node) const {
    for (int32_t k = 0; k < node.n_inputs; ++k) {
      const int u = node.inputs[k], root = a_.at(u).root;
      if (has_rows(a_.at(u).node) != has_rows(a_.at(root).node) || a_.at(root).joined) return false;
      if (has_rows(a_.at(u).node) && !a_.is_whole(u)) return false;
      if (a_.is_folded(u) && !keeps_rows(root)) return false;
    }
    return true;
  }

  bool op_keeps_rows(const odeon_node& node) const {
    switch (node.op) {
      case ODEON_OP_BROADCAST:
        return true;
      case ODEON_OP_TRANSPOSE:
        return node.ints[0] == 0;
      case ODEON_OP_SLICE:
      case ODEON_OP_PAD:
        return node.ints[0] > 0;
      case ODEON_OP_CONCAT:
        return node.ints[0] > 0 && rows_in(node, 0) && rows_in(node, 1);
      case ODEON_OP_MATMUL:
        return node.ints[0] == 0 && rows_in(node, 0) && !rows_in(node, 1);
      case ODEON_OP_SUM:
        return (node.ints[0] & 1) == 0 && merged_sum(a_.at(node.inputs[0]).shape, node.ints[0]).has_value();
      case ODEON_OP_GROUP_NORM:
      case ODEON_OP_GROUP_NORM_GRAD:
        return true;
      default:
        return is_elementwise(node.op);
    }
  }

  const Analysis& a_;
};

// Steps as early as they can, changing between the two kinds as seldom as that allows.
std::vector<int> order_by_kind(const Analysis& analysis, const Schedule& schedule,
                               const std::vector<char>& by_rows) {
  const int n = static_cast<int>(schedule.steps.size());
  std::vector<std::vector<int>> needs(schedule.steps.size());
  for (int s = 0; s < n; ++s)
    for_each_read(analysis, schedule, s, [&](int value) {
      for_each_writer(analysis, schedule, analysis.at(value).root, [&](int writer) {
        if (writer != s) needs[size_t(s)].push_back(writer);
      });
    });
  std::vector<int> order;
  std::vector<char> done(schedule.steps.size(), 0);
  const auto next = [&](bool rows) {
    for (int s = 0; s < n; ++s) {
      const auto is_done = [&](int other) { return done[size_t(other)] != 0; };
      if (!done[size_t(s)] && (by_rows[size_t(s)] != 0) == rows &&
          std::all_of(needs[size_t(s)].begin(), needs[size_t(s)].end(), is_done))
        return s;
    }
    return -1;
  };
  for (bool rows = false; static_cast<int>(order.size()) < n;) {
    const int s = next(rows);
    if (s < 0) {
      rows = !rows;
      continue;
    }
    done[size_t(s)] = 1;
    order.push_back(s);
  }
  return order;
}

// Their unrolled images and gradients are large: nothing of them should live longer than it must.
bool has_images(const Analysis& a) {
  return std::any_of(a.values.begin(), a.values.end(), [](const Analysis::Value& v) {
    return v.needed && (v.node.op == ODEON_OP_CONV2D || v.node.op == ODEON_OP_CONV2D_INPUT_GRAD ||
                        v.node.op == ODEON_OP_CONV2D_WEIGHT_GRAD);
  });
}

}  // namespace

std::vector<Segment> make_segments(const Analysis& analysis, Schedule& schedule, int64_t batch) {
  const RowSteps rows(analysis);
  const auto kinds = [&] {
    std::vector<char> out;
    for (const StepPlan& step : schedule.steps) out.push_back(batch >= kFewRows && rows.work_by_rows(step));
    return out;
  };
  std::vector<char> by_rows = kinds();
  if (batch >= kFewRows && !has_images(analysis)) {
    schedule.reorder(order_by_kind(analysis, schedule, by_rows));
    by_rows = kinds();
  }
  std::vector<Segment> segments;
  const int n = static_cast<int>(by_rows.size());
  for (int s = 0; s < n;) {
    Segment segment{s, s + 1, by_rows[size_t(s)] != 0};
    // The sums of a segment are there behind it.
    const auto needs_sums = [&](int step) {
      bool does = false;
      for_each_read(analysis, schedule, step, [&](int value) {
        for_each_writer(analysis, schedule, analysis.at(value).root, [&](int writer) {
          does = does || (writer >= segment.first && rows.adds_rows(schedule.steps[size_t(writer)]));
        });
      });
      return does;
    };
    while (segment.by_rows && segment.last < n && by_rows[size_t(segment.last)] && !needs_sums(segment.last))
      ++segment.last;
    segment.by_rows = segment.last - segment.first > 1;
    s = segment.last;
    segments.push_back(segment);
  }
  return segments;
}

}  // namespace odeon::cpu
