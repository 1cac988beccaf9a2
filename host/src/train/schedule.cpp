#include "train/schedule.hpp"

#include "data/error.hpp"
#include "experiment/experiment.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {

double TrainSettings::factor(int64_t epoch) const {
  double f = 1;
  for (const auto& [from, factor] : schedule)
    if (epoch >= from) f = factor;
  return f;
}

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
  if (const ConfigNode* n = node->find("resume")) t.resume = (read_text(*n, "'resume'"), resolve_path(*n));
  if (const ConfigNode* list = node->find("learning_rate_schedule"))
    for (const ConfigNode& item : list->items) {
      check_keys(item, "an entry of 'learning_rate_schedule'", {"epoch", "factor"});
      t.schedule.emplace_back(read_integer(require_key(item, "the entry", "epoch"), "'epoch'"),
                              read_real(require_key(item, "the entry", "factor"), "'factor'"));
    }
  return t;
}

}  // namespace odeon::host
