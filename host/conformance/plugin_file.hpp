// Checks of the file itself, before any of its components is looked at.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "loader/descriptor_rules.hpp"

namespace odeon::host::conformance {

struct FileCheck {
  const char* name;
  Broken (*run)(const std::string& path);
};
// Each begins where the one before it ended well.
std::span<const FileCheck> file_checks();

// What a loaded file contains, and what the checks compute on.
struct Survey {
  struct Component {
    int32_t kind;
    std::string id;
  };
  std::vector<Component> components;
  std::string helper;   // library of an installed backend; empty when none opens
  std::string refused;  // why the registry does not take one of the components
};
void to_json(nlohmann::json& to, const Survey& survey);
void from_json(const nlohmann::json& from, Survey& survey);

// Loads every installed plugin into this process.
Survey survey(const std::string& path);

}  // namespace odeon::host::conformance
