// Models of time series on a few small series, apart from a training run.
#pragma once
#include "engine/device_arrays.hpp"
#include "train/series/latent_ode.hpp"
#include "train/series/recurrent_forecast.hpp"
#include "train/training_case.hpp"

namespace odeon::test {

// A model bound to a backend, with its θ in reach.
template <class Model>
struct SeriesCase {
  host::SeriesData data;
  Model model;
  std::shared_ptr<host::Backend> backend;
  host::DeviceParameters device;
  host::PassCosts costs;

  SeriesCase(const std::string& section, host::SeriesData series, const std::string& backend_id = "cpu",
             int32_t dtype = ODEON_F64)
      : data(std::move(series)),
        model(yaml(section), data, installed(), dtype),
        backend(odeon::test::open_backend(backend_id)),
        device(backend, host::draw_parameters(model.parameters().slots, dtype, 3).flat) {
    model.bind(backend, device);
  }

  host::Array theta() { return download(*backend, device.theta.view); }
  void set_theta(const host::Array& theta) { upload(*backend, device.theta.view, theta); }
  // dL/dθ as the model gives it, and by central differences.
  struct Slopes {
    std::vector<double> given, differences;
  };
  Slopes slopes(std::span<const int64_t> series, const host::Array& noise) {
    constexpr double kPerturbation = 1e-5;  // as far as the third derivative matters no more than round-off
    const host::Array start = theta();
    const auto loss_at = [&](int64_t i, double by) {
      host::Array moved = start;
      moved.set(i, start.at(i) + by);
      set_theta(moved);
      return model.differentiate(series, noise, costs).total;
    };
    model.differentiate(series, noise, costs);
    Slopes out{gradient(), {}};
    for (int64_t i = 0; i < start.size(); ++i)
      out.differences.push_back((loss_at(i, kPerturbation) - loss_at(i, -kPerturbation)) /
                                (2 * kPerturbation));
    set_theta(start);
    return out;
  }
  std::vector<double> gradient() { return download(*backend, device.gradient.view).to_doubles(); }
};

// The part of a flat vector that belongs to the slots whose names begin with `prefix`.
inline std::vector<double> part_named(const host::Parameters& parameters, const std::vector<double>& flat,
                                      const std::string& prefix) {
  std::vector<double> out;
  size_t at = 0;
  for (const auto& slot : parameters.slots) {
    const size_t count = static_cast<size_t>(row_elements(slot.shape));
    if (slot.name.starts_with(prefix))
      out.insert(out.end(), flat.begin() + static_cast<std::ptrdiff_t>(at),
                 flat.begin() + static_cast<std::ptrdiff_t>(at + count));
    at += count;
  }
  return out;
}

}  // namespace odeon::test
