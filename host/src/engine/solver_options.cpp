#include "engine/solver_options.hpp"

#include <algorithm>
#include <odeon/sdk/options.hpp>

namespace odeon::host {
namespace {

constexpr odeon_str kControls[] = {str("auto"), str("fixed"), str("i"),      str("pi"),   str("pid"),
                                   str("pi33"), str("pi42"),  str("h211pi"), str("h211b")};
// By the choices from `i` on.
constexpr ControlLaw kLaws[] = {
    {{1, 0, 0}, 0},
    {{0.7, -0.4, 0}, 0},              // Gustafsson 1991; Hairer and Wanner's PI
    {{1. / 18, 1. / 9, 1. / 18}, 0},  // H312PID, Soderlind 2003
    {{2. / 3, -1. / 3, 0}, 0},        // PI.3.3
    {{3. / 5, -1. / 5, 0}, 0},        // PI.4.2
    {{1. / 6, 1. / 6, 0}, 0},         // H211PI
    {{1. / 4, 1. / 4, 0}, 1. / 4},    // H211b with b = 4
};
constexpr odeon_str kNorms[] = {str("rms"), str("max")};
constexpr odeon_str kInterpolations[] = {str("auto"), str("linear"), str("cubic")};
constexpr odeon_str kSteppings[] = {str("joint"), str("per_row")};

constexpr uint32_t kPositive = ODEON_OPTION_MIN_EXCLUSIVE;
constexpr double kNoMaximum = ODEON_UNBOUNDED_ABOVE;

constexpr odeon_option kRtol = ranged(
    make_option(ODEON_OPTION_REALS, str("rtol"), kNoText,
                str("Relative tolerance of a step, one number or one per state element (1e-7 when absent).")),
    0, kNoMaximum);
constexpr odeon_option kAtol = ranged(
    make_option(ODEON_OPTION_REALS, str("atol"), kNoText,
                str("Absolute tolerance of a step, one number or one per state element (1e-9 when absent).")),
    0, kNoMaximum);
constexpr odeon_option kStepping = with_choices(
    make_option(ODEON_OPTION_CHOICE, str("stepping"), str("joint"),
                str("joint: one step size for the whole batch. per_row: each row of the batch its own steps, "
                    "acceptance and end, so that its results do not depend on the other rows.")),
    kSteppings);
constexpr odeon_option kControl = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("control"), str("auto"),
        str("Step control: auto is i for methods with an error estimate, predictive for implicit ones "
            "(Gustafsson 1994, and no faster than Newton's iteration allows), and fixed for methods "
            "without. i: the elementary controller (Hairer, Norsett and Wanner "
            "II.4), as torchdiffeq's. pi: 0.7/k, -0.4/k (Gustafsson 1991). pid: H312PID. pi33, pi42, "
            "h211pi, h211b (b = 4): the sets of Soderlind (2003).")),
    kControls);
constexpr odeon_option kCoefficients = make_option(
    ODEON_OPTION_REALS, str("coefficients"), kNoText,
    str("Own coefficients b of step control, one to three: the factor is e_n^(-b1/k) e_(n-1)^(-b2/k) "
        "e_(n-2)^(-b3/k) for scaled errors e and order k."));
constexpr odeon_option kBreakpoints = make_option(ODEON_OPTION_REALS, str("breakpoints"), kNoText,
                                                  str("Times at which the field or one of its derivatives "
                                                      "jumps: a step ends right before each, the next one "
                                                      "begins right after it with an estimated size."));
constexpr odeon_option kFirstStep =
    ranged(make_option(ODEON_OPTION_REAL, str("first_step"), kNoText,
                       str("First step tried; when absent, estimated by Hairer, Norsett and Wanner II.4.")),
           0, kNoMaximum, kPositive, str("time"));
constexpr odeon_option kMinStep =
    ranged(make_option(ODEON_OPTION_REAL, str("min_step"), str("0"),
                       str("Steps shorter than this end the solve as a failure.")),
           0, kNoMaximum, 0, str("time"));
constexpr odeon_option kMaxStep = ranged(make_option(ODEON_OPTION_REAL, str("max_step"), kNoText,
                                                     str("Longest step allowed; unlimited when absent.")),
                                         0, kNoMaximum, kPositive, str("time"));
constexpr odeon_option kMaxSteps =
    ranged(make_option(ODEON_OPTION_INT, str("max_steps"), str("1000000"),
                       str("Tried steps after which the solve ends as a failure.")),
           1, 9e15, 0, str("steps"));
constexpr odeon_option kSafety =
    ranged(make_option(ODEON_OPTION_REAL, str("safety"), str("0.9"),
                       str("Factor on the step size that the error estimate allows.")),
           0, 1, kPositive);
constexpr odeon_option kMinFactor =
    ranged(make_option(ODEON_OPTION_REAL, str("min_factor"), str("0.2"),
                       str("Smallest change of the step size after a rejected step.")),
           0, 1, kPositive);
