// A plugin folder of a test's own, filled with specimens of tests/bad_plugins, and gone with the test.
#pragma once
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "loader/registry.hpp"

namespace odeon::test {

namespace fs = std::filesystem;

class SpecimenFolder {
 public:
  SpecimenFolder() {
    std::string name = (fs::canonical(fs::temp_directory_path()) / "odeon-loader-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));  // readable by this user only
    path_ = name;
  }
  ~SpecimenFolder() { fs::remove_all(path_); }
  SpecimenFolder(const SpecimenFolder&) = delete;
  SpecimenFolder& operator=(const SpecimenFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  // as: the file's name in the folder; by default the specimen's.
  std::string add(const std::string& specimen, const std::string& as = "") const {
    const std::string to = file(as.empty() ? specimen + ".so" : as);
    fs::copy_file(std::string(ODEON_BINARY_DIR) + "/tests/bad_plugins/" + specimen + ".so", to,
                  fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_all);
    return to;
  }
  std::string add_text(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    fs::permissions(file(name), fs::perms::owner_all);
    return file(name);
  }

  host::Registry discover() const { return host::Registry::discover(only()); }
  host::LoaderOptions only() const {
    host::LoaderOptions options;
    options.roots = {path_};
    options.built_in_roots = false;
    return options;
  }

 private:
  std::string path_;
};

// "rule; found X; remedy" of the one refusal of a file or folder; empty when there is none.
inline std::string refusal_of(const host::Registry& registry, const std::string& path) {
  std::string text;
  for (const host::Refusal& r : registry.refusals())
    if (r.path == path) {
      REQUIRE(text.empty());
      text = r.text();
    }
  REQUIRE((text.empty() || text.starts_with(path + ": ")));
  return text.empty() ? text : text.substr(path.size() + 2);
}

inline bool has_good(const host::Registry& registry) { return registry.find(ODEON_KIND_SOLVER, "good"); }

}  // namespace odeon::test
