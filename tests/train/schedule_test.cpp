#include "train/schedule.hpp"

#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

TEST_CASE("the learning rate changes at the epoch that the schedule names, and factors do not multiply") {
  const ConfigNode node = yaml("learning_rate_schedule: [{epoch: 2, factor: 0.1}, {epoch: 5, factor: 0.01}]");
  const TrainSettings t = read_train(&node);
  const std::vector<double> expected{1, 1, 0.1, 0.1, 0.1, 0.01, 0.01};
  for (size_t epoch = 0; epoch < expected.size(); ++epoch)
    CHECK(t.factor(static_cast<int64_t>(epoch)) == expected[epoch]);
}

TEST_CASE("a schedule may begin at epoch 0, and without one the learning rate stays") {
  const ConfigNode warm = yaml("learning_rate_schedule: [{epoch: 0, factor: 0.5}, {epoch: 1, factor: 1}]");
  CHECK(read_train(&warm).factor(0) == 0.5);
  CHECK(read_train(&warm).factor(1) == 1);
  CHECK(read_train(nullptr).factor(1000) == 1);
}
