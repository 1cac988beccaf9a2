#include "conformance/run.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "conformance/isolated.hpp"
#include "conformance/plugin_file.hpp"
#include "data/error.hpp"
#include "data/nearest.hpp"
#include "loader/kinds.hpp"

namespace odeon::host::conformance {
namespace {

using Json = nlohmann::json;

// Texts of a plugin need not be UTF-8.
std::string text_of(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

constexpr const char* kBrokenRemedy =
    "find out why with a debugger or a sanitizer; --only makes this check alone, --timeout gives it longer";

class Run {
 public:
  Run(const CheckSettings& settings, const std::function<void(const Line&)>& tell)
      : settings_(settings), tell_(tell) {
    std::error_code missing;
    const std::string path = std::filesystem::canonical(settings.given.path, missing).string();
    report_.path = missing ? settings.given.path : path;
  }

  Report all() {
    report_.loaded = file();
    if (!report_.loaded) return report_;
    Given given = settings_.given;
    given.path = report_.path;
    given.helper = survey_.helper;
    for (const Survey::Component& c : survey_.components) component(given, c);
    return report_;
  }

 private:
  bool file() {
    for (const FileCheck& check : file_checks()) {
      start();
      const Outcome outcome = run_isolated(settings_.timeout, false, [&] {
        const Broken b = check.run(report_.path);
        return text_of({b.rule, b.found, b.remedy});
      });
      const Json found = outcome.broken.empty() ? Json::parse(outcome.output)
                                                : Json{"this passes", outcome.broken, kBrokenRemedy};
      const bool good = found[0] == "";
      line({"", check.name, good ? Verdict::pass : Verdict::fail,
            good ? "" : found[0].get<std::string>() + "; found " + found[1].get<std::string>(), found[2]});
      if (!good) return false;
    }
    return look_inside();
  }

  bool look_inside() {
    start();
    const Outcome outcome =
        run_isolated(settings_.timeout, false, [&] { return text_of(survey(report_.path)); });
    const auto refuse = [&](const std::string& found, const std::string& remedy) {
      line({"", "components", Verdict::fail, found, remedy});
      return false;
    };
    if (!outcome.broken.empty())
      return refuse("loading it beside the installed plugins " + outcome.broken, kBrokenRemedy);
    survey_ = Json::parse(outcome.output).get<Survey>();
    if (!survey_.refused.empty()) return refuse(survey_.refused, "rename the component");
    const bool needs_helper = std::any_of(
        survey_.components.begin(), survey_.components.end(),
        [](const auto& c) { return c.kind != ODEON_KIND_BACKEND && c.kind != ODEON_KIND_COMMUNICATOR; });
    if (needs_helper && survey_.helper.empty())
      return refuse("no backend on host memory is installed for the checks to compute on",
                    "install one, or name its folder in ODEON_PLUGIN_PATH");
    return true;
  }

  void component(const Given& given, const Survey::Component& c) {
    const std::string id = kind_name(c.kind) + "/" + c.id;
    std::set<std::string> blocking;
    for (const Check& check : checks_of(c.kind)) {
      if (!settings_.only.empty() && settings_.only != check.name) continue;
      start();
      Finding finding;
      const auto cause = std::find_if(check.needs.begin(), check.needs.end(),
                                      [&](const char* name) { return name && blocking.contains(name); });
      if (cause != check.needs.end())
        finding = {Verdict::skip, "nothing is to be seen without '" + std::string(*cause) + "'", true};
      else
        finding = made_alone(check, given, c);
      if (finding.blocks) blocking.insert(check.name);
      line(
          {id, check.name, finding.verdict, finding.figure, finding.verdict == Verdict::fail ? remedy_ : ""});
    }
  }

  Finding made_alone(const Check& check, const Given& given, const Survey::Component& c) {
    remedy_ = check.remedy;
    const Outcome outcome = run_isolated(settings_.timeout, check.orderly, [&] {
      Finding f;
      try {
        f = check.run(Subject::load(given, c.kind, c.id));
      } catch (const std::exception& e) {
        f = fail(e.what());
      }
      return text_of({static_cast<int>(f.verdict), f.figure, f.blocks});
    });
    if (!outcome.broken.empty()) {
      remedy_ = kBrokenRemedy;
      return fail(outcome.broken);
    }
    const Json f = Json::parse(outcome.output);
    return {static_cast<Verdict>(f[0].get<int>()), f[1], f[2]};
  }

  void start() { started_ = std::chrono::steady_clock::now(); }
  void line(Line l) {
    l.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    tell_(l);
    report_.lines.push_back(std::move(l));
  }

  const CheckSettings& settings_;
  const std::function<void(const Line&)>& tell_;
  Report report_;
  Survey survey_;
  std::string remedy_;  // for the check that was made last
  std::chrono::steady_clock::time_point started_;
};

void require_known(const std::string& only) {
  std::vector<std::string> names;
  for (int32_t kind : kKinds)
    for (const Check& check : checks_of(kind)) names.emplace_back(check.name);
  if (std::find(names.begin(), names.end(), only) != names.end()) return;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  throw ConfigError("--only: there is no check '" + only + "'" + did_you_mean(only, names) +
                    " Checks: " + joined(names) + ".");
}

}  // namespace

int Report::count(Verdict verdict) const {
  return static_cast<int>(
      std::count_if(lines.begin(), lines.end(), [&](const Line& l) { return l.verdict == verdict; }));
}

Report check_file(const CheckSettings& settings, const std::function<void(const Line&)>& tell) {
  if (!settings.only.empty()) require_known(settings.only);
  return Run(settings, tell).all();
}

}  // namespace odeon::host::conformance
