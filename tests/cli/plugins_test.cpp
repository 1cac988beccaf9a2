// odeon plugins: what was found, where, and why anything was refused.
#include "data/sha256.hpp"
#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {

TEST_CASE("odeon plugins lists good plugins, counts refused ones, and -v gives file, rule and remedy") {
  const SpecimenFolder folder, scratch;
  const std::string good = folder.add("good"), bad = folder.add("wrong_magic");
  const Outcome brief = run_odeon(scratch.path(), {"plugins", "--root", folder.path()});
  CHECK(brief.status == 0);
  CHECK(contains(brief.out, "solver       good            1.0.0   A specimen\n"));
  CHECK(contains(brief.out, "solver       dopri5 "));  // of the build tree
  CHECK(contains(brief.out, "1 refused; `odeon plugins -v` says why\n"));

  const Outcome verbose = run_odeon(scratch.path(), {"plugins", "-v", "--root", folder.path()});
  CHECK(verbose.status == 0);
  CHECK(contains(verbose.out, good + "\n          sha256 " + host::sha256_of_file(good) + "\n"));
  CHECK(contains(verbose.out, "searched  " + folder.path() + "\n"));
  CHECK(contains(verbose.out, "searched  " ODEON_BINARY_DIR "/plugins\n"));
  CHECK(contains(verbose.out, "refused   " + bad +
                                  ": the magic number must be ODEON_PLUGIN_MAGIC; found 7; this is not an "
                                  "Odeon plugin, or it is damaged\n"));
}

TEST_CASE("odeon plugins -v says of each backend its device, or why it has none") {
  const SpecimenFolder folder, scratch;
  folder.add("backend/no_device", "no_device.so");
  const Outcome o = run_odeon(scratch.path(), {"plugins", "-v", "--root", folder.path()});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "          backend 'specimen': driver: no such device\n"));
  CHECK(contains(o.out, "          device reference (plain loops)\n"));
}

TEST_CASE("odeon plugins without any plugin says where it looked, and how to name a folder") {
  const SpecimenFolder alone, empty, scratch;
  const std::string program = alone.file("odeon");
  fs::copy_file(ODEON_BINARY_DIR "/bin/odeon", program);  // away from its plugins
  const auto list = [&](const std::string& words) {
    const std::string out = scratch.file("out");
    REQUIRE(std::system(
                ("ODEON_PLUGIN_PATH= '" + program + "' plugins " + words + " >'" + out + "'").c_str()) == 0);
    return text_of(out);
  };
  CHECK(list("").starts_with("no plugin was found, and no folder to look in; name one with --root DIR, in "));
  CHECK(list("--root '" + empty.path() + "'")
            .starts_with("no plugin was found in " + empty.path() + "; name one "));
}

TEST_CASE("odeon plugins --markdown has one row per component and no refusals") {
  const SpecimenFolder folder, scratch;
  folder.add("good");
  folder.add("wrong_magic");
  const Outcome o = run_odeon(scratch.path(), {"plugins", "--markdown", "--root", folder.path()});
  CHECK(o.status == 0);
  CHECK(o.out.starts_with("| kind | id | what it is | licence |\n| --- | --- | --- | --- |\n| backend | `"));
  CHECK(contains(o.out, "| solver | `good` | A specimen | Apache-2.0 |\n"));
  CHECK(o.out.find("refused") == std::string::npos);
}

TEST_CASE("odeon plugins refuses a relative root and searches roots of ODEON_PLUGIN_PATH") {
  const SpecimenFolder folder, scratch;
  folder.add("good");
  const Outcome o =
      run_odeon(scratch.path(), {"plugins", "-v", "--root", "plugins"}, "ODEON_PLUGIN_PATH=" + folder.path());
  CHECK(o.status == 0);
  CHECK(contains(o.out,
                 "refused   plugins: plugin roots are absolute paths; found a relative one; write the "
                 "whole path\n"));
  CHECK(contains(o.out, "solver       good "));
}

TEST_CASE("the lock that odeon plugins writes is what a pinned deployment loads, and nothing else") {
  const SpecimenFolder folder, scratch;
  folder.add("good");
  const std::string lock = scratch.file("plugins.lock");
  const std::string deployment = scratch.add_text(
      "deployment.yaml", "plugins: {roots: [" + folder.path() + "], policy: pinned, lock: plugins.lock}\n");
  // The policy does not stand in the way of the lock's own making.
  REQUIRE(run_odeon(scratch.path(), {"plugins", "--lock", lock, "--with", deployment}).status == 0);
  CHECK(contains(text_of(lock), host::sha256_of_file(folder.file("good.so")) + "  good.so\n"));
  CHECK(contains(text_of(lock), "  odeon_solver_dopri5.so\n"));

  const std::string added = folder.add("leaves_trace");
  const Outcome o = run_odeon(scratch.path(), {"plugins", "-v", "--with", deployment});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "solver       good "));
  CHECK(contains(o.out, "solver       dopri5 "));
  CHECK(contains(o.out, "refused   " + added + ": under policy pinned a plugin's SHA-256 stands in " + lock +
                            "; found no entry for it; "));
}

TEST_CASE("a plugin is initialised once and shut down when the program ends") {
  const SpecimenFolder folder, scratch;
  folder.add("once");
  const Outcome o = run_odeon(scratch.path(), {"plugins", "--root", folder.path()});
  CHECK(o.status == 0);
  CHECK(o.err == "warning: once: init\nonce: shutdown\n");
}

TEST_CASE("odeon plugins with a wrong option ends with status 2 and the usage") {
  const SpecimenFolder scratch;
  const Outcome o = run_odeon(scratch.path(), {"plugins", "--loud"});
  CHECK(o.status == 2);
  CHECK(contains(o.err, "--loud"));
  CHECK(contains(o.err, "usage: odeon plugins [-v]"));
}

}  // namespace odeon::test
