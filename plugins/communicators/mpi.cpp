// Ranks by MPI: `mpirun -n 4 odeon run …` starts them. One that was started without mpirun is alone.
// Message Passing Interface Forum, MPI: A Message-Passing Interface Standard, version 3.1 (2015), chapters 5
// and 8.
#define OMPI_SKIP_MPICXX 1  // the C interface alone: the one in C++ needs another library, and left MPI 3.0
#define MPICH_SKIP_MPICXX 1
#include <dlfcn.h>
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <odeon/sdk/communicator.hpp>
#include <vector>

namespace {

using namespace odeon;

void check_mpi(int code, const char* function) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(std::string(function) + ": " + std::string(text, static_cast<size_t>(length)),
              ODEON_E_INTERNAL);
}

bool begun_here = false;

// The parts that an MPI library loads by itself may look for the library's own symbols among the global ones,
// while plugins are loaded with local ones.
void share_symbols_of_mpi() {
  Dl_info library{};
  if (dladdr(reinterpret_cast<void*>(&MPI_Init_thread), &library) && library.dli_fname)
    dlopen(library.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

// Once per process, and not at all where the embedding program has done it.
void begin_mpi() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  int begun = 0, ended = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  if (ended)
    throw Error("MPI has ended in this process (MPI_Finalize) and cannot begin again; train before that",
                ODEON_E_UNSUPPORTED);
  if (begun) return;
  share_symbols_of_mpi();
  int provided = 0;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread");
  begun_here = true;
}

void end_mpi() {
  int ended = 0;
  MPI_Finalized(&ended);
  if (begun_here && !ended) MPI_Finalize();
}

class Communicator {
 public:
  explicit Communicator(MPI_Comm comm) : comm_(comm) {}
  ~Communicator() {
    int ended = 0;
    MPI_Finalized(&ended);
    if (comm_ != MPI_COMM_NULL && !ended) MPI_Comm_free(&comm_);
  }
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  operator MPI_Comm() const { return comm_; }

 private:
  MPI_Comm comm_;
};

// What an instance exchanges goes over a communicator of its own, apart from the embedding program's.
MPI_Comm own_world() {
  begin_mpi();
  MPI_Comm comm = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &comm), "MPI_Comm_dup");
  MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
  return comm;
}

MPI_Comm on_this_machine(MPI_Comm all, int rank) {
  MPI_Comm comm = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(all, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &comm),
            "MPI_Comm_split_type");
  return comm;
}

MPI_Datatype type_of(double) { return MPI_DOUBLE; }
MPI_Datatype type_of(float) { return MPI_FLOAT; }

class Mpi {
 public:
  Mpi(const odeon_host*, const Options&) : all_(std::make_unique<Communicator>(own_world())) {
    check_mpi(MPI_Comm_rank(*all_, &rank_), "MPI_Comm_rank");
    check_mpi(MPI_Comm_size(*all_, &size_), "MPI_Comm_size");
    const Communicator machine(on_this_machine(*all_, rank_));
    check_mpi(MPI_Comm_rank(machine, &local_rank_), "MPI_Comm_rank");
  }

  int32_t rank() const { return rank_; }
  int32_t size() const { return size_; }
  int32_t local_rank() const { return local_rank_; }

  template <class T>
  void sum(std::span<T> values) {
    for (; !values.empty(); values = values.subspan(std::min(values.size(), kMost)))
      sum_part(values.first(std::min(values.size(), kMost)));
  }

  void broadcast(std::span<std::byte> bytes, int32_t root) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kMost)))
      check_mpi(
          MPI_Bcast(bytes.data(), static_cast<int>(std::min(bytes.size(), kMost)), MPI_BYTE, root, *all_),
          "MPI_Bcast");
  }

  void barrier() { check_mpi(MPI_Barrier(*all_), "MPI_Barrier"); }

  [[noreturn]] void abort(int32_t exit_status) noexcept {
    MPI_Abort(*all_, exit_status);
    std::_Exit(exit_status);
  }

 private:
  static constexpr size_t kMost = size_t{1} << 28;  // counts of MPI are ints

  // Every rank adds up one slice of the array, in the order of the ranks, and gives the sums to all: 2 n (p -
  // 1) / p numbers per rank are sent, as few as by any algorithm, and MPI_Allreduce may choose another order.
  template <class T>
  void sum_part(std::span<T> values) {
    const size_t ranks = static_cast<size_t>(size_);
    const auto begin = [&](size_t r) { return values.size() * r / ranks; };
    std::vector<int> counts, offsets, mine, places;
    const int own = static_cast<int>(begin(size_t(rank_) + 1) - begin(size_t(rank_)));
    for (size_t r = 0; r < ranks; ++r) {
      offsets.push_back(static_cast<int>(begin(r)));
      counts.push_back(static_cast<int>(begin(r + 1) - begin(r)));
    }
    std::vector<T> slices(static_cast<size_t>(own) * ranks);
    mine.assign(ranks, own);
    for (size_t r = 0; r < ranks; ++r) places.push_back(static_cast<int>(r) * own);
    const MPI_Datatype type = type_of(T{});
    check_mpi(MPI_Alltoallv(values.data(), counts.data(), offsets.data(), type, slices.data(), mine.data(),
                            places.data(), type, *all_),
              "MPI_Alltoallv");
    for (size_t r = 1; r < ranks; ++r)
      for (size_t i = 0; i < static_cast<size_t>(own); ++i)
        slices[i] += slices[r * static_cast<size_t>(own) + i];
    check_mpi(
        MPI_Allgatherv(slices.data(), own, type, values.data(), counts.data(), offsets.data(), type, *all_),
        "MPI_Allgatherv");
  }

  std::unique_ptr<Communicator> all_;
  int rank_ = 0, size_ = 1, local_rank_ = 0;
};

constexpr odeon_communicator_api kApi = CommunicatorApi<Mpi>::table();
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_COMMUNICATOR,
                   {str("mpi"), str("Processes by MPI"),
                    str("The ranks that mpirun started, over the whole of MPI_COMM_WORLD; one process "
                        "without mpirun. Sums are "
                        "formed in the order of the ranks, so that a training repeats to the last bit. MPI "
                        "Forum, MPI 3.1 (2015).")},
                   &kApi);
constexpr const odeon_component* kComponents[] = {&kComponent};

constexpr odeon_plugin make_mpi_plugin() {
  odeon_plugin plugin = make_plugin(kComponent.id, kComponents);
  plugin.shutdown = end_mpi;
  return plugin;
}

}  // namespace

extern "C" ODEON_EXPORT const odeon_plugin odeon_plugin_v1;
const odeon_plugin odeon_plugin_v1 = make_mpi_plugin();
