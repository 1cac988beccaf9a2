// The unrolled images of a convolution, gathered block by block: row (tap, channel), column (image, pixel of
// the result). No unrolled image is ever stored whole.
#pragma once
#include <odeon/graph.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace odeon::cpu {

// Where pixel p of the result reads under kernel element tap: at[tap * pixels + p], or -1 outside.
struct Taps {
  int64_t taps = 0, pixels = 0;
  std::vector<int32_t> at;
};

// The image pixel under a tap. x is [.., h, w], the kernel [.., kh, kw], the result [.., ho, wo].
Taps forward_taps(const odeon_node& node, const int64_t* x, const int64_t* kernel, const int64_t* result);
// Transposed: the gradient pixel whose window puts the tap on image pixel p.
Taps backward_taps(const odeon_node& node, const int64_t* g, const int64_t* kernel, const int64_t* result);

template <class T>
class Columns {
 public:
  Columns() = default;
  Columns(Taps taps, int64_t images, int64_t channels, int64_t plane);

  int64_t rows() const { return taps_.taps * channels_; }
  int64_t count() const { return images_ * taps_.pixels; }
  int64_t pixels() const { return taps_.pixels; }
  int64_t taps() const { return taps_.taps; }
  int64_t channels() const { return channels_; }

  // to[i * width + j] = element (row + i, column + j), i < rows, j < columns.
  void gather(const T* x, int64_t row, int64_t rows, int64_t column, int64_t columns, int64_t width,
              T* to) const {
    for (int64_t i = 0; i < rows;) {
      const int64_t tap = (row + i) / channels_, channel = (row + i) % channels_;
      const int64_t run = std::min(rows - i, channels_ - channel);
      int64_t image = column / taps_.pixels, p = column % taps_.pixels;
      for (int64_t j = 0; j < columns; ++image, p = 0) {
        const int64_t n = std::min(columns - j, taps_.pixels - p);
        for (int64_t c = 0; c < run; ++c)
          segment(x, (image * channels_ + channel + c) * plane_, tap, p, n, to + (i + c) * width + j);
        j += n;
      }
      i += run;
    }
  }

 private:
  using Mask = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

  // n pixels from p on, of the plane that begins at x[plane].
  void segment(const T* x, int64_t plane, int64_t tap, int64_t p, int64_t n, T* to) const {
    const int64_t first = plane + p + (shifted_ ? shift_[size_t(tap)] : 0);
    if (shifted_ && first >= 0 && first + n <= images_ * channels_ * plane_) {
      copy_inside(x + first, inside_.data() + tap * taps_.pixels + p, n, to);
      return;
    }
    const int32_t* at = taps_.at.data() + tap * taps_.pixels + p;
    for (int64_t j = 0; j < n; ++j) to[j] = at[j] < 0 ? T(0) : x[plane + at[j]];
  }

  // to = from where inside, else 0. Segments are short (a few rows of an image), so eight and four at a time.
  static void copy_inside(const T* from, const Mask* inside, int64_t n, T* to) {
    int64_t j = 0;
    for (; j + 8 <= n; j += 8) copy_block<8>(from + j, inside + j, to + j);
    for (; j + 4 <= n; j += 4) copy_block<4>(from + j, inside + j, to + j);
    for (; j < n; ++j) to[j] = inside[j] ? from[j] : T(0);
  }
  template <int N>
  static void copy_block(const T* from, const Mask* inside, T* to) {
    typedef Mask Bits __attribute__((vector_size(N * sizeof(T)), aligned(sizeof(T)), may_alias));
    *reinterpret_cast<Bits*>(to) =
        *reinterpret_cast<const Bits*>(from) & *reinterpret_cast<const Bits*>(inside);
  }

  Taps taps_;
  int64_t images_ = 0, channels_ = 0, plane_ = 0;
  // Stride 1 and a result as large as the image: a tap reads the whole plane at one distance.
  bool shifted_ = false;
  std::vector<int64_t> shift_;  // by tap
  std::vector<Mask> inside_;    // as Taps::at: all bits or none
};

extern template class Columns<float>;
extern template class Columns<double>;

}  // namespace odeon::cpu
