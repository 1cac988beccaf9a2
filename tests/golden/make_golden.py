"""Writes solve.json, gradients.json, flows.json, weights/, steps.json and implicit.json: what independent software
makes of the golden cases.

    python tests/golden/make_golden.py [FILE.json...]    # without names: all
"""
import json
import pathlib
import sys

import numpy
import scipy.integrate
import safetensors.torch
import torch
import torchdiffeq

import adaptive_peers
import flows
import implicit_steps
import problems as p

HERE = pathlib.Path(__file__).parent
VERSIONS = {"torch": torch.__version__.split("+")[0], "torchdiffeq": torchdiffeq.__version__, "scipy": scipy.__version__}
VERSIONS |= adaptive_peers.VERSIONS | implicit_steps.VERSIONS


class Counted(torch.nn.Module):
    """Counts evaluations and steps by torchdiffeq's callbacks."""

    def __init__(self, field):
        super().__init__()
        self.field = field
        self.evaluations = self.accepted = self.rejected = 0

    def forward(self, t, y):
        self.evaluations += 1
        return self.field(t, y)

    def callback_accept_step(self, t, y, dt):
        self.accepted += 1

    def callback_reject_step(self, t, y, dt):
        self.rejected += 1


def flat(x):
    return [float(v) for v in torch.as_tensor(x).detach().reshape(-1)]


def experiment(task, field, y0, times, solver):
    return {"odeon": 1, "task": task, "precision": "float64", "field": field.field, "initial": y0.tolist(),
            "times": list(times), "solver": solver}


def peer_options(solver):
    """torchdiffeq's names for Odeon's solver options."""
    options = {k: solver[k] for k in ("step_size", "first_step") if k in solver}
    if "interpolation" in solver:
        options["interp"] = solver["interpolation"]
    tolerances = {k: torch.tensor(solver[k]) if isinstance(solver[k], list) else solver[k]
                  for k in ("rtol", "atol") if k in solver}
    return dict(method=solver["plugin"], options=options or None, **tolerances)


def peer_solution(field, y0, times, solver):
    counted = Counted(field)
    with torch.no_grad():
        states = torchdiffeq.odeint(counted, y0, torch.tensor(times), **peer_options(solver))
    steps = {} if "step_size" in solver else {"accepted": counted.accepted, "rejected": counted.rejected}
    return {"states": flat(states), "evaluations": counted.evaluations} | steps


def exact_states(field, y0, times):
    """The solution itself, by DOP853 at the limit of double precision."""
    rows = []
    for row in y0:
        f = lambda t, y: field(torch.tensor(t), torch.from_numpy(y)[None])[0].detach().numpy()
        s = scipy.integrate.solve_ivp(f, (times[0], times[-1]), row.numpy(), "DOP853", times, rtol=3e-14, atol=1e-15)
        assert s.success
        rows.append(s.y.T)
    return {"states": flat(torch.from_numpy(numpy.stack(rows, 1)))}


def case(name, expected, agreement, field, y0, times, solver):
    return {"name": name, "agreement": agreement, "experiment": experiment("solve", field, y0, times, solver),
            "expected": expected}


def same_method_case(name, field, y0, times, **solver):
    y0 = torch.as_tensor(y0)
    return case(name, peer_solution(field, y0, times, solver), "same method", field, y0, times, solver)


def solution_case(name, field, y0, times, **solver):
    """The solution, and the peer's steps where it has the method and steps as published."""
    y0 = torch.as_tensor(y0)
    expected = exact_states(field, y0, times)
    if solver["plugin"] in ("bosh3", "dopri8"):
        expected = peer_solution(field, y0, times, solver) | expected
    return case(name, expected, "solution", field, y0, times, solver)


