/* CVODE in plain C as a peer; prints a line of JSON.
 *   sundials_bench adams|bdf RTOL ATOL SECONDS [PROBLEM.so]
 * PROBLEM.so exports `field`, `dimension`, `span` and `initial` as declared below; without it, Lotka and
 * Volterra's equations to t = 10. The shortest of all repetitions within SECONDS counts, in processor time
 * too, which other programs on the machine disturb less. adams: functional iteration, as CVODE's manual
 * advises for problems that are not stiff; bdf: Newton with the dense solver and differences for the
 * Jacobian.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <cvode/cvode.h>
#include <dlfcn.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include <time.h>

typedef void (*field_function)(double t, const double* y, double* dy);

struct problem {
  field_function field;
  int dimension;
  const double* span; /* first and last time */
  const double* initial;
};

static void volterra(double t, const double* y, double* dy) {
  (void)t;
  dy[0] = 1.5 * y[0] - 1.0 * y[0] * y[1];
  dy[1] = 1.0 * y[0] * y[1] - 3.0 * y[1];
}

static const double volterra_span[] = {0, 10}, volterra_initial[] = {1, 1};

static int right_hand_side(realtype t, N_Vector y, N_Vector dy, void* problem) {
  ((const struct problem*)problem)->field(t, N_VGetArrayPointer(y), N_VGetArrayPointer(dy));
  return 0;
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void require(int good, const char* what) {
  if (good) return;
  fprintf(stderr, "sundials_bench: %s failed\n", what);
  exit(1);
}

/* dlsym gives data pointers; POSIX lets them be functions. */
static struct problem load(const char* path) {
  struct problem p;
  void *library = dlopen(path, RTLD_NOW), *field = library ? dlsym(library, "field") : NULL;
  require(library && field, "loading the problem");
  memcpy(&p.field, &field, sizeof p.field);
  p.dimension = *(const int*)dlsym(library, "dimension");
  p.span = dlsym(library, "span");
  p.initial = dlsym(library, "initial");
  return p;
}

static void begin(N_Vector y, const struct problem* p) {
  memcpy(N_VGetArrayPointer(y), p->initial, (size_t)p->dimension * sizeof(double));
}

int main(int argc, char** argv) {
  if (argc < 5 || argc > 6 || (strcmp(argv[1], "adams") != 0 && strcmp(argv[1], "bdf") != 0)) {
    fprintf(stderr, "usage: sundials_bench adams|bdf RTOL ATOL SECONDS [PROBLEM.so]\n");
    return 2;
  }
  const int adams = strcmp(argv[1], "adams") == 0;
  struct problem p = {volterra, 2, volterra_span, volterra_initial};
  if (argc == 6) p = load(argv[5]);
  realtype reached = 0;
  SUNContext context = NULL;
  require(SUNContext_Create(NULL, &context) == 0, "SUNContext_Create");
  N_Vector y = N_VNew_Serial(p.dimension, context);
  begin(y, &p);
  void* solver = CVodeCreate(adams ? CV_ADAMS : CV_BDF, context);
  require(solver && CVodeInit(solver, right_hand_side, p.span[0], y) == CV_SUCCESS, "CVodeInit");
  require(CVodeSStolerances(solver, atof(argv[2]), atof(argv[3])) == CV_SUCCESS, "CVodeSStolerances");
  require(CVodeSetUserData(solver, &p) == CV_SUCCESS, "CVodeSetUserData");
  require(CVodeSetMaxNumSteps(solver, 1000000) == CV_SUCCESS, "CVodeSetMaxNumSteps");
  SUNNonlinearSolver iteration = NULL;
  SUNMatrix matrix = NULL;
  SUNLinearSolver linear = NULL;
  if (adams) {
    iteration = SUNNonlinSol_FixedPoint(y, 0, context);
    require(CVodeSetNonlinearSolver(solver, iteration) == CV_SUCCESS, "CVodeSetNonlinearSolver");
  } else {
    matrix = SUNDenseMatrix(p.dimension, p.dimension, context);
    linear = SUNLinSol_Dense(y, matrix, context);
    require(CVodeSetLinearSolver(solver, linear, matrix) == CV_SUCCESS, "CVodeSetLinearSolver");
  }

  double shortest = 1e300, shortest_cpu = 1e300;
  long evaluations = 0, of_jacobian = 0, steps = 0;
  int repetitions = -1; /* the first one warms up */
  for (const double start = now(CLOCK_MONOTONIC);
       repetitions < 2 || now(CLOCK_MONOTONIC) - start < atof(argv[4]); ++repetitions) {
    begin(y, &p);
    const double before = now(CLOCK_MONOTONIC), cpu_before = now(CLOCK_PROCESS_CPUTIME_ID);
    require(CVodeReInit(solver, p.span[0], y) == CV_SUCCESS, "CVodeReInit");
    require(CVode(solver, p.span[1], y, &reached, CV_NORMAL) == CV_SUCCESS, "CVode");
    const double cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_before, took = now(CLOCK_MONOTONIC) - before;
    if (repetitions >= 0 && took < shortest) shortest = took;
    if (repetitions >= 0 && cpu < shortest_cpu) shortest_cpu = cpu;
  }
  CVodeGetNumRhsEvals(solver, &evaluations);
  if (!adams) CVodeGetNumLinRhsEvals(solver, &of_jacobian);
  CVodeGetNumSteps(solver, &steps);
  printf(
      "{\"version\": \"%s\", \"seconds\": %.9g, \"cpu_seconds\": %.9g, \"repetitions\": %d, \"evaluations\": "
      "%ld, \"accepted\": "
      "%ld, \"end\": [",
      SUNDIALS_VERSION, shortest, shortest_cpu, repetitions, evaluations + of_jacobian, steps);
  for (int i = 0; i < p.dimension; ++i) printf("%s%.17g", i ? ", " : "", N_VGetArrayPointer(y)[i]);
  printf("]}\n");
  CVodeFree(&solver);
  if (iteration) SUNNonlinSolFree(iteration);
  if (linear) SUNLinSolFree(linear);
  if (matrix) SUNMatDestroy(matrix);
  N_VDestroy(y);
  SUNContext_Free(&context);
  return 0;
}
