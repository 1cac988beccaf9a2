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

std::vector<std::pair<int64_t, double>> read_schedule(const ConfigNode& list) {
  if (list.kind != ConfigNode::Kind::list)
    throw ConfigError(list.where +
                      ": 'learning_rate_schedule' must be a list such as [{epoch: 15, factor: 0.1}]; found " +
                      describe(list));
  std::vector<std::pair<int64_t, double>> schedule;
  const std::string what = "an entry of 'learning_rate_schedule'";
  for (const ConfigNode& item : list.items) {
    check_keys(item, what, {"epoch", "factor"});
    const ConfigNode &epoch_node = require_key(item, what, "epoch"),
                     &factor_node = require_key(item, what, "factor");
    const int64_t epoch = read_integer(epoch_node, "'epoch'");
    const double factor = read_real(factor_node, "'factor'");
    if (epoch < (schedule.empty() ? 0 : schedule.back().first + 1))
      throw ConfigError(epoch_node.where + ": 'epoch' must be >= 0 and rise from entry to entry; found " +
                        epoch_node.text);
    if (!(factor >= 0 && factor <= 1e6))
      throw ConfigError(factor_node.where + ": 'factor' must be from 0 to 1e6; found " + factor_node.text);
    schedule.emplace_back(epoch, factor);
  }
  return schedule;
}

}  // namespace

TrainSettings read_train(const ConfigNode* node) {
  TrainSettings t;
  if (!node) return t;
  check_keys(*node, "'train'",
             {"epochs", "batch", "learning_rate_schedule", "checkpoint_every", "resume", "shuffle"});
  const auto count = [&](const char* key, int64_t& to, int64_t least) {
    const ConfigNode* n = node->find(key);
    if (!n) return;
    to = read_integer(*n, std::string("'") + key + "'");
    if (to < least || to > 1'000'000'000)
      throw ConfigError(n->where + ": '" + key + "' must be from " + std::to_string(least) +
                        " to 1000000000; found " + n->text);
  };
  count("epochs", t.epochs, 1);
  count("batch", t.batch, 1);
  count("checkpoint_every", t.checkpoint_every, 0);
  if (const ConfigNode* n = node->find("shuffle")) t.shuffle = read_boolean(*n, "'shuffle'");
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
