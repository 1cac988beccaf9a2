#include "experiment/odeon_process.hpp"

#include <signal.h>

#include <boost/process.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "data/mutation.hpp"
#include "data/scratch_folder.hpp"

namespace odeon::test {
namespace {

namespace bp = boost::process;

constexpr const char* kProgram = ODEON_BINARY_DIR "/bin/odeon";

class Process {
 public:
  explicit Process(const std::vector<std::string>& args)
      : child_(kProgram, bp::args = args, bp::std_in<bp::null, bp::std_out> out(), bp::std_err > err()) {}

  pid_t id() { return child_.id(); }
  bool running() { return child_.running(); }
  Outcome wait() {
    child_.wait();
    return {child_.exit_code(), contents_of(out()), contents_of(err())};
  }

 private:
  std::string out() const { return folder_ / "out"; }
  std::string err() const { return folder_ / "err"; }
  ScratchFolder folder_;
  bp::child child_;
};

}  // namespace

Outcome run_odeon(const std::vector<std::string>& args) { return Process(args).wait(); }

Outcome interrupt_odeon(const std::vector<std::string>& args, const std::string& sign) {
  Process process(args);
  while (process.running() && !std::filesystem::exists(sign))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (process.running()) kill(process.id(), SIGINT);
  return process.wait();
}

}  // namespace odeon::test
