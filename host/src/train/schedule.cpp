#include "train/schedule.hpp"

#include "data/error.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {

double TrainSettings::factor(int64_t epoch) const {
  double f = 1;
  for (const auto& [from, factor] : schedule)
    if (epoch >= from) f = factor;
  return f;
}

namespace {

constexpr double kMost = 1e9;
constexpr odeon_option count(odeon_str key, odeon_str otherwise, double least, odeon_str doc) {
  return ranged(make_option(ODEON_OPTION_INT, key, otherwise, doc), least, kMost);
}
constexpr odeon_option kEpochs = count(str("epochs"), str("10"), 1, str("Passes over the data."));
constexpr odeon_option kBatch = count(str("batch"), str("64"), 1, str("Rows of a step, on each process."));
constexpr odeon_option kCheckpointEvery =
    count(str("checkpoint_every"), str("0"), 0, str("Epochs between checkpoints; 0: only at the end."));
constexpr odeon_option kResume =
    make_option(ODEON_OPTION_STRING, str("resume"), kNoText, str("A checkpoint to go on from."));
constexpr odeon_option kShuffle = make_option(ODEON_OPTION_BOOL, str("shuffle"), str("true"),
                                              str("Another order in each epoch, by `seed`."));
constexpr odeon_option kEpoch = ranged(
    make_option(ODEON_OPTION_INT, str("epoch"), kNoText, str("From which on, counted from 0."), kRequired), 0,
    ODEON_UNBOUNDED_ABOVE);
constexpr odeon_option kFactor =
    ranged(make_option(ODEON_OPTION_REAL, str("factor"), kNoText, str("Times the learning rate."), kRequired),
           0, 1e6);
constexpr const odeon_option* kScheduleKeys[] = {&kEpoch, &kFactor};
constexpr odeon_option kScheduleKey =
    with_children(make_option(kListSection, str("learning_rate_schedule"), kNoText,
                              str("Factors of the learning rate from given epochs on.")),
                  kScheduleKeys);
constexpr const odeon_option* kTrainKeys[] = {&kEpochs,          &kBatch,  &kScheduleKey,
                                              &kCheckpointEvery, &kResume, &kShuffle};

std::vector<std::pair<int64_t, double>> read_schedule(const ConfigNode& list) {
  if (list.kind != ConfigNode::Kind::list)
    throw ConfigError(list.where +
                      ": 'learning_rate_schedule' must be a list such as [{epoch: 15, factor: 0.1}]; found " +
                      describe(list));
  std::vector<std::pair<int64_t, double>> schedule;
  const std::string what = "an entry of 'learning_rate_schedule'";
  for (const ConfigNode& item : list.items) {
    check_keys(item, what, kScheduleKey);
    const ConfigNode& epoch_node = require_key(item, what, "epoch");
    require_key(item, what, "factor");
    const int64_t epoch = read_integer(epoch_node, "'epoch'");
    if (epoch < (schedule.empty() ? 0 : schedule.back().first + 1))
      throw ConfigError(epoch_node.where + ": 'epoch' must be >= 0 and rise from entry to entry; found " +
                        epoch_node.text);
    const double factor = read_real(item, kFactor, 1);
    schedule.emplace_back(epoch, factor);
  }
  return schedule;
}

}  // namespace

constinit const odeon_option kTrainSection = with_children(
    make_option(ODEON_OPTION_GROUP, str("train"), kNoText, str("How long, in which steps.")), kTrainKeys);

TrainSettings read_train(const ConfigNode* node) {
  TrainSettings t;
  if (!node) return t;
  check_keys(*node, "'train'", kTrainSection);
  t.epochs = read_integer(*node, kEpochs, t.epochs);
  t.batch = read_integer(*node, kBatch, t.batch);
  t.checkpoint_every = read_integer(*node, kCheckpointEvery, t.checkpoint_every);
  t.shuffle = read_boolean(*node, kShuffle, t.shuffle);
  if (const ConfigNode* n = node->find("resume")) {
    t.resume = (read_text(*n, "'resume'"), resolve_path(*n));
    t.resume_where = n->where;
  }
  if (const ConfigNode* list = node->find("learning_rate_schedule")) t.schedule = read_schedule(*list);
  return t;
}

TrainSettings read_train(const Experiment& e) {
  TrainSettings t = read_train(e.root.find("train"));
  t.batch *= e.ranks->size();
  return t;
}

void check_batch(const Experiment& e, const TrainSettings& t, int64_t most, const std::string& rows) {
  if (t.batch <= most) return;
  const int64_t ranks = e.ranks->size();
  const ConfigNode *train = e.root.find("train"), *batch = train ? train->find("batch") : nullptr;
  bad(batch ? *batch : e.root,
      (ranks == 1 ? "'batch' must be at most the " : "'batch' of all ranks together must be at most the ") +
          std::to_string(most) + " " + rows + "; found " + std::to_string(t.batch / ranks) +
          (ranks == 1 ? "" : " on each of " + std::to_string(ranks) + " ranks"));
}

}  // namespace odeon::host
