"""Writes peers.json: evaluations and errors of SciPy's Adams codes, and states of torchdiffeq's fixed-step ones."""
import json
import math
import pathlib

import mpmath
import numpy
import scipy.integrate
import torch
import torchdiffeq

VERSIONS = {"torch": torch.__version__.split("+")[0], "torchdiffeq": torchdiffeq.__version__,
            "scipy": scipy.__version__, "mpmath": mpmath.__version__}
MU, PERIOD = 0.012277471, 17.0652165601579625588917206249


def expression(**derivatives):
    return {"plugin": "expression", "state": list(derivatives), "derivatives": derivatives}


def arenstorf(t, s):
    x, y, u, v = s
    r1, r2 = (x + MU) ** 2 + y ** 2, (x - 1 + MU) ** 2 + y ** 2
    a, b = (1 - MU) / (r1 * r1 ** 0.5), MU / (r2 * r2 ** 0.5)
    return [u, v, x + 2 * v - a * (x + MU) - b * (x - 1 + MU), y - 2 * u - a * y - b * y]


def volterra(t, s):
    x, y = s
    return [1.5 * x - x * y, x * y - 3 * y]


def free_body(t, s):
    a, b, c = s
    return [b * c, -a * c, -0.51 * a * b]


A = f"{1 - MU!r}/((x+{MU})^2+y*y)^1.5"
B = f"{MU}/((x-{1 - MU!r})^2+y*y)^1.5"
FIELDS = {
    "volterra": (expression(x="1.5*x - x*y", y="x*y - 3*y"), volterra, [1.0, 1.0], 10.0),
    "free_body": (expression(a="b*c", b="-a*c", c="-0.51*a*b"), free_body, [0.0, 1.0, 1.0], 20.0),
    "arenstorf": (expression(x="u", y="v", u=f"x+2*v-{A}*(x+{MU})-{B}*(x-{1 - MU!r})", v=f"y-2*u-{A}*y-{B}*y"),
                  arenstorf, [0.994, 0.0, 0.0, -2.00158510637908252240537862224], PERIOD),
}
TOLERANCES = [10.0 ** -k for k in range(4, 12)]


def reference(name):
    _, f, y0, stop = FIELDS[name]
    if name == "arenstorf":
        return y0  # periodic
    mpmath.mp.dps = 25
    return [float(v) for v in mpmath.odefun(f, 0, [mpmath.mpf(v) for v in y0])(stop)]


def error(y, exact):
    return float(max(abs(a - b) / (1 + abs(b)) for a, b in zip(y, exact)))


def lsoda(f, y0, stop, tolerance):
    s = scipy.integrate.solve_ivp(f, (0, stop), y0, method="LSODA", rtol=tolerance, atol=tolerance)
    return s.nfev, s.y[:, -1]


def vode(f, y0, stop, tolerance):
    count = 0

    def counted(t, y):
        nonlocal count
        count += 1
        return f(t, y)

    solver = scipy.integrate.ode(counted).set_integrator("vode", method="adams", rtol=tolerance, atol=tolerance,
                                                         nsteps=10 ** 6)
    solver.set_initial_value(y0, 0)
    y = solver.integrate(stop)
    return count, y


def adaptive_case(name):
    field, f, y0, stop = FIELDS[name]
    exact = reference(name)
    case = {"name": name, "field": field, "initial": [y0], "times": [0.0, stop], "reference": exact}
    for code in (lsoda, vode):
        case[code.__name__] = []
        for tolerance in TOLERANCES:
            evaluations, y = code(f, y0, stop, tolerance)
            case[code.__name__].append({"tolerance": tolerance, "evaluations": evaluations, "error": error(y, exact)})
    return case


def fixed_case(solver, method, options, times, step_size, **tolerances):
    """A forced system, so that the times count too."""
    y0 = torch.tensor([[1.0, 1.0], [2.0, 0.5]], dtype=torch.float64)
    count = 0

    def f(t, s):
        nonlocal count
        count += 1
        x, y = s[:, 0], s[:, 1]
        return torch.stack([1.5 * x - x * y + torch.sin(2 * t), x * y - 3 * y], 1)

    states = torchdiffeq.odeint(f, y0, torch.tensor(times, dtype=torch.float64), method=method,
                                options=options | {"step_size": step_size}, **tolerances)
    return {"field": expression(x="1.5*x - x*y + sin(2*t)", y="x*y - 3*y"), "initial": y0.tolist(), "times": times,
            "solver": solver | {"step_size": step_size}, "states": states.reshape(-1).tolist(), "evaluations": count}


def fixed_cases():
    grid = [0.0, 0.25, 1.0, 2.0]
    for order in (3, 5, 7):
        own = {"plugin": "explicit_adams", "order": order} | ({"start": "rising"} if order > 3 else {})
        for times in (grid, grid[::-1]):
            yield fixed_case(own, "explicit_adams", {"max_order": order + 1}, times, 1 / 64)
    for own in ({"order": 4}, {"order": 8, "start": "rising"}, {"order": 12, "start": "rising"}):
        solver = {"plugin": "fixed_adams", "corrector_rtol": 1e-9, "corrector_atol": 1e-11, "max_iterations": 10} | own
        options = {"max_order": own["order"], "max_iters": 10}
        for times in (grid, grid[::-1]):
            yield fixed_case(solver, "implicit_adams", options, times, 1 / 64, rtol=1e-9, atol=1e-11)


if __name__ == "__main__":
    result = {"versions": VERSIONS, "adaptive": [adaptive_case(name) for name in FIELDS],
              "fixed": list(fixed_cases())}
    pathlib.Path(__file__).with_name("peers.json").write_text(json.dumps(result, indent=1) + "\n")
