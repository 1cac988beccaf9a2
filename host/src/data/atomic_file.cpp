#include "data/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "data/error.hpp"

namespace odeon::host {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw RunError(path + ": " + what + " failed: " + std::strerror(errno) +
                 "; check the folder, its permissions and the free space");
}

[[noreturn]] void fail_to_read(const std::string& path) {
  throw RunError(path + ": cannot be read: " + std::strerror(errno) + "; check its name and its permissions");
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void write_all(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "writing");
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

}  // namespace

void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(mkstemp(temporary.data()));
  if (file.get() < 0) fail(path, "creating a file beside it");
  try {
    write_all(file.get(), bytes, path);
    const mode_t mask = umask(0);
    umask(mask);
    if (fchmod(file.get(), 0666 & ~mask) != 0 || fsync(file.get()) != 0) fail(path, "syncing");
    if (rename(temporary.c_str(), path.c_str()) != 0) fail(path, "renaming");
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
  const size_t slash = path.rfind('/');
  const Descriptor folder(
      open(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY));
  if (folder.get() >= 0)
    fsync(folder.get());  // the rename itself; some file systems cannot, and then it is best effort
}

void write_file_atomically(const std::string& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::vector<std::byte> read_file(const std::string& path, size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_to_read(path);
  struct stat status {};
  constexpr size_t kMaxStream = size_t{1} << 30;  // pipes and devices such as /dev/zero tell no size
  if (fstat(file.get(), &status) == 0 && !S_ISREG(status.st_mode))
    max_bytes = std::min(max_bytes, kMaxStream);
  std::vector<std::byte> out;
  constexpr size_t kBlock = size_t{1} << 20;
  for (;;) {
    const size_t have = out.size();
    if (have > max_bytes)
      throw RunError(path + ": is larger than " + std::to_string(max_bytes) +
                     " bytes, which no such file should be; check that the right one is named");
    out.resize(have + kBlock);
    const ssize_t n = read(file.get(), out.data() + have, kBlock);
    if (n < 0 && errno != EINTR) fail_to_read(path);
    out.resize(have + static_cast<size_t>(n > 0 ? n : 0));
    if (n == 0) return out;
  }
}

}  // namespace odeon::host
