#include "experiment/literals.hpp"

#include <cmath>

#include "data/error.hpp"
#include "data/npy.hpp"
#include "data/number_text.hpp"
#include "experiment/option_binding.hpp"

namespace odeon::host {
namespace {

void gather(const ConfigNode& node, size_t depth, std::vector<int64_t>& shape, std::vector<double>& values,
            const std::string& what) {
  if (node.kind != ConfigNode::Kind::list) {
    if (depth != shape.size())
      throw ConfigError(node.where + ": " + what + " must be nested lists of equal length; found " +
                        describe(node) + " beside a list");
    double value = 0;
    if (depth == 0 && (node.kind != ConfigNode::Kind::scalar || node.quoted || !parse_real(node.text, value)))
      throw ConfigError(node.where + ": " + what + " must be lists of numbers or {file: name.npy}; found " +
                        describe(node));
    values.push_back(read_real(node, what));
    if (!std::isfinite(values.back()))
      throw ConfigError(node.where + ": " + what + " must be finite numbers; found " + describe(node));
    return;
  }
  const int64_t length = static_cast<int64_t>(node.items.size());
  if (depth == shape.size() && values.empty()) {
    if (shape.size() == ODEON_MAX_RANK) throw ConfigError(node.where + ": " + what + " has more than 8 axes");
    shape.push_back(length);
  } else if (depth >= shape.size() || shape[depth] != length) {
    throw ConfigError(node.where + ": " + what + " must be nested lists of equal length; this one has " +
                      std::to_string(length) + " entries" +
                      (depth < shape.size() ? ", the first one has " + std::to_string(shape[depth]) : ""));
  }
  for (const ConfigNode& item : node.items) gather(item, depth + 1, shape, values, what);
}

// "row 3, column 0" of a table, else "element 7".
std::string element_text(const std::vector<int64_t>& shape, int64_t i) {
  if (shape.size() != 2) return "element " + std::to_string(i);
  return "row " + std::to_string(i / shape[1]) + ", column " + std::to_string(i % shape[1]);
}

}  // namespace

std::string resolve_path(const ConfigNode& node) {
  return node.text.starts_with('/') ? node.text : node.folder + "/" + node.text;
}

Array read_array_file(const ConfigNode& file, const std::string& what, Missing missing) {
  const std::string path = resolve_path(file);
  try {
    const Array a = (path.ends_with(".csv") ? read_csv(path, missing) : read_npy(path)).cast(ODEON_F64);
    for (int64_t i = 0; i < a.size(); ++i)
      if (!std::isfinite(a.at(i)) && !(missing == Missing::nan && std::isnan(a.at(i))))
        throw RunError(path + ": " + element_text(a.shape, i) + " is " + number_text(a.at(i)) +
                       ", but every number must be finite; correct the file");
    return a;
  } catch (const RunError& e) {
    throw ConfigError(file.where + ": " + what + ": " + e.what());
  }
}

Array read_array(const ConfigNode& node, const std::string& what) {
  if (node.kind == ConfigNode::Kind::map) {
    const ConfigNode* file = node.find("file");
    if (!file || node.entries.size() != 1)
      throw ConfigError(node.where + ": " + what + " must be lists of numbers or {file: name.npy}; found " +
                        describe(node) + " with other keys");
    read_text(*file, what + " file");
    return read_array_file(*file, what);
  }
  std::vector<int64_t> shape;
  std::vector<double> values;
  gather(node, 0, shape, values, what);
  return Array::of(values, shape);
}

}  // namespace odeon::host
