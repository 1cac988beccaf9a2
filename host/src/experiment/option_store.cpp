#include "experiment/option_store.hpp"

#include <odeon/sdk/error.hpp>

#include "loader/marks.hpp"

namespace odeon::host {

BoundOptions::BoundOptions() : store_(std::make_shared<Store>()) { store_->root.type = ODEON_VALUE_MAP; }
const odeon_value& BoundOptions::value() const { return store_->root; }
const nlohmann::ordered_json& BoundOptions::resolved() const { return store_->resolved; }

odeon_str BoundOptions::Store::keep(std::string text) { return to_str(texts.emplace_back(std::move(text))); }

odeon_value BoundOptions::Store::with_children(odeon_value v, std::vector<odeon_value> items,
                                               std::vector<odeon_str> names) {
  const auto& kept = children.emplace_back(std::move(items));
  v.size = static_cast<int64_t>(kept.size());
  v.children = kept.data();
  v.keys = keys.emplace_back(std::move(names)).data();
  return v;
}

odeon_value start_value(int32_t type, const ConfigNode& node) {
  odeon_value v{};
  v.type = type;
  v.mark = node.where.empty() ? 0 : add_mark(node.where);
  return v;
}

}  // namespace odeon::host