ADAPTIVE = {
    "decay backwards": (p.decay(), [[1.0], [-0.3]], [2.0, 1.0, 0.25, -1.0], 1e-7, 1e-9),
    "lotka_volterra": (p.lotka_volterra(), [[1.0, 1.0], [3.0, 0.5]], [0.0, 1.0, 2.5, 10.0], 1e-8, 1e-10),
    "van_der_pol": (p.van_der_pol(), [[2.0, 0.0]], [0.0, 3.0, 20.0], 1e-6, 1e-8),
    "lorenz": (p.lorenz(), [[1.0, 1.0, 1.0], [-5.0, -4.0, 20.0]], [0.0, 0.5, 3.0], 1e-7, 1e-7),
    "forced_pendulum": (p.forced_pendulum(), [[0.1, 0.0], [2.0, -1.0], [-1.0, 2.5]], [0.0, 4.0, 9.0, 25.0], 1e-5, 1e-6),
    "kepler": (p.kepler(), [[0.7, 0.0, 0.0, 1.3627702877384936]], [0.0, 10.0, 20.0], 1e-9, 1e-11),
    "brusselator": (p.brusselator(), [[1.5, 3.0]], [0.0, 5.0, 20.0], 1e-4, 1e-6),
    "spiral": (p.Spiral(), [[2.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 25.0], 1e-7, 1e-9),
    "mlp_time": (p.mlp_time(), p.wave(5, 3).tolist(), [0.0, 0.5, 2.0], 1e-7, 1e-9),
    "conv_block": (p.conv_block(), p.wave(2, 4, 5, 5).tolist(), [0.0, 1.0], 1e-3, 1e-3),
    "universal": (p.universal(), [[1.0, 0.5], [0.4, 2.0], [2.0, 1.5]], [0.0, 0.5, 2.0], 1e-7, 1e-9),
}


# Not "same method" for four of torchdiffeq's: bosh3 and dopri8 take its steps, but Odeon's dense output has
# the method's order; adaptive_heun and fehlberg2 take the derivative at the end of a step from the last
# stage there, which is not f(t1, y1) for these tableaus.
SOLUTION = {"tsit5": 1e-9, "dopri8": 1e-9, "bosh3": 1e-7, "adaptive_heun": 1e-6, "fehlberg2": 1e-6}


def solve_cases():
    for name, (field, y0, times, rtol, atol) in ADAPTIVE.items():
        yield same_method_case(f"dopri5 {name}", field, y0, times, plugin="dopri5", rtol=rtol, atol=atol)
    lotka = ADAPTIVE["lotka_volterra"]
    yield same_method_case("dopri5 tolerances per element", *lotka[:3], plugin="dopri5", rtol=[1e-6, 1e-4], atol=[1e-9, 1e-5])
    yield same_method_case("dopri5 first step given", *lotka[:3], plugin="dopri5", rtol=1e-6, atol=1e-8, first_step=0.01)
    for method, rtol in SOLUTION.items():
        for name in ("lotka_volterra", "forced_pendulum", "decay backwards", "brusselator", "mlp_time"):
            field, y0, times, *_ = ADAPTIVE[name]
            short = [t for t in times if t <= 10]
            yield solution_case(f"{method} {name}", field, y0, short, plugin=method, rtol=rtol, atol=rtol / 100)
    for method in ("euler", "midpoint", "heun2", "heun3", "rk4"):
        for interpolation in ("linear", "cubic"):
            for name in ("lotka_volterra", "forced_pendulum", "decay backwards"):
                field, y0, times, *_ = ADAPTIVE[name]
                yield same_method_case(f"{method} {interpolation} {name}", field, y0, times, plugin=method,
                                       step_size=0.07, interpolation=interpolation)


def gradients_by(odeint, field, y0, times, cotangent, options):
    y0 = y0.clone().requires_grad_()
    times = times.clone().requires_grad_()
    states = odeint(field, y0, times, **options)
    theta = field.named_theta() or {"theta": field.theta}
    g = torch.autograd.grad((states * cotangent).sum(), [y0, times, *theta.values()])
    return {"states": flat(states), "grad_initial": flat(g[0]), "grad_times": flat(g[1]),
            "grad_parameters": {name: flat(v) for name, v in zip(theta, g[2:])}}


def gradient_case(name, field, y0, times, **solver):
    t = torch.tensor(times)
    cotangent = p.wave(len(times), *y0.shape) / y0.numel()
    expected = {"direct": gradients_by(torchdiffeq.odeint, field, y0, t, cotangent, peer_options(solver))}
    if "first_step" in solver:
        tight = {"plugin": solver["plugin"], "rtol": 1e-10, "atol": 1e-12}
        expected["adjoint"] = gradients_by(torchdiffeq.odeint_adjoint, field, y0, t, cotangent, peer_options(tight))
    config = experiment("gradient", field, y0, times, solver) | {"loss": {"cotangent": cotangent.tolist()}}
    return {"name": name, "experiment": config, "expected": expected}


def gradient_cases():
    models = {
        "mlp": (p.mlp(), p.wave(4, 2) * 1.2, [0.0, 0.3, 0.45, 1.5]),
        "mlp_time": (p.mlp_time(), p.wave(3, 3), [0.5, 1.0, 2.5]),
        "conv_block": (p.conv_block(), p.wave(2, 4, 5, 5), [0.0, 0.4, 1.0]),
        "transposed": (p.transposed(), p.wave(2, 3, 4, 4), [0.0, 0.4, 1.0]),
        "expression": (p.forced_pendulum(), p.wave(3, 2), [2.0, 1.1, 0.0]),
        "universal": (p.universal(), 1.5 + p.wave(3, 2), [0.0, 0.4, 1.2]),
    }
    for name, (field, y0, times) in models.items():
        # A given first step: torchdiffeq differentiates the one that it estimates, Odeon takes it as constant.
        yield gradient_case(f"dopri5 {name}", field, y0, times, plugin="dopri5", rtol=1e-5, atol=1e-7, first_step=0.05)
        yield gradient_case(f"rk4 {name}", field, y0, times, plugin="rk4", step_size=0.13)
        yield gradient_case(f"midpoint cubic {name}", field, y0, times, plugin="midpoint", step_size=0.13,
                            interpolation="cubic")


def write_weights():
    (HERE / "weights").mkdir(exist_ok=True)
    for field in (p.mlp(), p.mlp_time(), p.conv_block(), p.transposed(), p.universal()):
        weights = {k: v.detach().contiguous() for k, v in field.named_theta().items()}
        safetensors.torch.save_file(weights, HERE / "weights" / f"{field.file}.safetensors")


FILES = {"solve.json": (solve_cases, ("torch", "torchdiffeq", "scipy")),
         "gradients.json": (gradient_cases, ("torch", "torchdiffeq")),
         "flows.json": (flows.cases, ("torch", "torchdiffeq")),
         "steps.json": (adaptive_peers.cases, ("diffrax", "jax", "scipy")),
         "implicit.json": (implicit_steps.cases, ("gmpy2", "mpmath"))}


if __name__ == "__main__":
    write_weights()
    for name in sys.argv[1:] or FILES:
        cases, software = FILES[name]
        with open(HERE / name, "w") as f:
            json.dump({"versions": {k: VERSIONS[k] for k in software}, "cases": list(cases())}, f, separators=(",", ":"))
            f.write("\n")
