// Random op graphs by seed, and one small graph per op.
#pragma once
#include <functional>
#include <odeon/sdk/graph.hpp>
#include <random>
#include <string>
#include <vector>

namespace odeon::test {

class RandomGraph {
 public:
  explicit RandomGraph(uint32_t seed) : random_(seed) {}

  // y [batch, 3, 4, 4]-like inputs, parameters, and `n_ops` ops on shapes that fit; some outputs.
  Graph make(int n_ops) {
    pool_ = {b_.input(0, {ODEON_BATCH, 4}),
             b_.input(1, {ODEON_BATCH, 4, 3, 5}),
             b_.time(),
             parameter({4}),
             parameter({4, 4}),
             parameter({1, 4, 1, 1}),
             parameter({4, 4, 3, 3}),
             b_.constant(0.75)};
    for (int i = 0; i < n_ops; ++i) grow();
    for (int i = 0; i < 3; ++i) b_.mark_output(any());
    b_.mark_output(pool_.back());
    return b_.finish();
  }
  int64_t theta_size() const { return theta_; }

 private:
  Value parameter(const Shape& shape) {
    const Value p = b_.parameter(theta_, shape);
    theta_ += row_elements(shape);
    return p;
  }
  int64_t below(int64_t n) { return n <= 0 ? 0 : int64_t(random_() % uint64_t(n)); }
  // Recent values are preferred, so that chains grow.
  Value any() {
    const int64_t n = int64_t(pool_.size());
    return pool_[size_t(below(2) ? n - 1 - below(std::min<int64_t>(n, 4)) : below(n))];
  }
  Value any_of_rank(size_t rank, bool batch) {
    for (int i = 0; i < 60; ++i) {
      const Value v = any();
      const Shape s = b_.shape(v);
      if (s.size() == rank && has_batch(s) == batch && row_elements(s) > 0) return v;
    }
    return rank == 2 ? (batch ? pool_[0] : pool_[4]) : (batch ? pool_[1] : pool_[6]);
  }
  // Keeps numbers of moderate size whatever is chained.
  Value tame(Value x) { return b_.tanh(x); }

  void grow() {
    try {
      const Value v = candidate();
      if (v.id >= 0 && row_elements(b_.shape(v)) <= 4000) pool_.push_back(v);
    } catch (const Error&) {  // shapes that do not fit
    }
  }

  Value candidate() {
    const Value x = any(), y = any();
    const Shape s = b_.shape(x);
    switch (below(20)) {
      case 0:
        return b_.add(x, y);
      case 1:
        return b_.mul(x, y);
      case 2:
        return b_.sub(x, y);
      case 3:
        return b_.div(x, b_.add(b_.mul(y, y), b_.constant(1.5)));
      case 4:
        return tame(x);
      case 5:
        return unary(x);
      case 6:
        return b_.select(b_.greater(x, y), x, b_.neg(y));
      case 7:
        return below(2) ? b_.maximum(x, y) : b_.minimum(x, y);
      case 8: {  // merge all axes behind the batch
        Shape flat = has_batch(s) ? Shape{ODEON_BATCH, row_elements(s)} : Shape{row_elements(s)};
        return b_.reshape(x, flat);
      }
      case 9:
        return s.empty() ? Value{} : b_.sum(x, below(int64_t{1} << s.size()));
      case 10: {
        if (s.empty()) return {};
        return b_.concat(x, y, below(int64_t(s.size())));
      }
      case 11: {
        const int64_t axis = below(int64_t(s.size()));
        if (s.empty() || s[size_t(axis)] < 1) return {};
        const int64_t start = below(s[size_t(axis)]);
        return b_.slice(x, axis, start, start + 1 + below(s[size_t(axis)] - start));
      }
      case 12:
        return s.empty() ? Value{} : b_.pad(x, below(int64_t(s.size())), below(3), below(3));
      case 13: {
        if (s.size() < 2) return {};
        std::vector<int64_t> p;
        for (size_t i = 0; i < s.size(); ++i) p.push_back(int64_t(i));
        std::shuffle(p.begin() + (has_batch(s) ? 1 : 0), p.end(), random_);
        return b_.transpose(x, p);
      }
      case 14: {
        const Value a = any_of_rank(2, true);
        return tame(b_.matmul(a, any_of_rank(2, false), false, below(2) != 0));
      }
      case 15:
        return tame(b_.matmul(any_of_rank(2, true), any_of_rank(2, true), true, false));
      case 16: {
        const GraphBuilder::Conv c{1 + below(2), 1 + below(2), below(3), below(3)};
        return tame(b_.conv2d(any_of_rank(4, true), any_of_rank(4, false), c));
      }
      case 17: {
        const Value im = any_of_rank(4, true), w = any_of_rank(4, false);
        const GraphBuilder::Conv c{1 + below(2), 1 + below(2), below(3), below(3)};
        const Value z = b_.conv2d(im, w, c);
        const Shape si = b_.shape(im), sw = b_.shape(w);
        return below(2) ? tame(b_.conv2d_input_grad(z, w, c, si[2], si[3]))
                        : tame(b_.conv2d_weight_grad(im, z, c, sw[2], sw[3]));
      }
      case 18: {
        const Value im = any_of_rank(4, true);
        const int64_t channels = b_.shape(im)[1];
        const int64_t groups = channels % 2 == 0 && below(2) ? channels / 2 : channels;
        if (below(2)) return b_.group_norm(im, groups, 1e-1);
        return b_.group_norm_grad(im, b_.sin(im), groups, 1e-1);
      }
      default:
        return s.empty() ? Value{} : b_.log_softmax(x);
    }
  }

  Value unary(Value x) {
    const Value positive = b_.add(b_.mul(x, x), b_.constant(0.5));
    switch (below(15)) {
      case 0:
        return b_.exp(tame(x));
      case 1:
        return b_.log(positive);
      case 2:
        return b_.sin(x);
      case 3:
        return b_.cos(x);
      case 4:
        return b_.tan(tame(x));
      case 5:
        return b_.sigmoid(x);
      case 6:
        return b_.relu(x);
      case 7:
        return b_.softplus(x);
      case 8:
        return b_.erf(x);
      case 9:
        return b_.sqrt(positive);
      case 10:
        return b_.abs(x);
      case 11:
        return b_.powi(tame(x), 2 + below(5));
      case 12:
        return b_.reciprocal(positive);
      case 13:
        return b_.pow(positive, b_.constant(1.3));
      default:
        return b_.neg(x);
    }
  }

  std::mt19937 random_;
  GraphBuilder b_;
  std::vector<Value> pool_;
  int64_t theta_ = 0;
};

}  // namespace odeon::test
