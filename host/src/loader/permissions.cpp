#include "loader/permissions.hpp"

#include <unistd.h>

namespace odeon::host {

std::string changeable_by_others(const struct stat& status, uid_t user, gid_t group) {
  if (status.st_mode & S_IWOTH) return "a path that everybody can write to";
  if ((status.st_mode & S_IWGRP) && status.st_gid != 0 && status.st_gid != group)
    return "a path that another group can write to";
  if (status.st_uid != 0 && status.st_uid != user) return "a path that another user owns";
  return "";
}

std::string changeable_by_others(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return "a path that cannot be examined";
  return changeable_by_others(status, geteuid(), getegid());
}

}  // namespace odeon::host
