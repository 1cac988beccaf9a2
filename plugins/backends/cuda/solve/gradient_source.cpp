#include "solve/gradient_source.hpp"

#include <odeon/sdk/error.hpp>

#include "solve/adjoint_text.hpp"
#include "solve/direct_text.hpp"
#include "solve/method_text.hpp"
#include "solve/sum_text.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }

// Derivative products, with how many elements of theta they add to.
std::string products_text(const odeon_solve_gradient_spec& spec) {
  if (spec.theta_count > kMostTheta)
    throw Error("the field has " + n(spec.theta_count) +
                    " parameters; a thread adds up the derivatives by at most " + n(kMostTheta),
                ODEON_E_UNSUPPORTED);
  const std::string body = scalar_products(spec);
  return "#define THETA " + n(spec.theta_count) + "\n#define ODEON_UNROLL _Pragma(\"unroll" +
         (is_large(body) ? " 1" : "") + "\")\ntemplate <bool WANTS_THETA>\n" + function_word(body) +
         " void products(T t, const T* y, const T* v, const T* theta, T* dy, T* gy, T* gt, T weight, T* "
         "gtheta) {\n" +
         body + "}\n";
}

std::string fixed_flag(const odeon_solve_spec& spec) {
  return std::string("#define FIXED ") + (spec.fixed ? "true\n" : "false\n");
}

}  // namespace

void throw_no_method(int32_t method) {
  throw Error("there is no method " + n(method) + " of differentiating whole solves", ODEON_E_UNSUPPORTED);
}

GradientSource gradient_source(const odeon_solve_gradient_spec& spec) {
  if (spec.method == ODEON_SOLVE_GRADIENT_DIRECT) {
    GradientSource out{solve_source(*spec.solve, true), {}};
    out.solve.text += products_text(spec) + fixed_flag(*spec.solve) + reverse_method_text(*spec.solve) +
                      kDirectArgs + kDirectText + kSumText;
    return out;
  }
  if (spec.method != ODEON_SOLVE_GRADIENT_ADJOINT) throw_no_method(spec.method);
  GradientSource out{solve_source(*spec.solve), {}};
  out.backward = source_head(spec.solve->dtype) + "#define HALF " + n(out.solve.size) + "\n" +
                 row_method_text(*spec.backward, 2 * out.solve.size, 2) + end_weight_text(*spec.backward) +
                 products_text(spec) + fixed_flag(*spec.backward) + kAdjointField +
                 rows_text(spec.backward->fixed) + kAdjointArgs + kAdjointText + kSumText;
  return out;
}

}  // namespace odeon::cuda
