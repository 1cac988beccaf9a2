#include "experiment/root_keys.hpp"

#include <algorithm>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "experiment/events.hpp"
#include "experiment/sweep.hpp"
#include "experiment/tangent.hpp"
#include "experiment/times.hpp"

namespace odeon::host {
namespace {

constexpr odeon_str kTasks[] = {str("solve"), str("gradient"), str("train"), str("evaluate"), str("sweep")};
constexpr odeon_str kPrecisions[] = {str("float32"), str("float64")};
constexpr odeon_str kBackends[] = {str("backend"), str("auto")};
constexpr odeon_str kCommunicators[] = {str("communicator")};
constexpr odeon_str kPolicies[] = {str("any"), str("pinned")};
constexpr odeon_str kOnes[] = {str("ones")};

constexpr odeon_option text(odeon_str key, odeon_str doc, uint32_t flags = 0) {
  return make_option(ODEON_OPTION_STRING, key, kNoText, doc, flags);
}

constexpr odeon_option kVersion = ranged(
    make_option(ODEON_OPTION_INT, str("odeon"), kNoText, str("Version of this format: 1."), kRequired), 1, 1);
constexpr odeon_option kTitle = text(str("title"), str("For tables and pictures; without, the file's name."));
constexpr odeon_option kBackend =
    with_choices(make_option(ODEON_OPTION_COMPONENT, str("backend"), str("auto"),
                             str("Where it is computed: an id, or a map with `plugin` and its options. auto: "
                                 "the most capable one that opens.")),
                 kBackends);
constexpr odeon_option kCommunicator =
    with_choices(make_option(ODEON_OPTION_COMPONENT, str("communicator"), kNoText,
                             str("Makes one training out of several processes.")),
                 kCommunicators);

constexpr odeon_option kDirectory =
    text(str("directory"), str("Folder for the results, from the current folder."), kRequired);
constexpr const odeon_option* kOutputKeys[] = {&kDirectory, &kDenseKey};

constexpr odeon_option kRoots =
    make_option(ODEON_OPTION_STRINGS, str("roots"), kNoText, str("Further plugin folders: absolute paths."));
constexpr odeon_option kLock =
    text(str("lock"), str("The file that `odeon plugins --lock FILE` wrote; needed by policy pinned."));
constexpr const odeon_option* kPluginsKeys[] = {&kRoots, &kPolicyKey, &kLock};

constexpr odeon_option kField = field_section(str("field"), str("dy/dt = f(t, y, theta)."));
constexpr odeon_option kInitial = make_option(
    ODEON_OPTION_ARRAY, str("initial"), kNoText,
    str("The states at the first time, one row per trajectory: [[1.0, 0.0]] or {file: y0.npy}."), kRequired);
constexpr odeon_option kTimes =
    times_section(str("The initial time and those at which states are wanted: a list that rises or falls, "
                      "{start: 0, stop: 1, count: 11} or {file: t.npy}."));
constexpr odeon_option kSolver = solver_section(str("The integration method."));
constexpr odeon_option kGradient = gradient_section(str("How dL/dy0, dL/dtheta and dL/dt are found."));

constexpr odeon_option kCotangent =
    with_choices(make_option(ODEON_OPTION_ARRAY, str("cotangent"), kNoText,
                             str("dL/dys, of the shape [times, rows, state], or with one more axis in front "
                                 "for several losses; ones: the sum of all states.")),
                 kOnes);
constexpr odeon_option kEventTime =
    make_option(ODEON_OPTION_REAL, str("time"), str("0"), str("dL/dt of the event."));
constexpr odeon_option kEventState =
    make_option(ODEON_OPTION_ARRAY, str("state"), kNoText, str("dL/dy of the state just before the event."));
constexpr const odeon_option* kEventKeys[] = {&kEventTime, &kEventState};
constexpr const odeon_option* kEventLists[] = {&kLossEventSection};
constexpr odeon_option kLossEvents =
    with_children(make_option(kNamedSection, str("events"), kNoText,
                              str("For losses of the events themselves: {bounce: [{time: 1.0}]}.")),
                  kEventLists);
constexpr const odeon_option* kLossKeys[] = {&kCotangent, &kLossEvents};

constexpr const odeon_option* kEverywhere[] = {&kVersion, &kTaskKey,   &kTitle,
                                               &kBackend, &kOutputKey, &kPluginsKey};
constexpr const odeon_option* kProblemKeys[] = {&kPrecisionKey, &kSeedKey, &kField,
                                                &kInitial,      &kTimes,   &kSolver};
constexpr const odeon_option* kSolveKeys[] = {&kEventsSection};
constexpr const odeon_option* kGradientKeys[] = {&kGradient, &kLossKey, &kEventsSection, &kTangentSection};
constexpr const odeon_option* kTrainKeys[] = {&kPrecisionKey, &kSeedKey, &kCommunicator};
constexpr const odeon_option* kDeployment[] = {&kBackend, &kCommunicator, &kPluginsKey, &kOutputKey};

}  // namespace

constinit const odeon_option kTaskKey = with_choices(
    make_option(ODEON_OPTION_CHOICE, str("task"), kNoText,
                str("solve: states at times. gradient: their derivatives. train: fits what one key "
                    "names (model, field, latent, recurrent, flow). evaluate: measures what was "
                    "trained. sweep: several experiments and their table."),
                kRequired),
    kTasks);
constinit const odeon_option kPrecisionKey = with_choices(
    make_option(ODEON_OPTION_CHOICE, str("precision"), kNoText,
                str("Of all numbers but times; float64 for solve and gradient, float32 for training.")),
    kPrecisions);
constinit const odeon_option kSeedKey =
    ranged(make_option(ODEON_OPTION_INT, str("seed"), str("0"), str("Of everything that is drawn.")), 0,
           ODEON_UNBOUNDED_ABOVE);
constinit const odeon_option kDenseKey =
    make_option(ODEON_OPTION_BOOL, str("dense"), str("false"),
                str("Task solve: keep the solution as a function of time, for `odeon interpolate`."));
constinit const odeon_option kPolicyKey =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("policy"), str("any"),
                             str("pinned: only plugins whose SHA-256 stands in the lock are loaded.")),
                 kPolicies);
