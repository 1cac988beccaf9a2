// Slots that break the contract while they run: the host goes on and says who it was.
#include "data/error.hpp"
#include "engine/field_program.hpp"
#include "experiment/option_binding.hpp"
#include "experiment/session.hpp"
#include "loader/host_table.hpp"
#include "loader/marks.hpp"
#include "specimen_folder.hpp"

namespace odeon::test {
namespace {

std::shared_ptr<host::Field> make_field(const host::Registry& registry) {
  const host::BoundOptions none;
  return host::Field::create(registry.require(ODEON_KIND_FIELD, "specimen", ""), &none.value(), {});
}

}  // namespace

TEST_CASE("a place has one mark, however often it is bound") {
  const int32_t first = host::add_mark("marks.yaml:1:2"), second = host::add_mark("marks.yaml:3:4");
  CHECK(first != second);
  CHECK(host::add_mark("marks.yaml:1:2") == first);
  CHECK(host::mark_text(first) == "marks.yaml:1:2");
  CHECK(host::mark_text(second) == "marks.yaml:3:4");
  CHECK(host::mark_text(0).empty());
  CHECK(host::mark_text(second + 1'000'000).empty());
}

TEST_CASE("an exception or an error of init refuses the plugin, and its neighbour loads") {
  const struct {
    const char *specimen, *refusal;
  } cases[] = {
      {"throws_in_init",
       "a plugin's init succeeds; found init: an exception left the plugin, which none may; found 'no "
       "licence'; "
       "catch it there (odeon::barrier) and return a status; repair what it names, or remove the file"},
      {"fails_in_init",
       "a plugin's init succeeds; found init: the driver is too old; repair what it names, or remove the "
       "file"},
  };
  for (const auto& c : cases) {
    const SpecimenFolder folder;
    const std::string bad = folder.add(c.specimen);
    folder.add("good");
    for (int time = 0; time < 2; ++time) {  // the verdict stays, though init is called once
      const host::Registry registry = folder.discover();
      CHECK(refusal_of(registry, bad) == c.refusal);
      CHECK(has_good(registry));
    }
  }
}

TEST_CASE("an exception that leaves create becomes an error that names the component") {
  const SpecimenFolder folder;
  folder.add("throws_in_create");
  const host::Registry registry = folder.discover();
  CHECK_THROWS_WITH_AS(make_field(registry),
                       "field 'specimen': an exception left the plugin, which none may; found 'no table for "
                       "this'; catch it there (odeon::barrier) and return a status",
                       host::PluginError);
}

TEST_CASE("an exception that leaves destroy is logged, and the host goes on") {
  const SpecimenFolder folder;
  folder.add("throws_in_destroy");
  const host::Registry registry = folder.discover();
  std::string logged;
  host::set_log_sink([&](int32_t level, std::string_view text) {
    if (level == ODEON_LOG_ERROR) logged = text;
  });
  make_field(registry).reset();
  host::set_log_sink({});
  CHECK(
      logged ==
      "field 'specimen': an exception left the plugin, which none may; found 'still in use'; catch it there "
      "(odeon::barrier) and return a status");
}

TEST_CASE("init is called once per process, however often plugins are looked for") {
  const SpecimenFolder folder;
  folder.add("once");
  int calls = 0;
  host::set_log_sink([&](int32_t, std::string_view text) { calls += text == "once: init"; });
  for (int time = 0; time < 3; ++time) CHECK(folder.discover().find(ODEON_KIND_SOLVER, "once"));
  host::set_log_sink({});
  CHECK(calls == 1);
}

}  // namespace odeon::test
