"""An ensemble of Lorenz's system on the CPU beside diffrax's vmap: tsit5 at 1e-8 up to t = 1 in float64, one thread.

    ~/peers/bin/python tests/bench/ensemble.py BUILD_DIR [ROWS]

Rows with steps of their own (`stepping: per_row`, as vmap takes them) and rows that step together; processor time of
the shortest repetition. The environment is that of tests/golden/README.md.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import diffrax  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy  # noqa: E402

jax.config.update("jax_enable_x64", True)
TOLERANCE = 1e-8
FIELD = {"plugin": "expression", "state": ["x", "y", "z"], "parameters": {"s": 10, "r": 28, "b": 2.6666666666666665},
         "derivatives": {"x": "s*(y - x)", "y": "x*(r - z) - y", "z": "x*y - b*z"}}


def odeon(build, initial, stepping):
    solver = {"plugin": "tsit5", "rtol": TOLERANCE, "atol": TOLERANCE, "stepping": stepping}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        numpy.save(folder / "initial.npy", initial)
        config = {"odeon": 1, "task": "solve", "precision": "float64", "backend": {"plugin": "cpu", "threads": 1},
                  "field": FIELD, "initial": {"file": str(folder / "initial.npy")}, "times": [0, 1], "solver": solver}
        (folder / "ensemble.yaml").write_text(json.dumps(config))
        command = [build / "bin" / "odeon_bench", folder / "ensemble.yaml", "forward", "4"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["cpu_seconds"]


def peer(initial):
    def field(t, state, _):
        x, y, z = state
        return jnp.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    def solve(state):
        controller = diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE)
        return diffrax.diffeqsolve(diffrax.ODETerm(field), diffrax.Tsit5(), 0.0, 1.0, None, state,
                                   stepsize_controller=controller, max_steps=4096).ys[0]

    rows, work = jnp.array(initial), jax.jit(jax.vmap(solve))
    work(rows).block_until_ready()
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        work(rows).block_until_ready()
        best = min(best, time.process_time() - start)
    return best


def main():
    build, rows = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    random = numpy.random.default_rng(1)
    initial = numpy.array([1.0, 0, 0]) + 0.1 * random.standard_normal((rows, 3))
    theirs = peer(initial)
    print(f"{rows} rows; milliseconds of one thread; ratio = diffrax {diffrax.__version__} / Odeon")
    print(f"diffrax, vmap       {1e3 * theirs:>9.1f}")
    for stepping in ("per_row", "joint"):
        ours = odeon(build, initial, stepping)
        print(f"Odeon, {stepping:<12} {1e3 * ours:>9.1f}  {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