constinit const odeon_option kOutputKey = with_children(
    make_option(ODEON_OPTION_GROUP, str("output"), kNoText, str("What the run leaves behind, and where.")),
    kOutputKeys);
constinit const odeon_option kPluginsKey =
    with_children(make_option(ODEON_OPTION_GROUP, str("plugins"), kNoText,
                              str("Where plugins are looked for, and which may be loaded.")),
                  kPluginsKeys);
constinit const odeon_option kLossEventSection = with_children(
    make_option(kListSection, str("event"), kNoText, str("One entry per event of a row, in their order.")),
    kEventKeys);
constinit const odeon_option kLossKey =
    with_children(make_option(ODEON_OPTION_GROUP, str("loss"), kNoText,
                              str("What is differentiated; without, the sum of all states.")),
                  kLossKeys);

std::vector<const odeon_option*> keys_of(Task task, const TrainedKind* kind) {
  std::vector<const odeon_option*> keys(std::begin(kEverywhere), std::end(kEverywhere));
  const auto add = [&](Keys more) { keys.insert(keys.end(), more.begin(), more.end()); };
  if (task == Task::solve || task == Task::gradient) add(kProblemKeys);
  if (task == Task::solve) add(kSolveKeys);
  if (task == Task::gradient) add(kGradientKeys);
  if (task == Task::sweep) keys.push_back(&runs_section());
  if (!trains(task)) return keys;
  add(kTrainKeys);
  keys.push_back(kind->section);
  add(kind->keys);
  return keys;
}

Keys deployment_keys() { return kDeployment; }

std::vector<std::string> all_root_keys() {
  std::vector<std::string> all;
  const auto add = [&](const std::vector<const odeon_option*>& keys) {
    for (std::string& name : names_of(keys))
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
  };
  for (Task task : {Task::gradient, Task::sweep}) add(keys_of(task, nullptr));
  for (const TrainedKind& kind : trained_kinds()) add(keys_of(Task::train, &kind));
  return all;
}

void check_task_keys(const ConfigNode& root, Task task) {
  const TrainedKind* kind = trains(task) ? &trained_kind(root, task) : nullptr;
  const std::vector<std::string> known = names_of(keys_of(task, kind)), all = all_root_keys();
  const std::string what = std::string("task ") + task_name(task) + (kind ? " of a " + kind->key() : "");
  for (const auto& [key, value] : root.entries) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (std::find(all.begin(), all.end(), key) != all.end())
      throw ConfigError(value.key_where + ": '" + key + "' has no effect in " + what + "; remove it");
    throw ConfigError(value.key_where + ": there is no key '" + key + "'" + did_you_mean(key, known) +
                      " Keys of " + what + ": " + joined(known) + ".");
  }
}

}  // namespace odeon::host
