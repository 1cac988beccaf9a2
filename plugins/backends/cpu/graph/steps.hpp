// Steps that are not elementwise. Each factory returns null for what it does not do; the fallback does all.
#pragma once
#include <odeon/graph.h>

#include <array>
#include <memory>
#include <odeon/sdk/tensor.hpp>
#include <optional>

#include "graph/run.hpp"

namespace odeon::cpu {

// A node with the batch filled in, and where its values lie.
struct StepArgs {
  odeon_node node;
  odeon_tensor in[ODEON_NODE_MAX_INPUTS];  // shapes; data only while the step runs
  odeon_tensor out;
  Place in_at[ODEON_NODE_MAX_INPUTS];
  Place out_at;
};

// The axes of a SUM merged to [kept, summed, kept, summed]; nothing where they have another pattern.
std::optional<std::array<int64_t, 4>> merged_sum(const odeon_tensor& x, int64_t mask);

template <class T>
std::unique_ptr<Step<T>> make_matmul(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_convolution(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_winograd(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_convolution_weights(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_sum(const StepArgs& args);
// Over the rows of a segment: sums along the first axis, products that sum over it.
template <class T>
std::unique_ptr<Step<T>> make_row_sum(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_row_product(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_normalisation(const StepArgs& args);
template <class T>
std::unique_ptr<Step<T>> make_fallback(const StepArgs& args);

}  // namespace odeon::cpu
