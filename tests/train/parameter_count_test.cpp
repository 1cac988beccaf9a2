// The models of Chen et al. 2018, Table 1, as torchdiffeq's examples/odenet_mnist.py builds them.
#include "train/training_case.hpp"

using namespace odeon::host;

namespace {

std::string summary(const std::string& name) {
  return validate_experiment({ODEON_SOURCE_DIR "/configs/mnist/" + name, {}, {}, {}});
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ODE-Net and RK-Net for 28x28 images have 208,266 parameters, 75,392 of them in the block") {
  for (const char* name : {"ode_net.yaml", "rk_net.yaml"}) {
    const std::string text = summary(name);
    CHECK(contains(text, ": 75392 parameters, gives [batch, 64, 6, 6]\n"));
    CHECK(contains(text, "  total: 208266 parameters\n"));
  }
}

TEST_CASE("ResNet for 28x28 images has 576,778 parameters") {
  CHECK(contains(summary("resnet.yaml"), "  total: 576778 parameters\n"));
}

TEST_CASE("the perceptron for 28x28 images has 238,510 parameters") {
  CHECK(contains(summary("mlp.yaml"), "  total: 238510 parameters\n"));
}
