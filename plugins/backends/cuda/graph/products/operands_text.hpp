// How a product in tiles finds the numbers (x, k) of an operand: x is the row of the left one or the column
// of the right one. Part of a source that has products; GPU only.
#pragma once

namespace odeon::cuda {

// pos is declared in front: int where every position of an operand fits, else int64.
constexpr const char* kOperandsText = R"cpp(
  // What one instruction loads or stores at most, 16 bytes.
  constexpr int kVector = 16 / (int)sizeof(T);
  struct alignas(16) odeon_vector {
    T v[kVector];
  };
  // Positions are not negative: dividing them by constants as unsigned ones is a multiplication.
  template <long long divisor>
  ODEON_FUNCTION pos over(pos x) {
    return (pos)((unsigned_pos)x / (unsigned_pos)divisor);
  }
  template <long long divisor>
  ODEON_FUNCTION pos left_by(pos x) {
    return (pos)((unsigned_pos)x % (unsigned_pos)divisor);
  }

  // Elements that lie side by side along k or along x, at address(x, k). wide: 16 bytes at a time; runs are
  // multiples of those, the memory may still not begin at one.
  template <bool along_k, bool wide, class Address>
  struct odeon_runs {
    static constexpr bool kAlongK = along_k;
    static constexpr int kLoad = wide ? kVector : 1;
    Address address;
    bool aligned;
    ODEON_FUNCTION_OF void load(pos x, pos end_x, pos k, pos end_k, T (&out)[kLoad]) const {
      const T* from = address(x, k);
      const pos left = along_k ? end_k - k : end_x - x;
      const bool inside = x < end_x && k < end_k;
      if (wide && aligned && inside && left >= kLoad) {
        const odeon_vector read = *(const odeon_vector*)from;
#pragma unroll
        for (int v = 0; v < kLoad; ++v) out[v] = read.v[v];
        return;
      }
#pragma unroll
      for (int v = 0; v < kLoad; ++v) out[v] = inside && v < left ? from[v] : T(0);
    }
  };
  template <bool along_k, bool wide, class Address>
  ODEON_FUNCTION odeon_runs<along_k, wide, Address> runs(const Address& address) {
    return {address, ((unsigned long long)address(0, 0) & 15) == 0};
  }

  // A dense matrix, (x, k) at x * stride + k or, with k outside, at k * stride + x.
  template <bool along_k>
  struct odeon_matrix {
    const T* p;
    pos stride;
    ODEON_FUNCTION_OF const T* operator()(pos x, pos k) const {
      return p + (along_k ? x * stride + k : k * stride + x);
    }
  };

  // Elements one at a time, by a function of x and k.
  template <bool along_k, class Element>
  struct odeon_each {
    static constexpr bool kAlongK = along_k;
    static constexpr int kLoad = 1;
    Element element;
    ODEON_FUNCTION_OF void load(pos x, pos end_x, pos k, pos end_k, T (&out)[1]) const {
      out[0] = x < end_x && k < end_k ? element(x, k) : T(0);
    }
  };
  template <bool along_k, class Element>
  ODEON_FUNCTION odeon_each<along_k, Element> each(const Element& element) {
    return {element};
  }
)cpp";

// Convolutions as products without a buffer of patches: its elements are where these functions say.
constexpr const char* kConvolutionsText = R"cpp(
  // x [N, CI, H, W], w [CO, CI, KH, KW] -> z [N, CO, HO, WO]. A pixel is a position (image, row, column) of
  // z, or of x for the gradient of x; a tap is a position (ci, i, j) or (co, i, j) of w.
  template <pos CI, pos H, pos W, pos CO, pos KH, pos KW, pos HO, pos WO, pos SH, pos SW, pos PH, pos PW>
  struct odeon_convolution {
    // x under a tap of the filter that makes a pixel of z; zero in the padding.
    struct patches {
      const T* x;
      ODEON_FUNCTION_OF T operator()(pos pixel, pos tap) const {
        const pos image = over<HO * WO>(pixel), at = left_by<HO * WO>(pixel);
        const pos c = over<KH * KW>(tap), ij = left_by<KH * KW>(tap);
        const pos h = over<WO>(at) * SH - PH + over<KW>(ij);
        const pos v = left_by<WO>(at) * SW - PW + left_by<KW>(ij);
        const bool inside = (unsigned_pos)h < (unsigned_pos)H && (unsigned_pos)v < (unsigned_pos)W;
        return inside ? x[((image * CI + c) * H + h) * W + v] : T(0);
      }
    };
    // The same with the filter's axis outside: the gradient of w sums over pixels.
    struct patches_by_tap {
      patches of;
      ODEON_FUNCTION_OF T operator()(pos tap, pos pixel) const { return of(pixel, tap); }
    };
    // What of z's cotangent comes to a pixel of x through a tap (co, i, j).
    struct arrivals {
      const T* g;
      ODEON_FUNCTION_OF T operator()(pos pixel, pos tap) const {
        const pos image = over<H * W>(pixel), at = left_by<H * W>(pixel);
        const pos c = over<KH * KW>(tap), ij = left_by<KH * KW>(tap);
        const pos h = over<W>(at) + PH - over<KW>(ij), v = left_by<W>(at) + PW - left_by<KW>(ij);
        const pos row = over<SH>(h), column = over<SW>(v);
        const bool inside = h >= 0 && v >= 0 && row * SH == h && column * SW == v && row < HO && column < WO;
        return inside ? g[((image * CO + c) * HO + row) * WO + column] : T(0);
      }
    };
    // w for the gradient of x: (ci, (co, i, j)).
    struct filters {
      const T* w;
      ODEON_FUNCTION_OF T operator()(pos ci, pos tap) const {
        return w[(over<KH * KW>(tap) * CI + ci) * (KH * KW) + left_by<KH * KW>(tap)];
      }
    };
    // Where z's cotangent is for the gradient of w: (co, pixel), in runs of an image's pixels.
    struct cotangents {
      const T* g;
      ODEON_FUNCTION_OF const T* operator()(pos co, pos pixel) const {
        return g + (over<HO * WO>(pixel) * CO + co) * (HO * WO) + left_by<HO * WO>(pixel);
      }
    };
  };
)cpp";

}  // namespace odeon::cuda
