"""Loads on a GPU beside PyTorch + torchdiffeq and diffrax in one run, and against the device's limits.

    ~/peers/bin/python tests/bench/gpu.py BUILD_DIR BACKEND [--rows N] [--tflops F] [--gbs B] [--only LOAD]

ensemble: Lorenz's system with N values of rho, float32: 1000 fixed steps of rk4 and of tsit5, and tsit5 with step control
at 1e-8, up to t = 1. Published for a V100 with kernels written for this problem: 94 ms and 49 ms (U. Utkarsh et al.,
Comput. Methods Appl. Mech. Engrg. 419 (2024) 116591, 8.39 million trajectories); scaled here by float32 rate and rows.
conv block, spiral: those of gradient_cases.py, forward and backward by `direct`.
joint forms: dopri5 through a network 2-50-2 with growing batches, by each way to run joint steps (option `joint_form`):
what the limits between them in joint/form.cpp of the backend are to be set by.
row forms: the same with steps of each row, by a thread or a block per row (option `row_form`, solve/row_form.cpp).

Time is by the clock, of the shortest repetition, with the device idle before and behind. --tflops and --gbs are the
device's float32 peak and memory bandwidth (H100 SXM: 67 and 3350, H200: 67 and 4800); operations and bytes are by count.
A peer that finds no GPU is left out with a line that says so, unless BACKEND is cpu.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy

from gradient_cases import REPLACE_WEIGHTS, ConvBlock, Spiral

V100_TFLOPS, PUBLISHED_ROWS = 15.7, 8.39e6
STEPS, SIZE = 1000, 4  # rho is an element of the state that does not move
FIELD_OPERATIONS = 8  # s (y - x); x (r - z) - y; x y - b z
# Entries that are not zero: of a, of b, and of b - b_hat. Explicit methods, stages as in plugins/solvers.
METHODS = {"rk4": (6, 4, 0, 4), "tsit5": (21, 0, 7, 6)}  # and evaluations per step; y1 of tsit5 is a stage


def operations_per_step(method, adaptive):
    a, b, error, evaluations = METHODS[method]
    sums = 2 * (a + b + (error if adaptive else 0)) + 2 * evaluations
    return SIZE * (sums + (8 if adaptive else 0)) + evaluations * FIELD_OPERATIONS


def bench(build, config, what, seconds=3):
    with tempfile.TemporaryDirectory() as folder:
        experiment = pathlib.Path(folder) / "experiment.yaml"
        experiment.write_text(json.dumps(config, indent=1))
        run = subprocess.run([build / "bin" / "odeon_bench", experiment, what, str(seconds)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip()[-300:])
    return json.loads(run.stdout)


def shortest(work, wait, seconds=3):
    best, begin = float("inf"), time.perf_counter()
    work(), wait()
    while best == float("inf") or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        work(), wait()
        best = min(best, time.perf_counter() - start)
    return best


def torch_device(backend):
    import torch

    if backend == "cpu":
        return torch.device("cpu"), lambda: None
    device = torch.accelerator.current_accelerator(check_available=True)
    if device is None:
        raise RuntimeError("PyTorch finds no GPU")
    return device, torch.accelerator.synchronize


def line(load, by, seconds, note=""):
    print(f"{load:<34}{by:<30}{1e3 * seconds:>12.3f} ms  {note}", flush=True)


def attempt(load, by, run):
    try:
        return run()
    except (RuntimeError, ImportError) as reason:
        print(f"{load:<34}{by:<30}left out: {reason}", flush=True)


def ensemble(o):
    rho = numpy.linspace(0, 21, o.rows, dtype=numpy.float32)
    initial = numpy.stack([numpy.ones_like(rho), numpy.zeros_like(rho), numpy.zeros_like(rho), rho], 1)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "initial.npy"
        numpy.save(file, initial)
        base = {"odeon": 1, "task": "solve", "precision": "float32", "backend": o.backend, "initial": {"file": str(file)},
                "times": [0, 1], "field": {"plugin": "expression", "state": ["x", "y", "z", "r"], "derivatives": {
                    "x": "10*(y - x)", "y": "x*(r - z) - y", "z": "x*y - 2.6666667*z", "r": "0*r"}}}
        for method, adaptive, published in (("rk4", False, None), ("tsit5", False, 94), ("tsit5", True, 49)):
            control = {"stepping": "per_row", "rtol": 1e-8, "atol": 1e-8} if adaptive else {"step_size": 1 / STEPS}
            if method == "tsit5" and not adaptive:
                control["control"] = "fixed"
            load = f"ensemble, {method} {'adaptive' if adaptive else 'fixed'}"

            def odeon():
                run = bench(o.build, {**base, "solver": {"plugin": method, **control}}, "forward")
                steps = run["accepted"] if adaptive else o.rows * STEPS
                rate = steps * operations_per_step(method, adaptive) / run["seconds"] / 1e12
                ideal = published and published * V100_TFLOPS / o.tflops * o.rows / PUBLISHED_ROWS
                line(load, f"Odeon, {o.backend}", run["seconds"], f"{rate:.2f} TFLOP/s, {100 * rate / o.tflops:.1f} % of peak"
                     + (f"; published, scaled: {ideal:.3f} ms" if ideal else ""))

            attempt(load, f"Odeon, {o.backend}", odeon)
        attempt("ensemble, rk4 fixed", "torchdiffeq", lambda: torch_ensemble(o, initial))
        attempt("ensemble, tsit5 fixed", "diffrax", lambda: jax_ensemble(o, initial))


def torch_ensemble(o, initial):
    import torch
    import torchdiffeq

    device, wait = torch_device(o.backend)
    y0 = torch.tensor(initial[:, :3], device=device)
    rho = torch.tensor(initial[:, 3], device=device)

    def f(t, s):
        x, y, z = s.unbind(-1)
        return torch.stack((10 * (y - x), x * (rho - z) - y, x * y - 2.6666667 * z), -1)

    times = torch.tensor([0.0, 1.0], device=device)
    with torch.no_grad():
        took = shortest(lambda: torchdiffeq.odeint(f, y0, times, method="rk4", options={"step_size": 1 / STEPS}), wait)
    line("ensemble, rk4 fixed", f"torchdiffeq, {device.type}", took)


def jax_ensemble(o, initial):
    import diffrax
    import jax
    import jax.numpy as jnp

    if o.backend != "cpu" and jax.default_backend() == "cpu":
        raise RuntimeError("JAX finds no GPU")
    y0, rho = jnp.asarray(initial[:, :3]), jnp.asarray(initial[:, 3])

    def f(t, s, r):
        x, y, z = s
        return jnp.stack((10 * (y - x), x * (r - z) - y, x * y - 2.6666667 * z))

    solve = jax.jit(jax.vmap(lambda s, r: diffrax.diffeqsolve(
        diffrax.ODETerm(f), diffrax.Tsit5(), 0.0, 1.0, 1 / STEPS, s, r, max_steps=STEPS + 8).ys))
    took = shortest(lambda: jax.block_until_ready(solve(y0, rho)), lambda: None)
    line("ensemble, tsit5 fixed", f"diffrax, {jax.default_backend()}", took)


def gradient(case, o, load, rows, both_backends):
    import safetensors.numpy

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        case.field["weights"] = {"file": str(folder / REPLACE_WEIGHTS)}
        safetensors.numpy.save_file({k: v.astype(case.dtype) for k, v in case.theta.items()}, folder / REPLACE_WEIGHTS)
        numpy.save(folder / "initial.npy", case.initial)
        for backend in dict.fromkeys((o.backend, "cpu") if both_backends else (o.backend,)):
            config = {"odeon": 1, "task": "gradient", "precision": case.dtype, "backend": backend, "field": case.field,
                      "initial": {"file": str(folder / "initial.npy")}, "times": case.times.tolist(), "gradient": "direct",
                      "solver": {"plugin": case.odeon_solver, "rtol": case.rtol, "atol": case.atol},
                      "loss": {"cotangent": {"file": str(folder / "cotangent.npy")}}}
            numpy.save(folder / "cotangent.npy", case.cotangent((len(case.times), *case.initial.shape)))

            def odeon():
                run = bench(o.build, config, "backward")
                line(load, f"Odeon, {backend}", run["seconds"], f"{rows / run['seconds']:.0f} rows/s")

            attempt(load, f"Odeon, {backend}", odeon)
    attempt(load, "torchdiffeq", lambda: torch_gradient(case, o, load, rows))


def network_forms(o, option, forms, steps, stepping, all_rows):
    for rows in all_rows:
        config = {"odeon": 1, "task": "solve", "precision": "float32", "seed": 1, "times": [0, 1],
                  "initial": [[1 - i / rows, i / rows] for i in range(rows)],
                  "field": {"plugin": "neural", "network": [{"linear": 50}, "tanh", {"linear": 2}]},
                  "solver": {"plugin": "dopri5", "rtol": 1e-5, "atol": 1e-6, "stepping": stepping}}
        load = f"2-50-2, {rows} rows, {steps}"
        for form in forms:
            backend = {"plugin": o.backend, option: form}

            def odeon():
                run = bench(o.build, {**config, "backend": backend}, "forward", 1)
                taken = run["accepted"] / (rows if stepping == "per_row" else 1)
                line(load, f"Odeon, {form}", run["seconds"],
                     f"{1e6 * run['seconds'] / taken:.1f} us per accepted step")

            attempt(load, f"Odeon, {form}", odeon)


def torch_gradient(case, o, load, rows):
    import torch
    import torchdiffeq

    device, wait = torch_device(o.backend)
    tensor = lambda value: torch.tensor(value, dtype=getattr(torch, case.dtype), device=device)
    theta = [tensor(value).requires_grad_() for value in case.theta.values()]
    f, y0, times = case.torch_field(theta), tensor(case.initial).requires_grad_(), tensor(case.times)
    cotangent = tensor(case.cotangent((len(case.times), *case.initial.shape)))
    took = shortest(lambda: torch.autograd.backward(
        torchdiffeq.odeint(f, y0, times, rtol=case.rtol, atol=case.atol, method=case.method), cotangent), wait)
    line(load, f"torchdiffeq, {device.type}", took, f"{rows / took:.0f} rows/s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("backend", help="the component of the GPU; cpu: to try the script")
    parser.add_argument("--rows", type=int, default=8388608, help="of the ensemble")
    parser.add_argument("--tflops", type=float, default=67.0)
    parser.add_argument("--gbs", type=float, default=3350.0)
    parser.add_argument("--only", default="")
    o = parser.parse_args()
    if o.only in "ensemble":
        ensemble(o)
        print(f"at least, by {o.gbs:g} GB/s: {1e3 * o.rows * 4 * 4 * 3 / (o.gbs * 1e9):.3f} ms to read and write the states")
    if o.only in "conv block":
        gradient(ConvBlock(), o, "conv block, batch 128", 128, False)
    if o.only in "spiral":
        gradient(Spiral(), o, "spiral, 500 times", 1, True)
    if o.only in "joint forms" and o.backend != "cpu":
        network_forms(o, "joint_form", ("one_block", "many_blocks", "captured"), "joint steps", "joint",
                      (1, 20, 100, 200, 500, 1000, 2000))
    if o.only in "row forms" and o.backend != "cpu":
        network_forms(o, "row_form", ("thread", "block"), "steps of each", "per_row", (1, 20, 200, 1000, 3000, 10000, 30000))


if __name__ == "__main__":
    main()
