// Which files and folders are loaded from at all, before anything of them runs.
#include <sys/stat.h>

#include "loader/permissions.hpp"
#include "specimen_folder.hpp"

namespace odeon::test {
namespace {

constexpr const char* kNotLibrary = "a plugin is an ELF shared library for this machine; found ";
constexpr const char* kNotLibraryRemedy = "; build or copy it again, or remove it from the plugin folder";

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a file that is no shared library is refused with what it is instead") {
  const SpecimenFolder folder;
  folder.add("good");
  const std::string library = bytes_of(folder.file("good.so"));
  std::string other_machine = library;
  other_machine[18] = 0x08;  // e_machine: MIPS
  other_machine[19] = 0x00;
  std::string wild_offset = library;
  wild_offset.replace(40, 8, 8, '\x7f');  // e_shoff: far outside the file
  const struct {
    const char* name;
    std::string bytes, found;
  } cases[] = {
      {"text.so", "solver: yes\n", "a file of another format"},
      {"empty.so", "", "a file of another format"},
      {"head.so", library.substr(0, 20), "a truncated or damaged file"},
      {"half.so", library.substr(0, library.size() / 2), "a truncated or damaged file"},
      {"offset.so", wild_offset, "a truncated or damaged file"},
      {"machine.so", other_machine, "a library for another machine"},
  };
  for (const auto& c : cases) folder.add_text(c.name, c.bytes);
  const host::Registry registry = folder.discover();
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(refusal_of(registry, folder.file(c.name)) == kNotLibrary + c.found + kNotLibraryRemedy);
  }
  CHECK(has_good(registry));
}

TEST_CASE("a library cut off at any place or with any header byte changed never ends the process") {
  const SpecimenFolder folder;
  const std::string library = bytes_of(folder.add("missing_symbol"));  // never loaded, whatever is changed
  constexpr size_t kCut = 997;
  for (size_t size = 0; size < library.size(); size += kCut) {
    folder.add_text("missing_symbol.so", library.substr(0, size));
    CHECK_FALSE(refusal_of(folder.discover(), folder.file("missing_symbol.so")).empty());
  }
  constexpr size_t kHeader = 64;
  for (size_t at = 0; at < kHeader; ++at) {
    std::string changed = library;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    folder.add_text("missing_symbol.so", changed);
    CHECK_FALSE(refusal_of(folder.discover(), folder.file("missing_symbol.so")).empty());
  }
}

TEST_CASE("a library without the entry symbol is refused, and its static constructors never run") {
  const SpecimenFolder folder;
  const std::string bad = folder.add("missing_symbol"), trace = folder.file("trace");
  setenv("ODEON_TEST_CONSTRUCTOR_TRACE", trace.c_str(), 1);
  const host::Registry registry = folder.discover();
  CHECK(refusal_of(registry, bad) ==
        "a plugin exports the symbol odeon_plugin_v1; found none; export it (ODEON_PLUGIN_SINGLE) or remove "
        "the "
        "file from the plugin folder");
  CHECK_FALSE(fs::exists(trace));
  // The same constructor in a plugin that is loaded does leave its trace.
  folder.add("leaves_trace");
  CHECK(folder.discover().find(ODEON_KIND_SOLVER, "specimen"));
  CHECK(fs::exists(trace));
  unsetenv("ODEON_TEST_CONSTRUCTOR_TRACE");
}

TEST_CASE("a stripped plugin loads: its dynamic symbols are enough") {
  const SpecimenFolder folder;
  CHECK(bytes_of(folder.add("good")).find(".symtab") == std::string::npos);
  CHECK(bytes_of(folder.add("once")).find(".symtab") != std::string::npos);
  CHECK(has_good(folder.discover()));
}

TEST_CASE("a plugin with an unresolved symbol is refused naming it") {
  const SpecimenFolder folder;
  const std::string bad = folder.add("unresolved_symbol");
  folder.add("good");
  const host::Registry registry = folder.discover();
  const std::string refusal = refusal_of(registry, bad);
  CAPTURE(refusal);
  CHECK(refusal.starts_with("a plugin loads with all its symbols; found "));
  CHECK(refusal.find("odeon_test_function_that_nobody_has") != std::string::npos);
  CHECK(refusal.ends_with("; install what it needs, or link it"));
  CHECK(has_good(registry));
}

