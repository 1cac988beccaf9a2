"""Gradients of three fits by Odeon, torchdiffeq and diffrax in one run: error, processor time, peak memory.

    ~/peers/bin/python tests/bench/gradients.py BUILD_DIR [--seconds S] [--only CASE]

Every figure comes from a process of its own. Time is processor time, of all threads, of the shortest repetition after a
first one (which compiles, in JAX). Memory is what the resident set grows by, at its peak, during a gradient: the first of
the process in PyTorch and in Odeon, the second in JAX, whose first one is the compiler's. Errors are those of dL/dtheta,
each entry multiplied by its parameter, relative to a reference of float64 and small tolerances.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

from gradient_cases import CASES, REPLACE_WEIGHTS

ODEON = {"spiral": ("direct", "symplectic_adjoint", "checkpoint", "adjoint", "adjoint_interpolated"),
         "conv": ("direct", "symplectic_adjoint", "checkpoint", "adjoint"),
         "Robertson": ("direct", "adjoint_interpolated", "forward")}
PEERS = (("torchdiffeq", "odeint"), ("torchdiffeq", "odeint_adjoint"),
         ("diffrax", "RecursiveCheckpointAdjoint"), ("diffrax", "BacksolveAdjoint"))

LONG = 10  # seconds of a gradient that is taken once, others at least three times
LONGEST = 400  # seconds that a peer may take for one figure, compilation included


def resident(key):
    with open("/proc/self/status") as status:
        return 1024 * int(next(line for line in status if line.startswith(key)).split()[1])


def measured(gradient, seconds):
    """The first call's growth of the resident set at its peak, the shortest call's processor time, the gradient."""
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")
    before, begin, n, best = resident("VmRSS"), time.perf_counter(), 0, float("inf")
    while n < 1 or (n < 3 and best < LONG) or (n < 50 and time.perf_counter() - begin < seconds):
        start = time.process_time()
        result = gradient()
        best, n = min(best, time.process_time() - start), n + 1
        if n == 1:
            peak = resident("VmHWM") - before
    return {"peak": peak, "seconds": best, "gradient": [g.tolist() for g in result]}


def torch_gradient(case, adjoint, dtype, rtol, atol):
    """A function that gives dL/dtheta."""
    import torch
    import torchdiffeq

    torch.set_num_threads(1)
    tensor = lambda value: torch.tensor(value, dtype=getattr(torch, dtype))
    theta = [tensor(value).requires_grad_() for value in case.theta.values()]
    f, y0, times = case.torch_field(theta), tensor(case.initial), tensor(case.times)
    cotangent = tensor(case.cotangent((len(case.times), *case.initial.shape)))
    odeint = torchdiffeq.odeint_adjoint if adjoint else torchdiffeq.odeint
    options = {"adjoint_params": tuple(theta)} if adjoint else {}

    def gradient():
        for value in theta:
            value.grad = None
        torch.autograd.backward(odeint(f, y0.clone().requires_grad_(), times, rtol=rtol, atol=atol, method=case.method, **options),
                                cotangent)
        return [value.grad.numpy() for value in theta]

    return gradient


def jax_gradient(case, adjoint):
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", case.dtype == "float64")
    method = diffrax.Kvaerno5() if case.odeon_solver == "kvaerno5" else diffrax.Dopri5()
    theta = [jnp.asarray(value, case.dtype) for value in case.theta.values()]
    y0, times = jnp.asarray(case.initial, case.dtype), jnp.asarray(case.times, case.dtype)
    cotangent = jnp.asarray(case.cotangent((len(case.times), *case.initial.shape)), case.dtype)
    term = diffrax.ODETerm(lambda t, y, theta: case.jax_field(theta, t, y))

    def loss(theta, y0):
        s = diffrax.diffeqsolve(term, method, times[0], times[-1], None, y0, theta, saveat=diffrax.SaveAt(ts=times), max_steps=4096,
                                stepsize_controller=diffrax.PIDController(case.rtol, case.atol), adjoint=getattr(diffrax, adjoint)())
        return (s.ys * cotangent).sum()

    compiled = jax.jit(jax.grad(loss, argnums=(0, 1)))
    return lambda: [numpy.asarray(g) for g in jax.block_until_ready(compiled(theta, y0)[0])]


def peer(case, software, name, seconds):
    if software == "torchdiffeq":
        gradient = torch_gradient(case, name == "odeint_adjoint", case.dtype, case.rtol, case.atol)
    else:
        gradient = jax_gradient(case, name)
        gradient()
    return measured(gradient, seconds)


def odeon(case, strategy, seconds, build, folder):
    import safetensors.numpy

    if case.field.get("weights"):
        case.field["weights"] = {"file": str(folder / REPLACE_WEIGHTS)}
        safetensors.numpy.save_file({k: v.astype(case.dtype) for k, v in case.theta.items()}, folder / REPLACE_WEIGHTS)
    numpy.save(folder / "initial.npy", case.initial)
    numpy.save(folder / "cotangent.npy", case.cotangent((len(case.times), *case.initial.shape)))
    config = {"odeon": 1, "task": "gradient", "precision": case.dtype, "backend": {"plugin": "cpu", "threads": 1}, "field": case.field,
              "initial": {"file": str(folder / "initial.npy")}, "times": case.times.tolist(),
              "solver": {"plugin": case.odeon_solver, "rtol": case.rtol, "atol": case.atol}, "gradient": strategy,
              "loss": {"cotangent": {"file": str(folder / "cotangent.npy")}}}
    experiment = folder / "gradient.yaml"
    experiment.write_text(json.dumps(config, indent=1))
    line = subprocess.run([build / "bin" / "odeon_bench", experiment, "backward", str(seconds)], check=True, stdout=subprocess.PIPE).stdout
    run = json.loads(line)
    subprocess.run([build / "bin" / "odeon", "run", experiment, "--output", folder / "out", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    if case.parameters:
        gradient = list(numpy.load(folder / "out" / "grad_parameters.npy"))
    else:
        stored = safetensors.numpy.load_file(folder / "out" / "grad_parameters.safetensors")
        gradient = [stored[name] for name in case.theta]
    return {"peak": run["peak_bytes"], "seconds": run["cpu_seconds"], "gradient": gradient, "tape": run["tape_bytes"]}


def reference(case):
    """dL/dtheta in float64: by PyTorch through a tight solve, or by SciPy's Radau on the forward sensitivities."""
    if not case.parameters:
        return torch_gradient(case, False, "float64", case.reference, case.reference)()
    import scipy.integrate

    k1, k2, k3 = (float(v) for v in case.theta.values())

    def sensitivities(_, extended):
        (x, y, z), s = extended[:3], extended[3:].reshape(3, 3)
        f = [-k1 * x + k3 * y * z, k1 * x - k3 * y * z - k2 * y * y, k2 * y * y]
        jacobian = numpy.array([[-k1, k3 * z, k3 * y], [k1, -k3 * z - 2 * k2 * y, -k3 * y], [0, 2 * k2 * y, 0]])
        by_theta = numpy.array([[-x, 0, y * z], [x, -y * y, -y * z], [0, y * y, 0]]) * [k1, k2, k3]
        return numpy.concatenate([f, (jacobian @ s + by_theta).ravel()])

    s = scipy.integrate.solve_ivp(sensitivities, case.times[[0, -1]], [*case.initial[0], *numpy.zeros(9)], "Radau", case.times,
                                  rtol=case.reference, atol=1e-16)
    by_log = numpy.einsum("ti,itj->j", case.cotangent((len(case.times), 1, 3))[:, 0], s.y[3:].reshape(3, 3, -1).transpose(0, 2, 1))
    return list(by_log / [k1, k2, k3])


