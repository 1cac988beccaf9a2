#include "train/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "data/error.hpp"

namespace odeon::host {
namespace {

std::string moment_name(size_t i) { return "optimizer.moment" + std::to_string(i); }

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), arrays_(read_safetensors(path)) {}

  [[noreturn]] void bad(const std::string& what) const {
    throw RunError(path_ + ": is no checkpoint of this run: " + what +
                   "; name the checkpoint.safetensors of a run with this model and optimizer");
  }
  const Array& find(const std::string& name) const {
    const auto at =
        std::find_if(arrays_.begin(), arrays_.end(), [&](const NamedArray& a) { return a.name == name; });
    if (at == arrays_.end()) bad("it has no '" + name + "'");
    return at->array;
  }
  const Array& values(const std::string& name, int32_t dtype, int64_t count) const {
    const Array& a = find(name);
    if (a.dtype != dtype || a.size() != count)
      bad("'" + name + "' has " + std::to_string(a.size()) + " numbers of " + dtype_name(a.dtype) + ", but " +
          std::to_string(count) + " of " + dtype_name(dtype) + " are needed");
    return a;
  }
  int64_t count(const std::string& name) const {
    const double x = values(name, ODEON_F64, 1).at(0);
    if (!(x >= 0 && x <= 9e15 && x == std::floor(x))) bad("'" + name + "' is no count");
    return static_cast<int64_t>(x);
  }

 private:
  const std::string& path_;
  std::vector<NamedArray> arrays_;
};

}  // namespace

std::vector<NamedArray> format_checkpoint(const Checkpoint& c) {
  std::vector<NamedArray> out;
  for (size_t i = 0; i < c.moments.size(); ++i) out.push_back({moment_name(i), c.moments[i]});
  out.push_back({"optimizer.steps", Array::of({static_cast<double>(c.steps)}, {1})});
  out.push_back({"parameters", c.parameters});
  out.push_back({"epochs", Array::of({static_cast<double>(c.epochs)}, {1})});
  Array text = Array::zeros(ODEON_U8, {static_cast<int64_t>(c.history.size())});
  std::memcpy(text.bytes.data(), c.history.data(), c.history.size());
  out.push_back({"history", std::move(text)});
  return out;
}

Checkpoint read_checkpoint(const std::string& path, int64_t parameters, size_t moments, int32_t dtype) {
  const Reader file(path);
  Checkpoint c;
  c.parameters = file.values("parameters", dtype, parameters);
  for (size_t i = 0; i < moments; ++i) c.moments.push_back(file.values(moment_name(i), dtype, parameters));
  c.steps = file.count("optimizer.steps");
  c.epochs = file.count("epochs");
  const Array& text = file.find("history");
  c.history.assign(reinterpret_cast<const char*>(text.bytes.data()), text.bytes.size());
  return c;
}

void require_checkpoint(const Experiment& e, const TrainSettings& train) {
  if (e.task == Task::evaluate && train.resume.empty())
    throw ConfigError(
        e.root.where +
        ": task evaluate needs the model to evaluate; add 'train: {resume: checkpoint.safetensors}'");
}

Checkpoint resume_from(const TrainSettings& train, int64_t parameters, size_t moments, int32_t dtype) {
  try {
    return read_checkpoint(train.resume, parameters, moments, dtype);
  } catch (const RunError& e) {
    throw ConfigError(train.resume_where + ": 'resume': " + e.what());
  }
}

}  // namespace odeon::host
