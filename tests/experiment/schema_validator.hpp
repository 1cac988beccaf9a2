// Whether a configuration is valid against a JSON schema, by valijson.
#pragma once
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "experiment/config_json.hpp"

namespace odeon::test {

class SchemaValidator {
 public:
  explicit SchemaValidator(const nlohmann::json& schema) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), schema_);
  }

  // Empty where the value is valid; else every place with what is wrong there.
  std::string errors(const host::ConfigNode& root) const {
    const nlohmann::json value = host::to_json(root);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), &results)) return "";
    std::string text;
    for (valijson::ValidationResults::Error e; results.popError(e);) {
      for (const std::string& step : e.context) text += step;
      text += ": " + e.description + "\n";
    }
    return text.empty() ? "refused" : text;
  }

 private:
  valijson::Schema schema_;
};

}  // namespace odeon::test
