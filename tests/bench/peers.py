"""Other software on the same problem: SciPy and torchdiffeq and diffrax in Python, SUNDIALS in C.

Each peer is a name and a function (tolerance) -> run with the keys end, seconds and, where it says so, evaluations.
What is not installed is left out with a line that says why.
"""
import ast
import json
import subprocess
import time

import numpy

import formulas


def shortest(work, seconds):
    """The result of `work` and the processor time of its shortest repetition."""
    best, begin, n = float("inf"), time.perf_counter(), 0
    while n < 1 or (time.perf_counter() - begin < seconds and n < 100):
        start = time.process_time()
        result = work()
        best, n = min(best, time.process_time() - start), n + 1
    return result, best


def scipy_peers(problem, seconds):
    import scipy.integrate

    f = formulas.derivative(problem.field)

    def run(method, tolerance):
        s, took = shortest(lambda: scipy.integrate.solve_ivp(
            lambda t, y: f(t, y.tolist()), (problem.start, problem.stop), problem.initial, method, rtol=tolerance,
            atol=tolerance * problem.magnitude), seconds)
        if not s.success:
            raise RuntimeError(s.message)
        return {"end": s.y[:, -1], "seconds": took, "evaluations": s.nfev}

    for method in ("Radau", "BDF", "LSODA") if problem.stiff else ("RK23", "RK45", "DOP853", "LSODA"):
        yield f"SciPy {method}", lambda tolerance, method=method: run(method, tolerance)


def torchdiffeq_peers(problem, seconds):
    import torch
    import torchdiffeq

    if problem.stiff:
        return
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    f = formulas.derivative(problem.field, torch, torch.as_tensor)

    def run(method, tolerance):
        evaluations = 0

        def field(t, y):
            nonlocal evaluations
            evaluations += 1
            return torch.stack(f(t, y.unbind(-1)), -1)

        with torch.no_grad():
            states, took = shortest(lambda: torchdiffeq.odeint(
                field, torch.tensor(problem.initial), torch.tensor([problem.start, problem.stop]), method=method,
                rtol=tolerance, atol=tolerance * problem.magnitude), 0)
        return {"end": states[-1].numpy(), "seconds": took, "evaluations": evaluations}

    for method in ("dopri5", "dopri8"):
        yield f"torchdiffeq {method}", lambda tolerance, method=method: run(method, tolerance)


def diffrax_peers(problem, seconds):
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    f = formulas.derivative(problem.field, jnp, jnp.asarray)
    term = diffrax.ODETerm(lambda t, y, args: jnp.stack(f(t, list(y))))

    def solver(method, evaluations_per_step):
        @jax.jit
        def solve(rtol, y0):
            s = diffrax.diffeqsolve(term, method(), problem.start, problem.stop, None, y0, max_steps=10**6, throw=False,
                                    stepsize_controller=diffrax.PIDController(rtol, rtol * problem.magnitude))
            return s.ys[-1], s.stats["num_steps"], s.result == diffrax.RESULTS.successful

        def run(tolerance):
            y0 = jnp.array(problem.initial)
            if not solve(tolerance, y0)[2]:  # compiles
                raise RuntimeError("diffrax did not come to the end")
            (end, steps, _), took = shortest(lambda: jax.block_until_ready(solve(tolerance, y0)), seconds)
            counted = {"evaluations": int(steps) * evaluations_per_step + 2} if evaluations_per_step else {}
            return {"end": numpy.array(end), "seconds": took} | counted

        return run

    # Evaluations per step; none for implicit methods, which do not count them.
    explicit = {"Tsit5": 6, "Dopri5": 6, "Dopri8": 13}
    for name in ("Kvaerno3", "Kvaerno5") if problem.stiff else explicit:
        yield f"diffrax {name}", solver(getattr(diffrax, name), explicit.get(name))


class ToC(ast.NodeVisitor):
    """A formula in C; small whole powers as products."""

    operators = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

    def visit_BinOp(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        if not isinstance(node.op, ast.Pow):
            return f"({left} {self.operators[type(node.op)]} {right})"
        if isinstance(node.right, ast.Constant) and node.right.value in (2, 3):
            return "(" + " * ".join([left] * int(node.right.value)) + ")"
        return f"pow({left}, {right})"

    def visit_UnaryOp(self, node):
        return f"(-{self.visit(node.operand)})" if isinstance(node.op, ast.USub) else self.visit(node.operand)

    def visit_Call(self, node):
        name = {"abs": "fabs", "min": "fmin", "max": "fmax"}.get(node.func.id, node.func.id)
        return f"{name}({', '.join(self.visit(a) for a in node.args)})"

    def visit_Constant(self, node):
        return repr(float(node.value))

    def visit_Name(self, node):
        return node.id


def c_source(problem):
    numbers = lambda values: ", ".join(repr(float(v)) for v in values)
    to_c = lambda formula: ToC().visit(ast.parse(str(formula).replace("^", "**"), mode="eval").body)
    field = problem.field
    lines = ["#include <math.h>", f"const int dimension = {len(problem.initial)};",
             f"const double span[] = {{{numbers((problem.start, problem.stop))}}};",
             f"const double initial[] = {{{numbers(problem.initial)}}};",
             "void field(double t, const double *state, double *derivative) {", "(void)t;"]
    lines += [f"const double {name} = state[{i}];" for i, name in enumerate(field["state"])]
    lines += [f"const double {name} = {float(value)!r};" for name, value in field.get("parameters", {}).items()]
    lines += [f"derivative[{i}] = {to_c(field['derivatives'][name])};" for i, name in enumerate(field["state"])]
    return "\n".join([*lines, "}", ""])


def sundials_peers(problem, seconds, build, folder):
    bench = build / "bin" / "sundials_bench"
    if not bench.exists():
        raise ImportError("sundials_bench was not built: CMake found no CVODE (Debian: libsundials-dev)")
    source, library = folder / "problem.c", folder / "problem.so"
    source.write_text(c_source(problem))
    subprocess.run(["cc", "-O2", "-march=native", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)

    def run(method, tolerance):
        line = subprocess.run([bench, method, str(tolerance), str(tolerance * problem.magnitude), str(seconds), library],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout
        return (r := json.loads(line)) | {"end": numpy.array(r["end"]), "seconds": r["cpu_seconds"]}

    for method in ("bdf",) if problem.stiff else ("adams", "bdf"):
        yield f"CVODE {method}", lambda tolerance, method=method: run(method, tolerance)


def installed_peers(problem, seconds, build, folder):
    groups = {"SciPy": scipy_peers, "torchdiffeq": torchdiffeq_peers, "diffrax": diffrax_peers,
              "SUNDIALS": lambda p, s: sundials_peers(p, s, build, folder)}
    for name, group in groups.items():
        try:
            yield from group(problem, seconds)
        except ImportError as reason:
            print(f"{name} is left out: {reason}")
