#include "data/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "data/mutation.hpp"
#include "data/scratch_folder.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// Files may grow to this many bytes while the object lives: a full disk, for any user.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

}  // namespace

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
      message_of([&] { read_file(folder / "none"); }).starts_with(folder / "none: opening failed: No such"));
  CHECK(message_of([&] {
          read_file(folder.path());
        }).starts_with(folder.path() + ": reading failed: Is a dir"));
  write_file_atomically(folder / "a", std::string(11, 'x'));
  CHECK(read_file(folder / "a", 11).size() == 11);
  CHECK(message_of([&] { read_file(folder / "a", 10); }) ==
        folder /
            "a: is larger than 10 bytes, which no such file should be; check that the right one is named");
  CHECK(
      message_of([&] { read_file("/dev/zero", 1000); }).starts_with("/dev/zero: is larger than 1000 bytes"));
}
