// What the component is made of: its options and its table of functions.
#include <odeon/sdk/options.hpp>

#include "backend.hpp"

namespace odeon::cuda {
namespace {

constexpr odeon_option kDevice = ranged(
    make_option(
        ODEON_OPTION_INT, str("device"), str("0"),
        str("Which GPU, as the driver counts them; -1: of several processes that train together, each one "
            "by its place among those of its machine.")),
    -1, 63);
constexpr odeon_option kMemoryLimit = ranged(
    make_option(
        ODEON_OPTION_REAL, str("memory_limit"), str("0"),
        str("Most device memory that the run may hold; 0: all that the device has. Beyond it the run fails "
            "with the sizes.")),
    0, 1 << 20, 0, str("GiB"));
constexpr odeon_option kCache = make_option(
    ODEON_OPTION_STRING, str("cache"), str("''"),
    str("Folder that keeps compiled kernels; empty: odeon/kernels in the user's cache folder; none: nothing "
        "is kept."));
constexpr odeon_str kPrecisions[] = {str("full"), str("tf32"), str("bf16")};
constexpr odeon_option kMatmulPrecision = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("matmul_precision"), str("full"),
        str("Factors of large float32 matrix products and convolutions: as they are, or rounded to TF32 "
            "(relative error 5e-4) or BF16 (4e-3) for tensor cores; sums stay float32. With precision: "
            "float64 only full.")),
    kPrecisions);
constexpr odeon_str kJointForms[] = {str("auto"), str("one_block"), str("many_blocks"), str("captured")};
constexpr odeon_option kJointForm = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("joint_form"), str("auto"),
        str("How adaptive steps of a whole batch run: all in one kernel of one block, in one kernel of many "
            "blocks "
            "that wait for each other, or as kernels in a captured loop; auto: by the work of the field. For "
            "measuring.")),
    kJointForms);

constexpr odeon_str kRowForms[] = {str("auto"), str("thread"), str("block")};
constexpr odeon_option kRowForm = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("row_form"), str("auto"),
        str("Who takes the steps of a row that has its own, or fixed steps: a thread per row, or a block of "
            "threads per row; auto: by the work of the field and the number of rows. For measuring.")),
    kRowForms);

const void* get_ext(odeon_backend*, odeon_str id) {
  if (to_view(id) == ODEON_EXT_BACKEND_GRAPH) return &kGraphApi;
  if (to_view(id) == ODEON_EXT_BACKEND_SOLVE) return &kSolveApi;
  if (to_view(id) == ODEON_EXT_BACKEND_SOLVE_GRADIENT) return &kSolveGradientApi;
  return nullptr;
}

constexpr odeon_backend_api make_api() {
  odeon_backend_api api{};
  api.struct_size = sizeof(odeon_backend_api);
  api.create = create;
  api.destroy = destroy;
  api.info = info;
  api.queue_create = queue_create;
  api.queue_destroy = queue_destroy;
  api.queue_wait = queue_wait;
  api.alloc = alloc;
  api.release = release;
  api.copy = copy;
  api.fill = fill;
  api.lincomb = lincomb;
  api.error_norm = error_norm;
  api.reduce = reduce;
  api.dot = dot;
  api.select = select;
  api.get_ext = get_ext;
  return api;
}
}  // namespace

const odeon_backend_api kApi = make_api();
const odeon_option* const kOptions[6] = {&kDevice,          &kMemoryLimit, &kCache,
                                         &kMatmulPrecision, &kJointForm,   &kRowForm};

}  // namespace odeon::cuda
