#include "graph/program.hpp"

namespace odeon::cpu {
namespace {
constexpr int64_t kBlocksPerChunk = 8;
}  // namespace

template <class T>
int Program<T>::loaded(const StridedView& view) {
  bool uniform = true;
  for (int i = 0; i < view.rank; ++i) uniform = uniform && view.stride[i] == 0;
  int64_t period = 1;
  for (int i = 1; i < view.rank; ++i) period *= view.size[i];
  const bool periodic = view.rank > 0 && view.stride[0] == 0 && period <= kBlock<T> / 2 &&
                        (block_ == kBlock<T> || block_ % period == 0);
  if (uniform || periodic) {
    if (!uniform) block_ -= block_ % period;
    same_.push_back({view, uniform ? 1 : period});
    return add({Kind::same, {}, static_cast<int>(same_.size()) - 1});
  }
  strided_.push_back({add_register(take_register()), view});
  return strided_.back().operand;
}

template <class T>
void Program<T>::load_block(const Run<T>& run, const StridedView& view, int64_t first, int64_t n, T* to) {
  const T* from = run.at(view.from);
  const int last = view.rank - 1;
  int64_t index[ODEON_MAX_RANK], rest = first, offset = 0;
  for (int i = last; i >= 0; --i) {
    index[i] = rest % view.size[i];
    rest /= view.size[i];
    offset += index[i] * view.stride[i];
  }
  const int64_t step = view.stride[last];
  while (n > 0) {
    const int64_t count = std::min(n, view.size[last] - index[last]);
    const T* source = from + offset;
    if (step == 1)
      for (int64_t i = 0; i < count; ++i) to[i] = source[i];
    else if (step == 0)
      for (int64_t i = 0; i < count; ++i) to[i] = *source;
    else
      for (int64_t i = 0; i < count; ++i) to[i] = source[i * step];
    to += count;
    n -= count;
    offset += count * step;
    index[last] += count;
    for (int i = last; i > 0 && index[i] == view.size[i]; --i) {
      offset += view.stride[i - 1] - view.size[i] * view.stride[i];
      index[i] = 0;
      ++index[i - 1];
    }
  }
}

template <class T>
void Program<T>::load_block(const Run<T>& run, const PiecewiseView& view, int64_t first, int64_t n, T* to) {
  int64_t row = first / view.length, at = first % view.length, done = 0, covered = 0;
  for (const auto& piece : view.pieces) covered += piece.end - piece.begin;
  if (covered < view.length) std::fill_n(to, n, T(0));
  while (done < n) {
    if (const int64_t rows = (n - done) / view.length; at == 0 && rows > 0) {
      load_rows(run, view, row, rows, to + done);
      row += rows;
      done += rows * view.length;
      continue;
    }
    const int64_t count = std::min(n - done, view.length - at);
    for (const auto& piece : view.pieces) {
      const int64_t begin = std::max(piece.begin, at), end = std::min(piece.end, at + count);
      const T* from = run.at(piece.from) + row * piece.row_stride - piece.begin;
      for (int64_t i = begin; i < end; ++i) to[done + i - at] = from[i];
    }
    done += count;
    ++row;
    at = 0;
  }
}

// Whole rows, piece by piece: rows are often short, such as the parts of a state.
template <class T>
void Program<T>::load_rows(const Run<T>& run, const PiecewiseView& view, int64_t row, int64_t rows, T* to) {
  constexpr int64_t kLong = 16;
  for (const auto& piece : view.pieces) {
    const T* from = run.at(piece.from) + row * piece.row_stride;
    const int64_t width = piece.end - piece.begin, length = view.length, stride = piece.row_stride;
    T* out = to + piece.begin;
    if (width >= kLong) {
      for (int64_t r = 0; r < rows; ++r) std::copy_n(from + r * stride, width, out + r * length);
    } else {
      for (int64_t i = 0; i < width; ++i)
        for (int64_t r = 0; r < rows; ++r) out[r * length + i] = from[r * stride + i];
    }
  }
}

template <class T>
void Program<T>::prepare(const Run<T>& run) {
  for (size_t k = 0; k < same_.size(); ++k) {
    const Same& same = same_[k];
    T* const to = run.shared + static_cast<int64_t>(k) * block();
    load_block(run, same.view, 0, std::min(same.period, block()), to);
    for (int64_t done = same.period; done < block(); done *= 2)
      std::copy_n(to, std::min(done, block() - done), to + done);
  }
}

// `first` is the beginning of a block, or of a row.
template <class T>
void Program<T>::run_blocks(const Run<T>& run, int64_t first, int64_t last, T* local) const {
  T** p = reinterpret_cast<T**>(local);
  T* registers = local + pointer_slots();
  const size_t n_operands = operands_.size();
  for (size_t k = 0; k < n_operands; ++k) {
    const Operand& o = operands_[k];
    p[k] = o.kind == Kind::reg    ? registers + o.index * block()
           : o.kind == Kind::same ? run.shared + o.index * block()
                                  : run.at(o.place);
    if (o.kind == Kind::dense) p[k] += first;
  }
  p[n_operands] = nullptr;
  const int none = static_cast<int>(n_operands);
  while (first < last) {
    const int64_t n = std::min(block(), last - first);
    for (const auto& l : strided_) load_block(run, l.view, first, n, p[l.operand]);
    for (const auto& l : piecewise_) load_block(run, l.view, first, n, p[l.operand]);
    for (const Instruction& i : instructions_)
      i.kernel(p[i.z], p[i.a < 0 ? none : i.a], p[i.b < 0 ? none : i.b], p[i.c < 0 ? none : i.c], n,
               i.attribute);
    first += n;
    for (size_t k = 0; k < n_operands && first < last; ++k)
      if (operands_[k].kind == Kind::dense) p[k] += n;
  }
}

template <class T>
void Program<T>::run(const Run<T>& run) {
  if (count_ == 0) return;
  prepare(run);
  const int64_t chunk = block_ * kBlocksPerChunk;
  if (count_ <= block_) return run_blocks(run, 0, count_, run.local);
  run.for_each((count_ + chunk - 1) / chunk, work() > kSerialWork, [&](int64_t i, T* local) {
    run_blocks(run, i * chunk, std::min(count_, (i + 1) * chunk), local);
  });
}

template <class T>
void Program<T>::run_rows(const Run<T>& run, int64_t first, int64_t last, T* local) {
  run_blocks(run, first * row_, last * row_, local);
}

template class Program<float>;
template class Program<double>;

}  // namespace odeon::cpu
