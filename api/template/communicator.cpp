// A communicator of one process: what every call means where there is nobody else.
//
// One for several ranks gives each its place in `rank`, and exchanges in the other functions, which all ranks
// call in the same order. The order of a sum is fixed (communicator.h), so that a training repeats to the
// last bit.
#include <cstdlib>
#include <odeon/sdk/communicator.hpp>

namespace {

using namespace odeon;

class Alone {
 public:
  Alone(const odeon_host*, const Options&) {}

  int32_t rank() const { return 0; }
  int32_t size() const { return 1; }
  int32_t local_rank() const { return 0; }

  // ((x0 + x1) + x2) + … of one rank is x0.
  template <class T>
  void sum(std::span<T>) {}
  void broadcast(std::span<std::byte>, int32_t) {}
  void barrier() {}
  [[noreturn]] void abort(int32_t exit_status) noexcept { std::_Exit(exit_status); }
};

constexpr odeon_communicator_api kApi = CommunicatorApi<Alone>::table();
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_COMMUNICATOR,
    {str("my_alone"), str("One process"), str("A set of one rank; exchanges nothing.")}, &kApi);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
