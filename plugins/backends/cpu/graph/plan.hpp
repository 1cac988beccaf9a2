// A compiled graph: steps in order, one arena, and the outputs.
#pragma once
#include <odeon/ext/graph.h>

#include <memory>
#include <vector>

#include "graph/emit.hpp"

namespace odeon::cpu {

class PlanBase {
 public:
  virtual ~PlanBase() = default;
  virtual void run(const odeon_plan_args& args) = 0;
  virtual int64_t bytes() const = 0;
};

template <class T>
class Plan final : public PlanBase {
 public:
  Plan(odeon_backend& backend, const odeon_graph& graph, int64_t batch);
  void run(const odeon_plan_args& args) override;
  int64_t bytes() const override { return arena_size_ * static_cast<int64_t>(sizeof(T)); }

 private:
  struct Output {
    Place value;
    int64_t count;
    int base;       // >= 0: the steps write at this base, the caller's tensor where possible
    int64_t spill;  // arena region that stands in for the caller's tensor
  };
  struct Release {
    void operator()(T* memory) const;
  };

  void fill_constants(const Analysis& analysis, const Layout& layout, const FixedBlocks& fixed);
  void bind(const odeon_plan_args& args);
  void deliver(const odeon_plan_args& args);

  odeon_backend& backend_;
  std::vector<std::unique_ptr<Step<T>>> steps_;
  std::vector<T*> bases_;
  std::vector<Output> outputs_;
  std::vector<Place> times_;  // of TIME nodes
  int64_t batch_;
  int64_t theta_end_ = 0;  // elements of θ that are read
  int n_inputs_ = 0;
  int64_t shared_ = 0, local_ = 0, local_size_ = 0;  // scratch, in the arena
  int64_t arena_size_ = 0;
  std::unique_ptr<T[], Release> arena_;
};

}  // namespace odeon::cpu
