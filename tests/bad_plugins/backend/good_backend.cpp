// In order: what the other specimens depart from.
#include "interpreting.hpp"

SPECIMEN_INTERPRETING([](odeon_backend_graph_api&) {})