def error(case, gradient, exact):
    scaled = lambda g: numpy.concatenate([(numpy.asarray(a, float) * (v if case.parameters else 1)).ravel()
                                          for a, v in zip(g, case.theta.values())])
    return numpy.linalg.norm(scaled(gradient) - scaled(exact)) / numpy.linalg.norm(scaled(exact))


def measured_in_a_process(*arguments):
    command = [sys.executable, __file__, "--measure", *map(str, arguments)]
    try:
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"more than {LONGEST} s") from None
    if r.returncode:
        raise RuntimeError(r.stderr.strip()[-200:] or f"exit {r.returncode}")
    return json.loads(r.stdout)


def table(case, build, seconds):
    exact, base = reference(case), None

    def row(software, name, run):
        nonlocal base
        line = f"{case.name:<20}{software:<13}{name:<28}"
        try:
            r = run()
        except (RuntimeError, subprocess.SubprocessError, ImportError) as reason:
            print(f"{line}left out: {reason}", flush=True)
            return
        base = base or (r if software == "torchdiffeq" else None)
        ratio = lambda key: f"{base[key] / r[key]:>9.2f}" if base else f"{'':>9}"
        print(f"{line}{error(case, r['gradient'], exact):>9.1e}{1e3 * r['seconds']:>11.3f}{ratio('seconds')}"
              f"{r['peak'] / 2**20:>10.1f}{ratio('peak')}", flush=True)

    for software, name in PEERS:
        row(software, name, lambda: measured_in_a_process(case.name, software, name, seconds))
    with tempfile.TemporaryDirectory() as folder:
        for strategy in next(s for key, s in ODEON.items() if case.name.startswith(key)):
            row("Odeon", strategy, lambda: odeon(case, strategy, seconds, build, pathlib.Path(folder)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each figure")
    parser.add_argument("--only", default="")
    parser.add_argument("--measure", nargs=4, metavar=("CASE", "SOFTWARE", "NAME", "SECONDS"), help="one peer, as a line of JSON")
    arguments = parser.parse_args()
    if arguments.measure:
        name, software, strategy, seconds = arguments.measure
        print(json.dumps(peer(CASES[name](), software, strategy, float(seconds))))
        return
    print("ratios are torchdiffeq's odeint over the row's")
    print(f"{'fit':<20}{'by':<13}{'strategy':<28}{'error':>9}{'ms':>11}{'ratio':>9}{'peak MiB':>10}{'ratio':>9}")
    for name, make in CASES.items():
        if arguments.only in name:
            table(make(), arguments.build, arguments.seconds)


if __name__ == "__main__":
    main()
