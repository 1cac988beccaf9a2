#include "train/model_section.hpp"

#include <odeon/sdk/layers/schema.hpp>

#include "experiment/times.hpp"
#include "train/regularisers.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option kOdeField =
    field_section(str("field"), str("dy/dt = f(t, y, theta) of what reaches it."));
constexpr odeon_option kOdeTimes =
    times_section(str("[0, 1] when absent; what goes on is the state at the last one."), 0);
constexpr odeon_option kOdeSolver = solver_section(str("The integration method of the block."));
constexpr odeon_option kOdeGradient = gradient_section(str("How the block is differentiated."));
constexpr const odeon_option* kOdeKeys[] = {&kOdeField, &kOdeTimes, &kOdeSolver, &kOdeGradient,
                                            &kRegulariseSection};

}  // namespace

constinit const odeon_option kOdeSection = with_children(
    make_option(ODEON_OPTION_GROUP, str("ode"), kNoText, str("A continuous-depth block (Chen et al. 2018).")),
    kOdeKeys);

const odeon_option& model_section() {
  static const std::vector<const odeon_option*> entries = [] {
    const odeon_option layers = layers::network_option(kNoText);
    std::vector<const odeon_option*> out(layers.children, layers.children + layers.n_children);
    out.push_back(&kOdeSection);
    return out;
  }();
  static const odeon_option section = [] {
    odeon_option o = layers::network_option(str("model"));
    o.doc = str("Layers and ode blocks, from input to logits; names and defaults are PyTorch's.");
    o.children = entries.data(), o.n_children = std::ssize(entries);
    return o;
  }();
  return section;
}

}  // namespace odeon::host
