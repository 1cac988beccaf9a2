// Leaves the time out of what it saves.
#include "heun.hpp"

namespace {
struct Forgetful : Heun {
  using Heun::Heun;
  void archive(Archive& a) {
    a.value(h_);
    a.value(moved_);
    a.vector(begin());
    a.vector(end());
  }
};
}  // namespace

SPECIMEN_HEUN(Forgetful)
