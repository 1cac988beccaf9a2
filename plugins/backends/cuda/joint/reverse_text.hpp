// The discrete reverse of a batch that stepped together, by one block: the accepted steps from the last to
// the first, from a tape of their states and stages. With K_i the cotangent of k_i, L that of y1, v those of
// observations y0 + h sum_i w_i k_i, and M_i = K_i^T df/dy (rk_reverse.hpp of the SDK):
//   K_i = h b_i L + h w_i v + h sum_j a_ji M_j,   dL/dy0 = L + v + sum_i M_i.
// A derivative that two steps share is differentiated by both. An element of a state belongs to one thread in
// all sums below; threads wait for each other around products of the field's derivatives only.
#pragma once

namespace odeon::cuda {

constexpr const char* kJointReverse = R"cpp(
  struct reverse_state {
    int64 next, products;  // the last time that no step has yet come to
  };
  struct reverse_args {
    int64 batch, n_times, steps;  // steps of the tape that are there
    const double* times;
    joint_tape tape;
    const T* gys;
    T* gy0;
    double* gtimes;  // added to; or null
    T *lambda, *after, *stage, *mu, *gt, *const *K;
    double* call_time;
    const odeon_args* calls;  // of the products with K_i
    reverse_state* s;
    int64 begins, ends;  // this part of the tape is the solve's last, first
  };
#define EACH_ELEMENT(j) ODEON_EACH_ITEM(j, g.batch* SIZE)

  // K_i^T df/dy at (t, stage) to mu, which adds to dL/dtheta; returns K_i^T df/dt.
  ODEON_FUNCTION double product(const reverse_args& g, int i, double t) {
    if (ODEON_FIRST_THREAD) {
      *g.call_time = t;
      ++g.s->products;
    }
    ODEON_BARRIER;
    field_call(g.calls, i);
    if (!g.gtimes) return 0;
    double sum = 0;
    ODEON_EACH_SHARE(row, g.batch) sum += (double)g.gt[row];
    return block_sum(sum);
  }

  ODEON_FUNCTION void reverse_step(const reverse_args& g, int64 step) {
    const int64 size = g.batch * SIZE;
    const double t = g.tape.steps[2 * step], h = g.tape.steps[2 * step + 1];
    const bool first_of_solve = g.tape.first + step == 0;
    const T* const y = g.tape.states + step * TAPE_RECORDS * size;
    T* k[STAGES + 1];
    for (int i = 0; i <= STAGES; ++i) k[i] = (T*)y + (i + 1) * size;
    double g_t0 = 0, g_h = 0;
    EACH_ELEMENT(j) {
      for (int i = 0; i <= STAGES; ++i) g.K[i][j] = 0;
      g.after[j] = 0;
    }

    int64 next = g.s->next;
    bool inside = false;
    for (; next > 0 && (first_of_solve || (h > 0 ? g.times[next] > t : g.times[next] < t)); --next) {
      inside = true;
      const T* const v = g.gys + next * size;
      const double x = (g.times[next] - t) / h;
      double w[STAGES + 1];
      dense_weights(x, w);
      EACH_ELEMENT(j) {
        g.after[j] += v[j];
        for (int i = 0; i < TAPE_RECORDS - 1; ++i) g.K[i][j] += (T)(h * w[i]) * v[j];
      }
      if (!g.gtimes) continue;
      double slopes[STAGES + 1], along = 0, d = 0;  // v . sum_i w_i k_i, and likewise of dw/dx
      dense_slopes(x, slopes);
      EACH_ELEMENT(j)
      for (int i = 0; i < TAPE_RECORDS - 1; ++i) {
        along += w[i] * (double)k[i][j] * (double)v[j];
        d += slopes[i] * (double)k[i][j] * (double)v[j];
      }
      along = block_sum(along);
      d = block_sum(d);
      if (ODEON_FIRST_THREAD) g.gtimes[next] += d;
      g_h += along - x * d;
      g_t0 -= d;
    }
    ODEON_BARRIER;
    if (ODEON_FIRST_THREAD) g.s->next = next;

    if (HERMITE && !FSAL && inside) {
      EACH_ELEMENT(j) g.stage[j] = y[j] + (T)h * end_sum(k, j);
      const double tau = product(g, STAGES, t + h);
      EACH_ELEMENT(j) g.lambda[j] += g.mu[j];
      g_t0 += tau;
      g_h += tau;
    }
    if (g.gtimes) {
      double sum = 0;
      EACH_ELEMENT(j) sum += (double)g.lambda[j] * (double)end_sum(k, j);
      g_h += block_sum(sum);
    }
    EACH_ELEMENT(j) end_spread((T)h, g.lambda[j], g.K, j);
    for (int i = STAGES - 1; i >= 0; --i) {
      if (i + 1 == STAGES && LAST_IS_FREE && !inside) continue;
      EACH_ELEMENT(j) g.stage[j] = i == 0 ? y[j] : y[j] + (T)h * stage_sum(i, k, j);
      const double tau = product(g, i, t + stage_time(i) * h);
      g_t0 += tau;
      g_h += stage_time(i) * tau;
      double sum = 0;
      EACH_ELEMENT(j) {
        if (g.gtimes && i > 0) sum += (double)g.mu[j] * (double)stage_sum(i, k, j);
        g.after[j] += g.mu[j];
        stage_spread(i, (T)h, g.mu[j], g.K, j);
      }
      if (g.gtimes && i > 0) g_h += block_sum(sum);
    }
    EACH_ELEMENT(j) g.lambda[j] += g.after[j];
    if (g.gtimes && ODEON_FIRST_THREAD) g.gtimes[0] += g_t0;  // all steps move with the first time
    ODEON_BARRIER;
  }

  ODEON_WHOLE_KERNEL(odeon_joint_reverse, reverse_args) {
    if (g.begins) {
      EACH_ELEMENT(j) g.lambda[j] = 0;
      if (ODEON_FIRST_THREAD) {
        g.s->next = g.n_times - 1;
        g.s->products = 0;
      }
      if (g.gtimes) ODEON_EACH_SHARE(i, g.n_times) g.gtimes[i] = 0;
      ODEON_BARRIER;
    }
    for (int64 step = g.steps - 1; step >= 0; --step) reverse_step(g, step);
    if (g.ends) EACH_ELEMENT(j) g.gy0[j] = g.lambda[j] + g.gys[j];
  }
)cpp";

}  // namespace odeon::cuda
