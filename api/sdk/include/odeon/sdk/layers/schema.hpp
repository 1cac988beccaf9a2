// The layers of a network as options: names, attributes and defaults are PyTorch's.
#pragma once
#include <odeon/sdk/options.hpp>
#include <span>

namespace odeon::layers {

namespace schema {

constexpr odeon_option count(odeon_str key, odeon_str default_yaml, odeon_str doc, uint32_t flags = 0,
                             double minimum = 1, double maximum = 1 << 24) {
  return ranged(make_option(ODEON_OPTION_INT, key, default_yaml, doc, flags), minimum, maximum);
}
constexpr double kLargestKernel = 1 << 12;
constexpr uint32_t kMain = ODEON_OPTION_SHORTHAND | ODEON_OPTION_REQUIRED;

inline constexpr odeon_option kFeatures = count(str("features"), kNoText, str("Output features."), kMain);
inline constexpr odeon_option kChannels = count(str("channels"), kNoText, str("Output channels."), kMain);
inline constexpr odeon_option kGroups =
    count(str("groups"), kNoText, str("Groups; must divide the channels."), kMain);
inline constexpr odeon_option kExponent =
    ranged(make_option(ODEON_OPTION_INT, str("exponent"), kNoText, str("Whole exponent."), kMain), -16, 16);
inline constexpr odeon_option kBias =
    make_option(ODEON_OPTION_BOOL, str("bias"), str("true"), str("Whether there is an additive bias."));
inline constexpr odeon_option kInitStd = ranged(
    make_option(
        ODEON_OPTION_REAL, str("init_std"), kNoText,
        str("Draw the weight from N(0, init_std^2) and set the bias to 0; without it, PyTorch's law.")),
    0, 1e6);
inline constexpr odeon_option kAffine = make_option(
    ODEON_OPTION_BOOL, str("affine"), str("true"), str("Whether there are a weight and a bias per channel."));
inline constexpr odeon_option kEps =
    ranged(make_option(ODEON_OPTION_REAL, str("eps"), str("1e-5"), str("Added to the variance.")), 0, 1);
inline constexpr odeon_option kKernel =
    count(str("kernel"), str("3"), str("Kernel height and width."), 0, 1, kLargestKernel);
inline constexpr odeon_option kStride =
    count(str("stride"), str("1"), str("Step of the kernel."), 0, 1, kLargestKernel);
inline constexpr odeon_option kPadding =
    count(str("padding"), str("0"), str("Zeros added on every side."), 0, 0, kLargestKernel);
inline constexpr const odeon_option* kLinearChildren[] = {&kFeatures, &kBias, &kInitStd};
inline constexpr const odeon_option* kConvChildren[] = {&kChannels, &kKernel, &kStride,
                                                        &kPadding,  &kBias,   &kInitStd};
inline constexpr const odeon_option* kGroupNormChildren[] = {&kGroups, &kEps, &kAffine};
inline constexpr const odeon_option* kLayerNormChildren[] = {&kEps, &kAffine};
inline constexpr const odeon_option* kPowerChildren[] = {&kExponent};

constexpr odeon_option group(odeon_str key, odeon_str doc) {
  return make_option(ODEON_OPTION_GROUP, key, kNoText, doc);
}
constexpr odeon_option bare(odeon_str key, odeon_str doc) {
  return make_option(ODEON_OPTION_GROUP, key, kNoText, doc);
}

inline constexpr odeon_option kLinear =
    with_children(group(str("linear"), str("x W^T + b; weight [out, in].")), kLinearChildren);
inline constexpr odeon_option kConv2d =
    with_children(group(str("conv2d"), str("2-d convolution; weight [out, in, k, k].")), kConvChildren);
inline constexpr odeon_option kConvTranspose2d =
    with_children(group(str("conv_transpose2d"), str("Transposed 2-d convolution; weight [in, out, k, k].")),
                  kConvChildren);
inline constexpr odeon_option kGroupNorm =
    with_children(group(str("group_norm"), str("Normalisation over groups of channels (Wu and He 2018).")),
                  kGroupNormChildren);
inline constexpr odeon_option kLayerNorm =
    with_children(group(str("layer_norm"), str("Normalisation over each row.")), kLayerNormChildren);
inline constexpr odeon_option kPower =
    with_children(group(str("power"), str("Elementwise power.")), kPowerChildren);
inline constexpr odeon_option kTanh = bare(str("tanh"), str("Elementwise."));
inline constexpr odeon_option kRelu = bare(str("relu"), str("Elementwise."));
inline constexpr odeon_option kSoftplus = bare(str("softplus"), str("Elementwise log(1 + e^x)."));
inline constexpr odeon_option kSigmoid = bare(str("sigmoid"), str("Elementwise."));
inline constexpr odeon_option kGelu = bare(str("gelu"), str("Elementwise x Phi(x), the exact form."));
inline constexpr odeon_option kElu = bare(str("elu"), str("Elementwise x above 0, e^x - 1 below."));
inline constexpr odeon_option kSin = bare(str("sin"), str("Elementwise."));
inline constexpr odeon_option kFlatten = bare(str("flatten"), str("Each row as one axis."));
inline constexpr odeon_option kGlobalAveragePool =
    bare(str("global_average_pool"), str("Mean over height and width; [C, H, W] -> [C]."));

// Recursive: the branch of a residual block is a list of layers.
struct Layers {
  static const odeon_option branch, residual;
  static const odeon_option* const all[16];
};
inline constexpr int64_t kLayerCount = 16;

constexpr odeon_option layer_list(odeon_str key, odeon_str doc) {
  odeon_option o = make_option(ODEON_OPTION_VARIANTS, key, kNoText, doc, kMain);
  o.children = Layers::all;
  o.n_children = kLayerCount;
  return o;
}
inline constexpr const odeon_option* kResidualChildren[] = {&Layers::branch};
inline constinit const odeon_option Layers::branch =
    layer_list(str("layers"), str("The branch: a list of layers that keeps the shape."));
inline constinit const odeon_option Layers::residual =
    with_children(group(str("residual"), str("x + layers(x) (He et al. 2016).")), kResidualChildren);
inline constinit const odeon_option* const Layers::all[16] = {
    &kLinear, &kConv2d,  &kConvTranspose2d,   &kGroupNorm,      &kLayerNorm, &kPower,
    &kTanh,   &kRelu,    &kSoftplus,          &kSigmoid,        &kGelu,      &kElu,
    &kSin,    &kFlatten, &kGlobalAveragePool, &Layers::residual};

}  // namespace schema

// The option for a list of layers, under the key that its owner wants.
constexpr odeon_option network_option(odeon_str key) {
  return schema::layer_list(key, str("Layers from input to output; names and defaults are PyTorch's."));
}

}  // namespace odeon::layers
