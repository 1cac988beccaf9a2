#include "train/series/series_model.hpp"

#include <cmath>

namespace odeon::host {

Array by_series(const SeriesData& data, const Array& found, int64_t series, bool whole) {
  const int64_t times = data.points(), width = data.width();
  Array out = Array::zeros(ODEON_F64, {series, times, width});
  for (int64_t t = 0; t < times; ++t)
    for (int64_t i = 0; i < series * width; ++i)
      out.set((i / width * times + t) * width + i % width,
              whole ? found.at(t * series * width + i) : INFINITY);
  return out;
}

}  // namespace odeon::host
