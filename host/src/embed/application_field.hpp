// Fields of the embedding program as components of the registry.
#pragma once
#include <odeon/host/batch_field.hpp>
#include <odeon/host/function_field.hpp>
#include <odeon/sdk/graph_field.hpp>

#include "loader/registry.hpp"

namespace odeon::host {

LoadedComponent to_component(const FunctionField& field);
LoadedComponent to_component(const BatchField& field);
LoadedComponent to_component(const std::string& id, const GraphField& field);

}  // namespace odeon::host
