"""Steps and evaluations of the same adaptive methods in diffrax and SciPy.

diffrax counts steps, SciPy evaluations (and, for Radau, accepted steps: its evaluations depend on when it renews
its Jacobian). diffrax's controller is PIDController with its defaults, which is Odeon's control `i`: both begin
with the same given step. SciPy's explicit methods shrink the step where Odeon's and the others only stop its growth,
so only tolerances are here at which a rejection more or less counts for little. diffrax and SciPy shorten the last
step to end at the last time, Odeon does not.

Implicit methods: diffrax gets Newton's own iteration to far below the tolerance, so that it takes the steps that the
error estimate allows. Odeon's simplified iteration fails on some of the very long ones of loose tolerances and halves
them; the tolerances here are below those.
"""
import diffrax
import jax
import jax.numpy as jnp
import optimistix
import scipy.integrate

import formulas
import problems as p

jax.config.update("jax_enable_x64", True)

VERSIONS = {"diffrax": diffrax.__version__, "jax": jax.__version__}


def expression(state, derivatives):
    return {"plugin": "expression", "state": state, "derivatives": dict(zip(state, derivatives))}


VAN_DER_POL = expression(["x", "v"], ["v", "100*(1 - x^2)*v - x"])
ROBERTSON = expression(["a", "b", "c"], ["-0.04*a + 1e4*b*c", "0.04*a - 1e4*b*c - 3e7*b^2", "3e7*b^2"])
HIRES = expression([f"y{i}" for i in range(1, 9)], [
    "-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007", "1.71*y1 - 8.75*y2", "-10.03*y3 + 0.43*y4 + 0.035*y5",
    "8.32*y2 + 1.71*y3 - 1.12*y4", "-1.745*y5 + 0.43*y6 + 0.43*y7",
    "-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7", "280*y6*y8 - 1.81*y7", "-280*y6*y8 + 1.81*y7"])

# name: field, initial state, stop, first step
NONSTIFF = {
    "lotka_volterra": (p.lotka_volterra().field, [1.0, 1.0], 10.0, 0.01),
    "forced_pendulum": (p.forced_pendulum().field, [2.0, -1.0], 25.0, 0.01),
    "brusselator": (p.brusselator().field, [1.5, 3.0], 20.0, 0.01),
    "kepler": (p.kepler().field, [0.7, 0.0, 0.0, 1.3627702877384936], 20.0, 0.01),
}
STIFF = {
    "van_der_pol": (VAN_DER_POL, [2.0, 0.0], 200.0, 1e-3),
    "robertson": (ROBERTSON, [1.0, 0.0, 0.0], 40.0, 1e-4),
    "hires": (HIRES, [1.0] + [0.0] * 6 + [0.0057], 300.0, 1e-4),
    "lotka_volterra": NONSTIFF["lotka_volterra"],
}


def additive_brusselator(n):
    """With diffusion between n points, which is stiff, in `derivatives`, and the reaction in `explicit`."""
    spread = 0.02 * (n + 1)**2
    diffusion, reaction = {}, {}
    for i in range(1, n + 1):
        for w, end in (("u", "1"), ("v", "3")):
            left, right = (f"{w}{j}" if 0 < j <= n else end for j in (i - 1, i + 1))
            diffusion[f"{w}{i}"] = f"{spread}*({left} - 2*{w}{i} + {right})"
        reaction[f"u{i}"] = f"1 + u{i}^2*v{i} - 4*u{i}"
        reaction[f"v{i}"] = f"3*u{i} - u{i}^2*v{i}"
    return {"plugin": "expression", "state": list(diffusion), "derivatives": diffusion, "explicit": reaction}


# Both halves act on both variables, the explicit one with time.
RELAXATION = expression(["x", "y"], ["100*(1 - x*y)", "-100*(y - x)"]) | {
    "explicit": {"x": "sin(3*t) - 3*y", "y": "x*cos(t)"}}
ADDITIVE = {"additive_brusselator": (additive_brusselator(6), [1.5, 3.0] * 6, 10.0, 0.01),
            "relaxation": (RELAXATION, [1.5, 1.0], 5.0, 1e-3)}
