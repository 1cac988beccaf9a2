/* CVODE on Lotka and Volterra's equations in plain C, as a peer for per_evaluation.py; prints a line of JSON.
 *   sundials_bench adams|bdf RTOL ATOL SECONDS
 * The shortest of all repetitions within SECONDS counts. adams: functional iteration, as CVODE's manual advises for
 * problems that are not stiff; bdf: Newton with the dense solver and differences for the Jacobian. */
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include <time.h>

static int volterra(realtype t, N_Vector state, N_Vector derivative, void *parameters) {
  const realtype *y = N_VGetArrayPointer(state), *p = parameters;
  realtype *dy = N_VGetArrayPointer(derivative);
  (void)t;
  dy[0] = p[0] * y[0] - p[1] * y[0] * y[1];
  dy[1] = p[3] * y[0] * y[1] - p[2] * y[1];
  return 0;
}

/* Since the first call: a double cannot hold nanoseconds since 1970. */
static double now(void) {
  static struct timespec first;
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  if (first.tv_sec == 0) first = t;
  return (double)(t.tv_sec - first.tv_sec) + 1e-9 * (double)(t.tv_nsec - first.tv_nsec);
}

static void require(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "sundials_bench: %s failed\n", what);
  exit(1);
}

static void begin(N_Vector y) {
  N_VGetArrayPointer(y)[0] = 1;
  N_VGetArrayPointer(y)[1] = 1;
}

int main(int argc, char **argv) {
  if (argc != 5 || (strcmp(argv[1], "adams") != 0 && strcmp(argv[1], "bdf") != 0)) {
    fprintf(stderr, "usage: sundials_bench adams|bdf RTOL ATOL SECONDS\n");
    return 2;
  }
  const int adams = strcmp(argv[1], "adams") == 0;
  realtype parameters[] = {1.5, 1, 3, 1}, reached = 0;
  SUNContext context = NULL;
  require(SUNContext_Create(NULL, &context) == 0, "SUNContext_Create");
  N_Vector y = N_VNew_Serial(2, context);
  begin(y);
  void *solver = CVodeCreate(adams ? CV_ADAMS : CV_BDF, context);
  require(solver && CVodeInit(solver, volterra, 0, y) == CV_SUCCESS, "CVodeInit");
  require(CVodeSStolerances(solver, atof(argv[2]), atof(argv[3])) == CV_SUCCESS, "CVodeSStolerances");
  require(CVodeSetUserData(solver, parameters) == CV_SUCCESS, "CVodeSetUserData");
  require(CVodeSetMaxNumSteps(solver, 1000000) == CV_SUCCESS, "CVodeSetMaxNumSteps");
  SUNNonlinearSolver iteration = NULL;
  SUNMatrix matrix = NULL;
  SUNLinearSolver linear = NULL;
  if (adams) {
    iteration = SUNNonlinSol_FixedPoint(y, 0, context);
    require(CVodeSetNonlinearSolver(solver, iteration) == CV_SUCCESS, "CVodeSetNonlinearSolver");
  } else {
    matrix = SUNDenseMatrix(2, 2, context);
    linear = SUNLinSol_Dense(y, matrix, context);
    require(CVodeSetLinearSolver(solver, linear, matrix) == CV_SUCCESS, "CVodeSetLinearSolver");
  }

  double shortest = 1e300;
  long evaluations = 0, of_jacobian = 0, steps = 0;
  int repetitions = -1; /* the first one warms up */
  for (const double start = now(); repetitions < 2 || now() - start < atof(argv[4]); ++repetitions) {
    begin(y);
    const double before = now();
    require(CVodeReInit(solver, 0, y) == CV_SUCCESS, "CVodeReInit");
    require(CVode(solver, 10, y, &reached, CV_NORMAL) == CV_SUCCESS, "CVode");
    const double took = now() - before;
    if (repetitions >= 0 && took < shortest) shortest = took;
  }
  CVodeGetNumRhsEvals(solver, &evaluations);
  if (!adams) CVodeGetNumLinRhsEvals(solver, &of_jacobian);
  CVodeGetNumSteps(solver, &steps);
  printf("{\"version\": \"%s\", \"seconds\": %.9g, \"repetitions\": %d, \"evaluations\": %ld, \"accepted\": %ld, "
         "\"end\": [%.17g, %.17g]}\n",
         SUNDIALS_VERSION, shortest, repetitions, evaluations + of_jacobian, steps, N_VGetArrayPointer(y)[0],
         N_VGetArrayPointer(y)[1]);
  CVodeFree(&solver);
  if (iteration) SUNNonlinSolFree(iteration);
  if (linear) SUNLinSolFree(linear);
  if (matrix) SUNMatDestroy(matrix);
  N_VDestroy(y);
  SUNContext_Free(&context);
  return 0;
}
