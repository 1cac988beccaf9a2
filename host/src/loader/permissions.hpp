// Who else can change a file or a folder that native code is loaded from.
#pragma once
#include <sys/stat.h>

#include <string>

namespace odeon::host {

// Empty when only `user` (or root) can; members of the user's own `group` count as the user.
std::string changeable_by_others(const struct stat& status, uid_t user, gid_t group);
// For the user of this process.
std::string changeable_by_others(const std::string& path);

}  // namespace odeon::host