TEST_CASE("a file that everybody can write to is refused") {
  const SpecimenFolder folder;
  const std::string bad = folder.add("once");
  folder.add("good");
  REQUIRE(chmod(bad.c_str(), 0666) == 0);
  const host::Registry registry = folder.discover();
  CHECK(refusal_of(registry, bad) ==
        "nobody else may change a plugin; found a path that everybody can write to; chmod go-w FILE, and "
        "make it "
        "yours or root's");
  CHECK(has_good(registry));
}

TEST_CASE("a root that everybody can write to is refused with all that is in it") {
  const SpecimenFolder bad, good;
  bad.add("once");
  good.add("good");
  REQUIRE(chmod(bad.path().c_str(), 0777) == 0);
  host::LoaderOptions options = bad.only();
  options.roots.push_back(good.path());
  const host::Registry registry = host::Registry::discover(options);
  CHECK(
      refusal_of(registry, bad.path()) ==
      "nobody else may change a plugin root; found a path that everybody can write to; chmod go-w, or use a "
      "folder of your own");
  CHECK_FALSE(registry.find(ODEON_KIND_SOLVER, "once"));
  CHECK(has_good(registry));
}

TEST_CASE("only its owner, root and the owner's group may be able to change what is loaded") {
  constexpr uid_t kMe = 1000, kOther = 1001;
  constexpr gid_t kMine = 100, kTheirs = 101;
  const auto verdict = [&](mode_t mode, uid_t user, gid_t group) {
    struct stat s {};
    s.st_mode = mode, s.st_uid = user, s.st_gid = group;
    return host::changeable_by_others(s, kMe, kMine);
  };
  CHECK(verdict(0755, kMe, kTheirs) == "");
  CHECK(verdict(0755, 0, 0) == "");
  CHECK(verdict(0775, kMe, kMine) == "");
  CHECK(verdict(0775, 0, 0) == "");
  CHECK(verdict(0775, kMe, kTheirs) == "a path that another group can write to");
  CHECK(verdict(0757, kMe, kMine) == "a path that everybody can write to");
  CHECK(verdict(0755, kOther, kMine) == "a path that another user owns");
}

TEST_CASE("a link into a folder that everybody can write to is refused") {
  const SpecimenFolder open, folder;
  open.add("once");
  REQUIRE(chmod(open.path().c_str(), 0777) == 0);
  fs::create_symlink(open.file("once.so"), folder.file("once.so"));
  CHECK(refusal_of(folder.discover(), folder.file("once.so")) ==
        "nobody else may change the folder that a plugin's link leads to; found a path that everybody can "
        "write "
        "to (" +
            open.path() + "); chmod go-w that folder, or copy the file");
}

TEST_CASE("relative and missing roots and dangling links are refused") {
  const SpecimenFolder folder;
  folder.add("good");
  fs::create_symlink(folder.file("nowhere"), folder.file("link.so"));
  host::LoaderOptions options = folder.only();
  options.roots.insert(options.roots.begin(), {"plugins", "/nowhere/plugins"});
  const host::Registry registry = host::Registry::discover(options);
  CHECK(refusal_of(registry, "plugins") ==
        "plugin roots are absolute paths; found a relative one; write the whole path");
  CHECK(refusal_of(registry, "/nowhere/plugins") ==
        "plugin roots are folders; found none there; create it or remove it from the roots");
  CHECK(refusal_of(registry, folder.file("link.so")) ==
        "a plugin is a regular file; found a dangling link; remove it");
  CHECK(has_good(registry));
}

TEST_CASE("a root that is named twice is searched once") {
  const SpecimenFolder folder;
  folder.add("good");
  host::LoaderOptions options = folder.only();
  options.roots.push_back(folder.path() + "/.");
  const host::Registry registry = host::Registry::discover(options);
  CHECK(registry.roots() == std::vector<std::string>{folder.path()});
  CHECK(registry.refusals().empty());
  CHECK(has_good(registry));
}

}  // namespace odeon::test
