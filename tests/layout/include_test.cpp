// Who may include whom: plugins -> api, host -> api, nothing -> plugins.
#include "layout/sources.hpp"

using namespace odeon::test;

namespace {

bool is_odeon(const Include& i) { return !i.quoted && i.name.starts_with("odeon/"); }

// plugins/<kind>/<folder> for a plugin of several files, plugins/<kind> for one of a single file.
fs::path own_folder(const fs::path& file) {
  fs::path folder;
  int depth = 0;
  for (const fs::path& part : file.parent_path())
    if (depth++ < 3) folder /= part;
  return folder;
}

}  // namespace

TEST_CASE("the api includes itself and the standard library alone") {
  const std::vector<fs::path> files = sources("api", kCode);
  CHECK(files.size() > 20);
  for (const fs::path& file : files)
    for (const Include& i : includes_of(file)) {
      CAPTURE(file.string());
      CAPTURE(i.name);
      CHECK_FALSE(i.quoted);
      if (is_odeon(i)) CHECK(in_api(i.name));
      if (!is_odeon(i)) CHECK((i.name == "stdint.h" || i.name.find_first_of("./") == std::string::npos));
      if (below(file, "api/include")) CHECK_FALSE(i.name.starts_with("odeon/sdk/"));
    }
}

TEST_CASE("a plugin includes the api and its own folder, never the host or another plugin") {
  const std::vector<fs::path> files = sources("plugins", kCode);
  CHECK(files.size() > 20);
  for (const fs::path& file : files)
    for (const Include& i : includes_of(file)) {
      CAPTURE(file.string());
      CAPTURE(i.name);
      if (is_odeon(i)) CHECK(in_api(i.name));
      if (!i.quoted) continue;
      const fs::path found = resolved(file, i.name, "plugins");
      CHECK(below(found, own_folder(file)));
    }
}

TEST_CASE("the host includes the api and itself, never a plugin") {
  const std::vector<fs::path> files = sources("host", kCode);
  CHECK(files.size() > 50);
  for (const fs::path& file : files)
    for (const Include& i : includes_of(file)) {
      CAPTURE(file.string());
      CAPTURE(i.name);
      if (is_odeon(i)) CHECK((in_api(i.name) || fs::exists(kRoot / "host/include" / i.name)));
      if (i.quoted)
        CHECK((fs::exists(kRoot / "host/src" / i.name) || !resolved(file, i.name, "host").empty()));
    }
}

TEST_CASE("public headers of the host include the api, each other and the standard library alone") {
  const std::vector<fs::path> files = sources("host/include", kCode);
  CHECK(files.size() >= 5);
  for (const fs::path& file : files)
    for (const Include& i : includes_of(file)) {
      CAPTURE(file.string());
      CAPTURE(i.name);
      CHECK_FALSE(i.quoted);
      CHECK((is_odeon(i) || i.name.find_first_of("./") == std::string::npos));
    }
}

TEST_CASE("the Python module is made of the embedding API alone") {
  const std::vector<fs::path> files = sources("host/python", kCode);
  CHECK(files.size() > 10);
  for (const fs::path& file : files)
    for (const Include& i : includes_of(file)) {
      CAPTURE(file.string());
      CAPTURE(i.name);
      if (is_odeon(i)) CHECK((in_api(i.name) || fs::exists(kRoot / "host/include" / i.name)));
      if (i.quoted) CHECK(below(resolved(file, i.name, "host/python"), "host/python"));
    }
}

TEST_CASE("no path into plugins stands in an include or a link line outside of them") {
  for (const char* folder : {"api", "host"})
    for (const fs::path& file : sources(folder, {".c", ".h", ".cpp", ".hpp", ".txt", ".cmake"})) {
      CAPTURE(file.string());
      const std::string text = text_of(kRoot / file);
      for (const Include& i : includes_of(file)) CHECK(i.name.find("plugins/") == std::string::npos);
      for (const char* target :
           {"odeon_backend_", "odeon_field_", "odeon_solver_", "odeon_gradient_", "odeon_communicator_"})
        if (file.filename() == "CMakeLists.txt") CHECK(text.find(target) == std::string::npos);
    }
}
