// For communicators: the C table of a class, with the checks of arguments that every one needs.
#pragma once
#include <odeon/communicator.h>

#include <cstddef>
#include <memory>
#include <odeon/sdk/plugin.hpp>
#include <span>

namespace odeon {

// Class(const odeon_host*, const Options&), and
//   int32_t rank() const, size() const, local_rank() const;
//   void sum(std::span<double>), sum(std::span<float>), broadcast(std::span<std::byte>, int32_t root),
//   barrier(), void abort(int32_t exit_status) noexcept, which does not return.
template <class Class>
struct CommunicatorApi {
  struct Instance {
    const odeon_host* host;
    Class ranks;
  };

  static odeon_status create(const odeon_host* host, const odeon_value* options, odeon_communicator** out) {
    return barrier_of(host, [&] {
      auto instance = std::unique_ptr<Instance>(new Instance{host, Class(host, Options(options))});
      *out = reinterpret_cast<odeon_communicator*>(instance.release());
    });
  }
  static void destroy(odeon_communicator* c) { delete &of(c); }

  static odeon_status info(odeon_communicator* c, odeon_communicator_info* out) {
    return barrier_of(of(c).host, [&] {
      const Class& ranks = of(c).ranks;
      out->rank = ranks.rank(), out->size = ranks.size(), out->local_rank = ranks.local_rank();
    });
  }

  static odeon_status sum(odeon_communicator* c, void* values, int32_t dtype, int64_t count) {
    return barrier_of(of(c).host, [&] {
      const size_t n = checked(count);
      if (dtype == ODEON_F64)
        of(c).ranks.sum(std::span(static_cast<double*>(values), n));
      else if (dtype == ODEON_F32)
        of(c).ranks.sum(std::span(static_cast<float*>(values), n));
      else
        throw Error("sum: dtype " + std::to_string(dtype) + " is not ODEON_F32 or ODEON_F64",
                    ODEON_E_UNSUPPORTED);
    });
  }

  static odeon_status broadcast(odeon_communicator* c, void* bytes, int64_t count, int32_t root) {
    return barrier_of(of(c).host, [&] {
      const size_t n = checked(count);
      if (root < 0 || root >= of(c).ranks.size())
        throw Error("broadcast: there is no rank " + std::to_string(root) + " among " +
                    std::to_string(of(c).ranks.size()));
      of(c).ranks.broadcast(std::span(static_cast<std::byte*>(bytes), n), root);
    });
  }

  static odeon_status barrier(odeon_communicator* c) {
    return barrier_of(of(c).host, [&] { of(c).ranks.barrier(); });
  }
  static void abort(odeon_communicator* c, int32_t exit_status) { of(c).ranks.abort(exit_status); }

  static constexpr odeon_communicator_api table() {
    odeon_communicator_api api{};
    api.struct_size = sizeof api;
    api.create = create, api.destroy = destroy, api.info = info;
    api.sum = sum, api.broadcast = broadcast, api.barrier = barrier, api.abort = abort;
    return api;
  }

 private:
  static Instance& of(odeon_communicator* c) { return *reinterpret_cast<Instance*>(c); }
  static size_t checked(int64_t count) {
    if (count < 0) throw Error("the count is negative: " + std::to_string(count));
    return static_cast<size_t>(count);
  }
  template <class Body>
  static odeon_status barrier_of(const odeon_host* host, Body&& body) {
    return odeon::barrier(host, std::forward<Body>(body));
  }
};

}  // namespace odeon
