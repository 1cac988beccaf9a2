#include "data/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "data/file_size_limit.hpp"
#include "data/mutation.hpp"
#include "data/scratch_folder.hpp"

using namespace odeon::host;
using namespace odeon::test;

TEST_CASE("a file written atomically holds what was given, with the permissions of the process") {
  const ScratchFolder folder;
  const mode_t old = umask(027);
  write_file_atomically(folder / "a", std::string("old"));
  write_file_atomically(folder / "a", std::string("new"));
  umask(old);
  CHECK(contents_of(folder / "a") == "new");
  CHECK(folder.entries() == 1);
  struct stat status {};
  REQUIRE(stat((folder / "a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a write that fails midway leaves the old file and no other") {
  const ScratchFolder folder;
  write_file_atomically(folder / "a", std::string("old"));
  std::string message;
  {
    const FileSizeLimit limit(1000);
    message = message_of([&] { write_file_atomically(folder / "a", std::string(100000, 'x')); });
  }
  CHECK(message ==
        (folder / "a") +
            ": writing failed: File too large; check the folder, its permissions and the free space");
  CHECK(contents_of(folder / "a") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a target that is a folder, or lies in no folder, is refused and nothing is left") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "taken");
  CHECK(message_of([&] {
          write_file_atomically(folder / "taken", std::string("x"));
        }).starts_with(folder / "taken: renaming failed: Is a directory"));
  CHECK(message_of([&] {
          write_file_atomically(folder / "none/a", std::string("x"));
        }).starts_with(folder / "none/a: creating a file beside it failed: No such file or directory"));
  write_file_atomically(folder / "file", std::string("x"));
  CHECK(message_of([&] {
          write_file_atomically(folder / "file/a", std::string("x"));
        }).starts_with(folder / "file/a: creating a file beside it failed: Not a directory"));
  CHECK(folder.entries() == 2);
}

TEST_CASE("what is no file, or is larger than it may be, is not read") {
  const ScratchFolder folder;
  CHECK(
      message_of([&] { read_file(folder / "none"); }).starts_with(folder / "none: cannot be read: No such"));
  CHECK(message_of([&] {
          read_file(folder.path());
        }).starts_with(folder.path() + ": cannot be read: Is a dir"));
  write_file_atomically(folder / "a", std::string(11, 'x'));
  CHECK(read_file(folder / "a", 11).size() == 11);
  CHECK(message_of([&] { read_file(folder / "a", 10); }) ==
        folder /
            "a: is larger than 10 bytes, which no such file should be; check that the right one is named");
  CHECK(
      message_of([&] { read_file("/dev/zero", 1000); }).starts_with("/dev/zero: is larger than 1000 bytes"));
}
