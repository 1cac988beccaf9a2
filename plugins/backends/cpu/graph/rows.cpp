#include "graph/rows.hpp"

namespace odeon::cpu {
namespace {

// Shares of the batch whose sums over rows are kept apart: so many that the sums of shares do not take long.
constexpr int64_t kMostShares = 32, kWorkPerShare = 2 * kSerialWork;

}  // namespace

template <class T>
Rows<T>::Rows(std::vector<std::unique_ptr<Step<T>>> steps, int64_t batch, int64_t rows_at_once,
              int64_t scratch)
    : steps_(std::move(steps)),
      batch_(batch),
      rows_at_once_(rows_at_once),
      scratch_(scratch),
      blocks_((batch + rows_at_once - 1) / rows_at_once),
      shares_(blocks_) {
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  const auto take = [&](int64_t count) {
    const int64_t at = shared_;
    shared_ += (count + kLine - 1) / kLine * kLine;
    return at;
  };
  for (const auto& step : steps_) work_ += step->work();
  const auto adds = [](const auto& step) { return step->partial() > 0; };
  if (std::any_of(steps_.begin(), steps_.end(), adds))
    shares_ = std::clamp<int64_t>(work_ / kWorkPerShare, 1, std::min(kMostShares, blocks_));
  for (const auto& step : steps_) {
    shared_at_.push_back(take(step->shared_scratch()));
    partial_at_.push_back(take(shares_ * step->partial()));
  }
}

template <class T>
int64_t Rows<T>::local_scratch() const {
  int64_t most = 0;
  for (const auto& step : steps_) most = std::max(most, step->local_scratch());
  return scratch_ + most;
}

template <class T>
void Rows<T>::run(const Run<T>& run) {
  const auto of_step = [&](size_t i, int64_t share) {
    Run<T> one = run;
    one.shared = run.shared + shared_at_[i];
    one.partial = run.shared + partial_at_[i] + share * steps_[i]->partial();
    return one;
  };
  for (size_t i = 0; i < steps_.size(); ++i) steps_[i]->prepare(of_step(i, 0));
  run.for_each(shares_, work_ > kSerialWork, [&](int64_t share, T* local) {
    const int64_t begin = blocks_ * share / shares_, end = blocks_ * (share + 1) / shares_;
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * rows_at_once_, last = std::min(batch_, first + rows_at_once_);
      for (size_t i = 0; i < steps_.size(); ++i) {
        Run<T> one = of_step(i, share);
        one.rows = local;
        one.first_row = first;
        one.begins = block == begin;
        steps_[i]->run_rows(one, first, last, local + scratch_);
      }
    }
  });
  for (size_t i = 0; i < steps_.size(); ++i) steps_[i]->finish(of_step(i, 0), shares_);
}

template class Rows<float>;
template class Rows<double>;

}  // namespace odeon::cpu
