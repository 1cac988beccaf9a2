#include "compile/disk_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace odeon::cuda {
namespace {

// FNV-1a, 64 bits (Fowler, Noll, Vo): names of files and a check against damage, no protection against
// intent.
uint64_t hash(const std::string& text) {
  uint64_t h = 14695981039346656037ull;
  for (unsigned char c : text) h = (h ^ c) * 1099511628211ull;
  return h;
}

// "odeon-kernels 1", sizes of key and image, hash of both, then both.
std::string header(const std::string& key, const std::string& image) {
  char text[128];
  std::snprintf(text, sizeof text, "odeon-kernels 1 %zu %zu %016" PRIx64 "\n", key.size(), image.size(),
                hash(key + image));
  return text;
}

bool write_all(int file, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = write(file, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

std::string DiskCache::default_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && cache[0] == '/')
    return std::string(cache) + "/odeon/kernels";
  if (const char* home = std::getenv("HOME"); home && home[0] == '/')
    return std::string(home) + "/.cache/odeon/kernels";
  return "";
}

std::string DiskCache::path_of(const std::string& key) const {
  char name[32];
  std::snprintf(name, sizeof name, "/%016" PRIx64 ".bin", hash(key));
  return folder_ + name;
}

std::string DiskCache::why_not_ours() const {
  struct stat s;
  if (stat(folder_.c_str(), &s) != 0) return std::strerror(errno);
  if (s.st_uid != geteuid()) return "it belongs to another user";
  if (s.st_mode & (S_IWGRP | S_IWOTH)) return "others may write to it; remove their right: chmod go-w";
  return "";
}

std::optional<std::string> DiskCache::find(const std::string& key) const {
  if (folder_.empty() || !why_not_ours().empty()) return std::nullopt;
  std::ifstream in(path_of(key), std::ios::binary);
  if (!in) return std::nullopt;
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  const size_t line = all.find('\n');
  if (line == std::string::npos || all.size() < line + 1 + key.size()) return std::nullopt;
  std::string image = all.substr(line + 1 + key.size());
  if (all.substr(0, line + 1) != header(key, image) || all.compare(line + 1, key.size(), key) != 0)
    return std::nullopt;
  return image;
}

std::string DiskCache::keep(const std::string& key, const std::string& image) const {
  if (folder_.empty()) return "";
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder_).parent_path(), error);
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return folder_ + ": " + std::strerror(errno);
  if (const std::string why = why_not_ours(); !why.empty()) return folder_ + ": " + why;
  static std::atomic<uint64_t> counter{0};
  const std::string path = path_of(key);
  const std::string beside = path + "." + std::to_string(getpid()) + "." + std::to_string(counter++);
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return beside + ": " + std::strerror(errno);
  const bool written = write_all(file, header(key, image) + key + image);
  const bool closed = close(file) == 0;
  if (written && closed && rename(beside.c_str(), path.c_str()) == 0) return "";
  const std::string why = path + ": " + std::strerror(errno);
  unlink(beside.c_str());
  return why;
}

}  // namespace odeon::cuda
