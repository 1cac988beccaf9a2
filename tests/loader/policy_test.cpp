// Policies any and pinned, and the lock file between them.
#include "data/error.hpp"
#include "loader/host_table.hpp"
#include "specimen_folder.hpp"

namespace odeon::test {
namespace {

host::LoaderOptions pinned(const SpecimenFolder& folder) {
  host::LoaderOptions options = folder.only();
  options.pinned = true;
  options.lock_file = folder.file("plugins.lock");
  return options;
}

}  // namespace

TEST_CASE("under policy pinned the files of the lock load, and an unlisted or changed one does not") {
  const SpecimenFolder folder;
  folder.add("good");
  folder.add("once");
  folder.discover().write_lock(folder.file("plugins.lock"));
  CHECK(host::Registry::discover(pinned(folder)).refusals().empty());

  std::ofstream(folder.file("once.so"), std::ios::app) << "one byte more";
  const std::string added = folder.add("leaves_trace");
  const host::Registry registry = host::Registry::discover(pinned(folder));
  const std::string rule = "under policy pinned a plugin's SHA-256 stands in " + folder.file("plugins.lock"),
                    remedy = "; check the file, then run `odeon plugins --lock " +
                             folder.file("plugins.lock") + "`";
  CHECK(refusal_of(registry, folder.file("once.so")) == rule + "; found another sum" + remedy);
  CHECK(refusal_of(registry, added) == rule + "; found no entry for it" + remedy);
  CHECK(has_good(registry));
  CHECK_FALSE(registry.find(ODEON_KIND_SOLVER, "once"));
}

TEST_CASE("a lock file that is missing or damaged is an error that names file and line") {
  const SpecimenFolder folder;
  const std::string lock = folder.file("plugins.lock");
  CHECK_THROWS_WITH_AS(
      host::Registry::discover(pinned(folder)),
      (lock + ": the lock file cannot be read; write it with `odeon plugins --lock " + lock + "`").c_str(),
      host::ConfigError);
  for (const std::string& line :
       {std::string("0123  good.so"), std::string(64, 'g') + "  good.so", std::string(64, 'a') + "  "}) {
    folder.add_text("plugins.lock", "# a comment\n" + line + "\n");
    CHECK_THROWS_WITH_AS(
        host::Registry::discover(pinned(folder)),
        (lock + ":2: a line of a lock file is a SHA-256, two spaces and a file name; found '" + line +
         "'; write the file with `odeon plugins --lock " + lock + "`")
            .c_str(),
        host::ConfigError);
  }
}

TEST_CASE("ODEON_PLUGIN_PATH is searched under policy any and ignored, with a warning, under pinned") {
  const SpecimenFolder folder, empty;
  folder.add("good");
  folder.discover().write_lock(folder.file("plugins.lock"));
  setenv("ODEON_PLUGIN_PATH", (empty.path() + ":" + folder.path()).c_str(), 1);
  std::string warning;
  host::set_log_sink([&](int32_t, std::string_view text) { warning = text; });
  host::LoaderOptions options;
  CHECK(has_good(host::Registry::discover(options)));
  CHECK(warning.empty());
  options.pinned = true;
  options.lock_file = folder.file("plugins.lock");
  CHECK_FALSE(has_good(host::Registry::discover(options)));
  CHECK(warning == "ODEON_PLUGIN_PATH is ignored under policy pinned and in privileged processes");
  host::set_log_sink({});
  unsetenv("ODEON_PLUGIN_PATH");
}

}  // namespace odeon::test
