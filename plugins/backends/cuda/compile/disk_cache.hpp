// Compiled code kept on disk by its content. An entry holds the whole key, so that a collision of hashes or a
// damaged file is a miss; it appears by rename, so that runs beside each other see whole entries only.
#pragma once
#include <optional>
#include <string>

namespace odeon::cuda {

class DiskCache {
 public:
  // folder empty: nothing is kept.
  explicit DiskCache(std::string folder) : folder_(std::move(folder)) {}

  // $XDG_CACHE_HOME/odeon/kernels or ~/.cache/odeon/kernels; empty where there is neither.
  static std::string default_folder();

  std::optional<std::string> find(const std::string& key) const;
  // Makes the folder, for this user alone. Returns why nothing was kept, or nothing: a cache that cannot be
  // written to costs time, not the run.
  std::string keep(const std::string& key, const std::string& image) const;

 private:
  // Others who may write there could put code into this process.
  std::string why_not_ours() const;
  std::string path_of(const std::string& key) const;
  std::string folder_;
};

}  // namespace odeon::cuda
