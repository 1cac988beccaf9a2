#include "arrays.hpp"

namespace odeon::python {

Array to_numpy(std::vector<double> data, const std::vector<int64_t>& shape) {
  auto* kept = new std::vector<double>(std::move(data));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<double>*>(p); });
  const std::vector<size_t> sizes(shape.begin(), shape.end());
  return Array(kept->data(), sizes.size(), sizes.data(), owner);
}

nb::object to_str(std::string_view text) {
  PyObject* s = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (!s) throw nb::python_error();
  return nb::steal(s);
}

}  // namespace odeon::python
