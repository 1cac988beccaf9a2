// What a plugin exports is checked field by field; each rule has its specimen.
#include "loader/kinds.hpp"
#include "specimen_folder.hpp"

namespace odeon::test {
namespace {

struct Case {
  const char* specimen;
  const char* refusal;
};

constexpr Case kCases[] = {
    {"wrong_magic",
     "the magic number must be ODEON_PLUGIN_MAGIC; found 7; this is not an Odeon plugin, or it is damaged"},
    {"wrong_major", "the ABI major must be 1; found 2; rebuild the plugin with the headers of this Odeon"},
    {"newer_host", "this host offers ABI minor 0; found a plugin that needs 99; update Odeon"},
    {"null_id", "plugin ids match [a-z][a-z0-9_]*; found ''; rename it"},
    {"no_components", "a plugin has components; found 0; list them"},
    {"null_component_id", "component ids match [a-z][a-z0-9_]*; found ''; rename it"},
    {"unknown_kind",
     "the kind is backend, field, solver, gradient or communicator; found 99; rebuild the plugin with the "
     "headers of this Odeon"},
    {"no_vtable", "a component has a vtable; found NULL; set it"},
    {"negative_text",
     "a text has data and a length to match; found title of length -1; use ODEON_STR, or ODEON_NO_STR for an "
     "absent one"},
    {"option_type",
     "option types are those of options.h; found type 99 of 'order'; rebuild the plugin with the headers of "
     "this Odeon"},
    {"option_default_type",
     "a default obeys the option's own schema; found default of this plugin's option 'order':1:1: this "
     "plugin's option 'order' must be a whole number; found 'many'; correct the default"},
    {"option_default_range",
     "a default obeys the option's own schema; found default of this plugin's option 'order':1:1: this "
     "plugin's option 'order' must be from 1 to 5; found 9; correct the default"},
    {"option_range",
     "an option's minimum is not above its maximum; found 6.000000 and 5.000000 for 'order'; correct the "
     "range"},
    {"option_duplicate_key", "option keys are unique; found 'order' twice; rename one"},
    {"option_no_key", "every option has a key; found an empty one; name it"},
    {"option_no_choices", "a choice names its choices; found none for 'order'; list them"},
    {"tableau_order", "a tableau states its order; found 0; correct it"},
    {"tableau_stages", "a tableau has 1 to 64 stages and a, b, c; found 0 stages; correct it"},
    {"tableau_row_sum",
     "row i of a sums to c[i]; found row 0 sums to 0.000000, c is 1.000000; check the coefficients against "
     "the paper"},
    {"tableau_explicit_row",
     "row i of a_explicit sums to c[i]; found row 0 sums to 0.000000, c is 1.000000; check the coefficients "
     "against the paper"},
    {"tableau_explicit_diagonal",
     "a_explicit is strictly lower triangular, and a beside it is lower triangular; found another entry in "
     "row "
     "0; correct it, or leave a_explicit out"},
    {"tableau_explicit_alone",
     "a_explicit stands beside an implicit a; found an a without a diagonal; leave a_explicit out"},
    {"tableau_weights", "b sums to 1; found 0.000000; check the coefficients"},
    {"no_slots_backend",
     "these slots are required: all of odeon_backend_api but get_ext; found at least one that is NULL; fill "
     "them in"},
    {"no_slots_field",
     "these slots are required: create, destroy, info, and lower or eval; found at least one that is NULL; "
     "fill them in"},
    {"no_slots_solver",
     "these slots are required: tableau, or create, destroy, start and step; found at least one that is "
     "NULL; fill them in"},
    {"no_slots_gradient",
     "these slots are required: all of odeon_gradient_api; found at least one that is NULL; fill them in"},
    {"no_slots_communicator",
     "these slots are required: all of odeon_communicator_api; found at least one that is NULL; fill them "
     "in"},
};

// struct_size of each growable struct: the 1.0 size that a reader relies on, and what the specimen has.
struct Small {
  const char* specimen;
  const char* what;
  int least, found;
};
constexpr Small kSmall[] = {
    {"small_plugin", "odeon_plugin", 96, 40},
    {"small_component", "odeon_component", 112, 16},
    {"small_option", "an option", 128, 24},
    {"small_backend", "odeon_backend_api", 136, 64},
    {"small_field", "odeon_field_api", 72, 40},
    {"small_solver", "odeon_solver_api", 96, 16},
    {"small_gradient", "odeon_gradient_api", 48, 24},
    {"small_tableau", "a tableau", 64, 16},
    {"small_communicator", "odeon_communicator_api", 64, 24},
};

void refused_beside_good(const std::string& specimen, const std::string& refusal) {
  CAPTURE(specimen);
  const SpecimenFolder folder;
  const std::string bad = folder.add(specimen);
  folder.add("good");
  const host::Registry registry = folder.discover();
  CHECK(refusal_of(registry, bad) == refusal);
  CHECK(registry.refusals().size() == 1);
  CHECK(has_good(registry));
  for (int32_t kind : host::kKinds) CHECK_FALSE(registry.find(kind, "specimen"));
}

}  // namespace

TEST_CASE(
    "a descriptor that breaks a rule is refused with rule, finding and remedy, and its neighbour loads") {
  for (const Case& c : kCases) refused_beside_good(c.specimen, c.refusal);
}

TEST_CASE("a struct that is smaller than in version 1.0 is refused, for each kind of struct") {
  for (const Small& s : kSmall)
    refused_beside_good(s.specimen, std::string(s.what) + " must be at least " + std::to_string(s.least) +
                                        " bytes; found struct_size " + std::to_string(s.found) +
                                        "; rebuild the plugin with the headers of this Odeon");
}

TEST_CASE("an id that is taken is refused naming both files, and the first keeps it") {
  const SpecimenFolder folder;
  const std::string first = folder.add("good"), second = folder.add("second_good");
  const host::Registry registry = folder.discover();
  CHECK(refusal_of(registry, second) ==
        "ids are unique within a kind; found solver 'good', already loaded from " + first +
            "; remove one of the two files or rename the component");
  REQUIRE(has_good(registry));
  CHECK(registry.find(ODEON_KIND_SOLVER, "good")->plugin->path == first);
}

}  // namespace odeon::test