constexpr odeon_option kMaxFactor =
    ranged(make_option(ODEON_OPTION_REAL, str("max_factor"), str("10"),
                       str("Largest growth of the step size after an accepted step.")),
           1, kNoMaximum);
constexpr odeon_option kNorm =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("norm"), str("rms"),
                             str("Norm of the scaled error over the whole batch.")),
                 kNorms);
constexpr odeon_option kStepSize = ranged(
    make_option(
        ODEON_OPTION_REAL, str("step_size"), kNoText,
        str("Fixed step size from the first time; the last step is shortened. Selects fixed control.")),
    0, kNoMaximum, kPositive, str("time"));
constexpr odeon_option kGrid = make_option(ODEON_OPTION_ARRAY, str("grid"), kNoText,
                                           str("Fixed grid of step ends, from the first to the last time: a "
                                               "list or {file: grid.npy}. Selects fixed control."));
constexpr odeon_option kInterpolation =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("interpolation"), str("auto"),
                             str("Values between steps: auto is the method's own dense output under step "
                                 "control, and linear on a fixed grid "
                                 "(as torchdiffeq); cubic is Hermite.")),
                 kInterpolations);

constexpr const odeon_option* kSchema[] = {
    &kRtol,    &kAtol,     &kStepping, &kControl,     &kCoefficients, &kFirstStep,
    &kMinStep, &kMaxStep,  &kMaxSteps, &kSafety,      &kMinFactor,    &kMaxFactor,
    &kNorm,    &kStepSize, &kGrid,     &kBreakpoints, &kInterpolation};

template <size_t N>
int index_of(std::string_view text, const odeon_str (&choices)[N]) {
  for (size_t i = 0; i < N; ++i)
    if (to_view(choices[i]) == text) return static_cast<int>(i);
  return 0;
}

void read_control(const Options& options, SolverSettings& s) {
  const int choice = index_of(options.text("control"), kControls);
  if (choice >= 2) s.law = kLaws[choice - 2];
  s.control = choice == 0 ? Control::automatic : choice == 1 ? Control::fixed : Control::adaptive;
  if (!options.given("coefficients")) return;
  const std::vector<double> b = options.reals("coefficients");
  const int32_t mark = options.at("coefficients").mark;
  if (choice != 0)
    throw Error("'coefficients' replace the set that 'control' names; remove one of them", ODEON_E_INVALID,
                mark);
  if (b.empty() || b.size() > 3 || !(b[0] > 0))
    throw Error("'coefficients' must be one to three numbers, the first above 0", ODEON_E_INVALID, mark);
  s.control = Control::adaptive;
  s.law = {};
  std::copy(b.begin(), b.end(), s.law.beta);
}

}  // namespace

std::span<const odeon_option* const> solver_option_schema() { return kSchema; }

SolverSettings read_solver_settings(const odeon_value& map) {
  const Options options(&map);
  SolverSettings s;
  s.rtol_given = options.given("rtol");
  s.atol_given = options.given("atol");
  if (s.rtol_given) s.rtol = options.reals("rtol");
  if (s.atol_given) s.atol = options.reals("atol");
  read_control(options, s);
  s.stepping = static_cast<Stepping>(index_of(options.text("stepping"), kSteppings));
  s.breakpoints = options.reals("breakpoints");
  std::sort(s.breakpoints.begin(), s.breakpoints.end());
  if (options.given("first_step")) s.first_step = options.real("first_step");
  s.min_step = options.real("min_step");
  if (options.given("max_step")) s.max_step = options.real("max_step");
  s.max_steps = options.integer("max_steps");
  s.safety = options.real("safety");
  s.min_factor = options.real("min_factor");
  s.max_factor = options.real("max_factor");
  s.norm = static_cast<Norm>(index_of(options.text("norm"), kNorms));
  if (options.given("step_size")) s.step_size = options.real("step_size");
  if (const odeon_tensor* grid = options.array("grid")) {
    const double* g = static_cast<const double*>(grid->data);
    if (grid->rank != 1 || grid->shape[0] < 2)
      throw Error("solver option 'grid' must be one list of at least two times", ODEON_E_INVALID,
                  options.at("grid").mark);
    s.grid.assign(g, g + grid->shape[0]);
  }
  s.interpolation = static_cast<Interpolation>(index_of(options.text("interpolation"), kInterpolations));
  if (s.step_size > 0 && !s.grid.empty())
    throw Error("solver options 'step_size' and 'grid' exclude each other; remove one", ODEON_E_INVALID,
                options.at("grid").mark);
  const bool fixed_grid = s.step_size > 0 || !s.grid.empty();
  if (fixed_grid && s.control == Control::adaptive)
    throw Error(
        "'step_size' and 'grid' fix the steps, but 'control' asks for adaptive ones; remove one of them",
        ODEON_E_INVALID, options.at("control").mark);
  if (fixed_grid) s.control = Control::fixed;
  return s;
}

}  // namespace odeon::host