# Odeon's id: diffrax's class, tolerances
EXPLICIT = {"adaptive_heun": (diffrax.Heun, (1e-4, 1e-6)), "bosh3": (diffrax.Bosh3, (1e-4, 1e-7)),
            "tsit5": (diffrax.Tsit5, (1e-5, 1e-8)), "dopri5": (diffrax.Dopri5, (1e-5, 1e-8)),
            "dopri8": (diffrax.Dopri8, (1e-6, 1e-10))}
EXPLICIT_CLASSES = tuple(method for method, _ in EXPLICIT.values())
IMPLICIT = {"kvaerno3": (diffrax.Kvaerno3, (1e-5, 1e-6)), "kvaerno4": (diffrax.Kvaerno4, (1e-6, 1e-7)),
            "kvaerno5": (diffrax.Kvaerno5, (1e-7, 1e-9)), "kencarp4": (diffrax.KenCarp4, (1e-7, 1e-8))}
ADDITIVE_METHODS = {"kencarp4": (diffrax.KenCarp4, (1e-5, 1e-8))}
SCIPY = {"bosh3": ("RK23", (1e-4, 1e-6)), "dopri5": ("RK45", (1e-6, 1e-8)), "radau_iia5": ("Radau", (1e-4, 1e-7))}


def by_diffrax(method, field, y0, stop, first, rtol, atol):
    f = formulas.derivative(field, jnp, jnp.asarray)
    term = diffrax.ODETerm(lambda t, y, args: jnp.stack(f(t, list(y))))
    if method is diffrax.KenCarp4:  # additive
        rest = formulas.derivative(field, jnp, jnp.asarray, "explicit")
        term = diffrax.MultiTerm(
            diffrax.ODETerm(lambda t, y, args: jnp.stack([jnp.asarray(v, y.dtype) for v in rest(t, list(y))])), term)
    # Newton's own iteration to far below the tolerance, so that the error estimate alone rejects steps.
    newton = {} if method in EXPLICIT_CLASSES else {"root_finder": optimistix.Newton(1e-10, 1e-12),
                                                    "root_find_max_steps": 50}
    s = diffrax.diffeqsolve(term, method(**newton), 0.0, stop, first, jnp.array(y0), max_steps=10**6,
                            stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol))
    return {"accepted": int(s.stats["num_accepted_steps"]), "rejected": int(s.stats["num_rejected_steps"])}


def by_scipy(method, field, y0, stop, first, rtol, atol):
    s = scipy.integrate.solve_ivp(formulas.derivative(field), (0.0, stop), y0, method, rtol=rtol, atol=atol,
                                  first_step=first)
    assert s.success
    return {"accepted": len(s.t) - 1} if method == "Radau" else {"evaluations": int(s.nfev)}


def case(peer, solver, problem, field, y0, stop, expected):
    config = {"odeon": 1, "task": "solve", "precision": "float64", "field": field, "initial": [y0],
              "times": [0.0, stop], "solver": solver}
    return {"name": f"{solver['plugin']} {problem} {solver['rtol']:.0e}", "peer": peer, "experiment": config,
            "expected": expected}


def cases():
    for peers, fields in ((EXPLICIT, NONSTIFF), (IMPLICIT, STIFF), (ADDITIVE_METHODS, ADDITIVE)):
        for plugin, (method, tolerances) in peers.items():
            for problem, (field, y0, stop, first) in fields.items():
                for rtol in tolerances:
                    atol = rtol / 100
                    solver = {"plugin": plugin, "rtol": rtol, "atol": atol, "first_step": first, "control": "i"}
                    yield case(f"diffrax {method.__name__}", solver, problem, field, y0, stop,
                               by_diffrax(method, field, y0, stop, first, rtol, atol))
    for plugin, (method, tolerances) in SCIPY.items():
        for problem, (field, y0, stop, first) in (STIFF if method == "Radau" else NONSTIFF).items():
            for rtol in tolerances:
                atol = rtol / 100
                solver = {"plugin": plugin, "rtol": rtol, "atol": atol, "first_step": first}
                yield case(f"SciPy {method}", solver, problem, field, y0, stop,
                           by_scipy(method, field, y0, stop, first, rtol, atol))
