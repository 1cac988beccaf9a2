// The samples that a normalizing flow is fitted to.
#pragma once
#include <functional>
#include <vector>

#include "data/array.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

struct FlowData {
  Array train, held_out;            // [rows, d], float64, as the flow sees them
  std::vector<double> mean, scale;  // a row r of these is x = mean + scale r in the units of the data
  // log p(x) of the distribution that the samples are from; empty where it is not known.
  std::function<double(const std::vector<double>& x)> log_density;

  int64_t dimension() const { return train.shape[1]; }
  double log_scale() const;  // log p(x) = log p(r) - log_scale
  std::vector<double> in_data_units(const Array& rows, int64_t row) const;
};

Array rows_of(const Array& all, std::span<const int64_t> which);  // [rows, d], float64

extern const odeon_option kFlowDataSection;

// The `data` section of format two_moons or table; `seed` draws and splits. Throws ConfigError.
FlowData read_flow_data(const ConfigNode& node, uint64_t seed);

}  // namespace odeon::host
