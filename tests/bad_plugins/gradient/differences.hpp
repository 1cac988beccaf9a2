// A correct strategy, central differences, from which each specimen departs in one point.
#pragma once
#include "../from_template.hpp"
//
#include "../../../api/template/gradient.cpp"

namespace {  // what is derived from the template is as local as that
namespace specimen {

// Its step is an option of the template; the specimens have none.
class Strategy : public Differences {
 public:
  Strategy(const odeon_host* host, const Options&) : Differences(host, Options(&options())) {}

 private:
  static const odeon_value& options() {
    static const odeon_str key = str("step");
    static const odeon_value step = [] {
      odeon_value v{};
      v.type = ODEON_VALUE_REAL;
      v.real = 1e-5;
      return v;
    }();
    static const odeon_value map = [] {
      odeon_value v{};
      v.type = ODEON_VALUE_MAP;
      v.size = 1;
      v.children = &step;
      v.keys = &key;
      return v;
    }();
    return map;
  }
};

}  // namespace specimen
}  // namespace

#define SPECIMEN_GRADIENT(Class, capabilities)                                                \
  namespace {                                                                                 \
  constexpr odeon_gradient_api kGradientApi = odeon::GradientApi<Class>::table(capabilities); \
  }                                                                                           \
  SPECIMEN_EXPORT(ODEON_KIND_GRADIENT, kGradientApi)

#define SPECIMEN_STRATEGY(Class) SPECIMEN_GRADIENT(Class, ODEON_GRADIENT_MEMORY_CONSTANT)
