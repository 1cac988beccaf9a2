#include "expect.hpp"

using namespace odeon::host;

int main() {
  try {
    int lines = 0;
    SessionOptions options;
    options.log = [&](LogLevel, std::string_view) { ++lines; };
    Session session(options);
    expect(session.components().size() > 10, "the installed plugins are found");
    for (const std::string& refusal : session.refusals()) expect(false, refusal);
    check_solve(session);
    check_own_fields(session);
    check_events(session);
    check_experiments(session);
    expect(lines > 0, "the log callback is called");
  } catch (const std::exception& e) {
    expect(false, e.what());
  }
  std::cout << (mismatches == 0 ? "all values as expected\n" : "some values differ\n");
  return mismatches == 0 ? 0 : 1;
}
