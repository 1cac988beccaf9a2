// A correct backend, the template's plain loops, from which each specimen departs in one point.
#pragma once
#include "../from_template.hpp"
//
#include "../../../api/template/backend.cpp"

// The argument changes the table: [](odeon_backend_api& api) { … }.
#define SPECIMEN_BACKEND(...)                    \
  namespace {                                    \
  constexpr odeon_backend_api kBackendApi = [] { \
    odeon_backend_api api = kApi;                \
    (__VA_ARGS__)(api);                          \
    return api;                                  \
  }();                                           \
  }                                              \
  SPECIMEN_EXPORT(ODEON_KIND_BACKEND, kBackendApi)
