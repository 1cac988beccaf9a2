#include "conformance/communicator_exchange.hpp"

#include <odeon/communicator.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include "conformance/subject.hpp"
#include "data/error.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

// An instance with its info, given back at the end.
class Opened {
 public:
  explicit Opened(const Subject& s)
      : name_(s.name()), choice_(s.choice()), api_(s.api<odeon_communicator_api>()) {
    call(name_, api_.create, &host_table(), &choice_.options.value(), &handle_);
    info.struct_size = sizeof info;
    info.rank = info.size = info.local_rank = -1;
    call(name_, api_.info, handle_, &info);
  }
  ~Opened() { close(); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  void close() {
    if (handle_) call_release(name_, api_.destroy, std::exchange(handle_, nullptr));
  }
  template <class T>
  void sum(std::vector<T>& x) {
    const int32_t dtype = sizeof(T) == sizeof(double) ? ODEON_F64 : ODEON_F32;
    call(name_, api_.sum, handle_, x.data(), dtype, static_cast<int64_t>(x.size()));
  }
  odeon_status sum_status(int32_t dtype) {
    double x[1] = {};
    return call_slot(name_, api_.sum, handle_, x, dtype, int64_t{1});
  }
  void broadcast(std::vector<char>& bytes, int32_t root) {
    call(name_, api_.broadcast, handle_, bytes.data(), static_cast<int64_t>(bytes.size()), root);
  }
  odeon_status broadcast_status(int32_t root) {
    char bytes[1] = {};
    return call_slot(name_, api_.broadcast, handle_, bytes, int64_t{1}, root);
  }
  void barrier() { call(name_, api_.barrier, handle_); }
  void abort(int32_t status) { api_.abort(handle_, status); }

  odeon_communicator_info info{};

 private:
  std::string name_;
  ComponentChoice choice_;
  const odeon_communicator_api& api_;
  odeon_communicator* handle_ = nullptr;
};

// Numbers of rank r whose sums round, each in its own way.
template <class T>
std::vector<T> numbers(size_t n, int32_t r) {
  std::vector<T> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<T>(std::sin(1.0 + double(i)) / (1.0 + 3.0 * r));
  return x;
}

template <class T>
std::vector<T> sum_in_order(size_t n, int32_t ranks) {
  std::vector<T> sum = numbers<T>(n, 0);
  for (int32_t r = 1; r < ranks; ++r) {
    const std::vector<T> x = numbers<T>(n, r);
    for (size_t i = 0; i < n; ++i) sum[i] += x[i];
  }
  return sum;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

template <class T>
std::string wrong_sum(Opened& c) {
  for (const size_t n : {size_t{0}, size_t{1}, size_t{2}, size_t{7}, size_t{1000}, size_t{100003}}) {
    std::vector<T> x = numbers<T>(n, c.info.rank);
    c.sum(x);
    if (!same_bits(x, sum_in_order<T>(n, c.info.size)))
      return "the sum of " + std::to_string(n) + " numbers of " + std::to_string(8 * sizeof(T)) +
             " bits is not that in the order of the ranks";
  }
  std::vector<T> x{std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(), T(1)};
  c.sum(x);
  if (!std::isnan(x[0]) || !std::isinf(x[1]) || !(x[2] == T(c.info.size)))
    return "a sum loses what is not finite";
  return "";
}

}  // namespace

Finding says_where_it_stands(const Subject& s) {
  const Opened c(s);
  const auto& [struct_size, rank, size, local_rank] = c.info;
  if (size < 1) return fail("info gives " + std::to_string(size) + " ranks");
  if (rank < 0 || rank >= size)
    return fail("info gives rank " + std::to_string(rank) + " of " + std::to_string(size));
  if (local_rank < 0 || local_rank >= size)
    return fail("info gives local_rank " + std::to_string(local_rank) + " of " + std::to_string(size));
  return pass("rank " + std::to_string(rank) + " of " + std::to_string(size));
}

Finding sums_in_order(const Subject& s) {
  Opened c(s);
  for (const std::string& found : {wrong_sum<double>(c), wrong_sum<float>(c)})
    if (!found.empty()) return fail(found);
  return pass("");
}

Finding broadcasts(const Subject& s) {
  Opened c(s);
  for (int32_t root = 0; root < c.info.size; ++root)
    for (const size_t n : {size_t{0}, size_t{1}, size_t{100003}}) {
      const auto bytes_of = [&](int32_t rank) {
        return std::vector<char>(n, static_cast<char>('a' + rank % 26));
      };
      std::vector<char> bytes = bytes_of(c.info.rank);
      c.broadcast(bytes, root);
      if (bytes != bytes_of(root))
        return fail("broadcast of " + std::to_string(n) + " bytes does not give those of rank " +
                    std::to_string(root));
    }
  return pass("");
}

Finding barrier_returns(const Subject& s) {
  Opened c(s);
  for (int i = 0; i < 3; ++i) c.barrier();
  return pass("");
}

Finding refuses_what_it_cannot_do(const Subject& s) {
  Opened c(s);
  if (const odeon_status status = c.sum_status(ODEON_U8); status != ODEON_E_UNSUPPORTED)
    return fail("sum of ODEON_U8 gave status " + std::to_string(status) + ", not ODEON_E_UNSUPPORTED");
  for (const int32_t root : {-1, c.info.size})
    if (const odeon_status status = c.broadcast_status(root); status != ODEON_E_INVALID)
      return fail("broadcast of rank " + std::to_string(root) + " gave status " + std::to_string(status) +
                  ", not ODEON_E_INVALID");
  return pass("");
}

Finding sums_to_the_same_bits(const Subject& s) {
  Opened c(s);
  const std::vector<double> x = numbers<double>(1001, c.info.rank);
  std::vector<double> first = x;
  c.sum(first);
  for (int i = 0; i < 10; ++i) {
    std::vector<double> again = x;
    c.sum(again);
    if (!same_bits(first, again)) return fail("sums of the same numbers differ from call to call");
  }
  return pass("");
}

Finding communicators_are_independent(const Subject& s) {
  Opened first(s);
  const std::vector<double> x = numbers<double>(11, first.info.rank);
  std::vector<double> alone = x, beside = x, behind = x;
  first.sum(alone);
  {
    Opened second(s);
    second.sum(beside);
  }
  first.sum(behind);
  if (!same_bits(alone, beside)) return fail("a second instance sums otherwise than the first");
  if (!same_bits(alone, behind))
    return fail("an instance sums otherwise after another one has come and gone");
  return pass("");
}

// In a process of its own, because it ends.
Finding abort_ends_the_process(const Subject& s) {
  constexpr int kStatus = 3;
  const pid_t child = fork();
  if (child < 0) throw RunError(std::string("no process of its own: ") + strerror(errno));
  if (child == 0) {
    Opened(s).abort(kStatus);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kStatus) return pass("");
  return fail("abort(3) ended the process with " + (WIFEXITED(status)
                                                        ? "status " + std::to_string(WEXITSTATUS(status))
                                                        : "signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace odeon::host::conformance
