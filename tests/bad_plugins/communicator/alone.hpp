// A correct communicator, the template's single process, from which each specimen departs in one point.
#pragma once
#include "../from_template.hpp"
//
#include "../../../api/template/communicator.cpp"

// The argument changes the table: [](odeon_communicator_api& api) { … }.
#define SPECIMEN_COMMUNICATOR(...)                         \
  namespace {                                              \
  constexpr odeon_communicator_api kCommunicatorApi = [] { \
    odeon_communicator_api api = kApi;                     \
    (__VA_ARGS__)(api);                                    \
    return api;                                            \
  }();                                                     \
  }                                                        \
  SPECIMEN_EXPORT(ODEON_KIND_COMMUNICATOR, kCommunicatorApi)
