#include "graph/rows.hpp"

namespace odeon::cpu {

template <class T>
Rows<T>::Rows(std::vector<std::unique_ptr<Step<T>>> steps, int64_t batch, int64_t rows_at_once,
              int64_t scratch)
    : steps_(std::move(steps)), batch_(batch), rows_at_once_(rows_at_once), scratch_(scratch) {
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  for (const auto& step : steps_) {
    shared_at_.push_back(shared_);
    shared_ += (step->shared_scratch() + kLine - 1) / kLine * kLine;
  }
}

template <class T>
int64_t Rows<T>::local_scratch() const {
  int64_t most = 0;
  for (const auto& step : steps_) most = std::max(most, step->local_scratch());
  return scratch_ + most;
}

template <class T>
int64_t Rows<T>::work() const {
  int64_t sum = 0;
  for (const auto& step : steps_) sum += step->work();
  return sum;
}

template <class T>
void Rows<T>::run(const Run<T>& run) {
  const auto of_step = [&](size_t i) {
    Run<T> one = run;
    one.shared += shared_at_[i];
    return one;
  };
  for (size_t i = 0; i < steps_.size(); ++i) steps_[i]->prepare(of_step(i));
  const int64_t blocks = (batch_ + rows_at_once_ - 1) / rows_at_once_;
  run.for_each(blocks, work() > kSerialWork, [&](int64_t block, T* local) {
    const int64_t first = block * rows_at_once_, last = std::min(batch_, first + rows_at_once_);
    for (size_t i = 0; i < steps_.size(); ++i) {
      Run<T> one = of_step(i);
      one.rows = local;
      one.first_row = first;
      steps_[i]->run_rows(one, first, last, local + scratch_);
    }
  });
}

template class Rows<float>;
template class Rows<double>;

}  // namespace odeon::cpu
