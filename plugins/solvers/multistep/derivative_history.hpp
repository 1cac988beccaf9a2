// The derivatives at the last times of a multistep method, and sums over them.
#pragma once
#include <odeon/sdk/step_solver.hpp>

#include "step_nodes.hpp"

namespace odeon {

// A ring of `most` derivatives and the place of the next one, which a step writes and `push` makes the
// newest.
class DerivativeHistory {
 public:
  DerivativeHistory() = default;
  DerivativeHistory(const StepProblem& problem, size_t most)
      : problem_(problem), f_(problem, most + 1), t_(most + 1), terms_(most + 1, problem.state(nullptr)) {}

  void clear() { at_ = {}; }
  // How many there are; after a push the oldest is there too until the next one is written.
  size_t known() const { return at_.known; }
  size_t usable() const { return std::min(at_.known, f_.size() - 1); }
  const odeon_tensor& operator[](size_t i) const { return f_[place(i)]; }  // 0 is the newest
  double time(size_t i) const { return t_[place(i)]; }
  bool begins_at(double t) const { return at_.known > 0 && time(0) == t; }
  const odeon_tensor& next() const { return f_[at_.next]; }
  void push(double t) {
    t_[at_.next] = t;
    at_.next = (at_.next + 1) % f_.size();
    at_.known = std::min(at_.known + 1, f_.size());
  }

  // The newest n times, seen from the newest in units of h.
  void set_nodes(StepNodes& nodes, size_t n, double h) const {
    nodes.clear();
    for (size_t i = 0; i < n; ++i) nodes.add((time(i) - time(0)) / h);
  }
  // to = base + scale * (sum_{i<n} w_i f_{i+first} + w_n f_{first-1}), the last term where w has n + 1
  // entries; entry -1 is the next one.
  void sum(const odeon_tensor& to, const odeon_tensor* base, double scale, std::span<const double> w,
           size_t n, size_t first = 0) {
    for (size_t i = 0; i < w.size(); ++i) terms_[i].data = f_[place(first + (i < n ? i : size_t(-1)))].data;
    problem_.lincomb(to, base, scale, w, {terms_.data(), w.size()});
  }

  void archive(Archive& archive) {
    archive.value(at_);
    for (size_t i = 0; i < at_.known; ++i) {
      archive.value(t_[place(i)]);
      archive.vector(f_[place(i)]);
    }
  }

 private:
  size_t place(size_t i) const { return (at_.next + f_.size() - 1 - i) % f_.size(); }

  struct Position {
    size_t next = 0, known = 0;
  };
  StepProblem problem_;
  StateVectors f_;
  std::vector<double> t_;
  std::vector<odeon_tensor> terms_;
  Position at_;
};

}  // namespace odeon
