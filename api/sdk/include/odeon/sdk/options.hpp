// Option schemas as constants, and typed reading of the checked values.
#pragma once
#include <odeon/options.h>

#include <odeon/sdk/error.hpp>
#include <string>
#include <vector>

namespace odeon {

template <size_t N>
constexpr odeon_str str(const char (&text)[N]) {
  return {text, static_cast<int64_t>(N - 1)};
}
constexpr odeon_str kNoText{nullptr, 0};

// Builders for `static constexpr odeon_option`; default_yaml kNoText means: NULL arrives.
constexpr odeon_option make_option(int32_t type, odeon_str key, odeon_str default_yaml, odeon_str doc,
                                   uint32_t flags = 0) {
  odeon_option o{};
  o.struct_size = sizeof(odeon_option);
  o.type = type;
  o.key = key;
  o.default_yaml = default_yaml;
  o.unit = kNoText;
  o.doc = doc;
  o.flags = flags;
  o.minimum = ODEON_UNBOUNDED_BELOW;
  o.maximum = ODEON_UNBOUNDED_ABOVE;
  return o;
}

constexpr odeon_option ranged(odeon_option o, double minimum, double maximum, uint32_t flags = 0,
                              odeon_str unit = kNoText) {
  o.minimum = minimum;
  o.maximum = maximum;
  o.flags |= flags;
  o.unit = unit;
  return o;
}

template <size_t N>
constexpr odeon_option with_choices(odeon_option o, const odeon_str (&choices)[N]) {
  o.choices = choices;
  o.n_choices = N;
  return o;
}

template <size_t N>
constexpr odeon_option with_children(odeon_option o, const odeon_option* const (&children)[N]) {
  o.children = children;
  o.n_children = N;
  return o;
}

// A checked MAP. Keys come from the component's own schema, so a missing one is a bug, not user error.
class Options {
 public:
  explicit Options(const odeon_value* map) : map_(map) {}

  const odeon_value& at(std::string_view key) const {
    for (int64_t i = 0; map_ && i < map_->size; ++i)
      if (to_view(map_->keys[i]) == key) return map_->children[i];
    throw Error("option '" + std::string(key) + "' is not in the component's schema", ODEON_E_INTERNAL);
  }
  bool given(std::string_view key) const { return at(key).type != ODEON_VALUE_NULL; }
  bool boolean(std::string_view key) const { return at(key).integer != 0; }
  int64_t integer(std::string_view key) const { return at(key).integer; }
  double real(std::string_view key) const { return at(key).real; }
  std::string_view text(std::string_view key) const { return to_view(at(key).string); }
  std::vector<double> reals(std::string_view key) const {
    std::vector<double> out;
    const odeon_value& v = at(key);
    for (int64_t i = 0; i < v.size; ++i) out.push_back(v.children[i].real);
    return out;
  }
  const odeon_tensor* array(std::string_view key) const {
    return static_cast<const odeon_tensor*>(at(key).handle);
  }

 private:
  const odeon_value* map_;
};

}  // namespace odeon
