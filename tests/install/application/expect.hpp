// Checks of the application: each mismatch is printed and counted into the exit status.
#pragma once
#include <cmath>
#include <iostream>
#include <odeon/host/odeon.hpp>
#include <string>

inline int mismatches = 0;

inline void expect(bool holds, const std::string& what) {
  if (holds) return;
  ++mismatches;
  std::cerr << "MISMATCH: " << what << '\n';
}

inline void expect_near(double found, double expected, double tolerance, const std::string& what) {
  if (!(std::abs(found - expected) <= tolerance))
    expect(false, what + ": found " + std::to_string(found) + ", expected " + std::to_string(expected));
}

// body throws an odeon::host::Error with this code and text in its message.
template <class Body>
void expect_error(odeon::host::ExitCode code, const std::string& text, const std::string& what, Body&& body) {
  try {
    body();
    expect(false, what + ": nothing was thrown");
  } catch (const odeon::host::Error& e) {
    expect(e.code() == code && std::string(e.what()).find(text) != std::string::npos,
           what + ": found the message '" + e.what() + "'");
  }
}

void check_solve(const odeon::host::Session& session);
void check_own_fields(odeon::host::Session& session);
void check_events(const odeon::host::Session& session);
void check_experiments(odeon::host::Session& session);
