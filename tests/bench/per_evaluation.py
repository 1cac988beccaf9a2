"""What a solver costs beside the field: nanoseconds per evaluation on two equations, Odeon's beside CVODE's in C.

    python3 tests/bench/per_evaluation.py BUILD_DIR [--seconds S]

Lotka and Volterra's equations to t = 10, relative tolerance 1e-6, on one thread of the cpu backend; the field itself
takes a few nanoseconds, so that what is measured is the solver. Each figure is the shortest repetition. ratio: time
per evaluation over that of CVODE's Adams methods; below 1 is the goal. Needs no Python package.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

CONFIG = {"odeon": 1, "task": "solve", "backend": {"plugin": "cpu", "threads": 1},
          "field": {"plugin": "expression", "state": ["x", "y"], "parameters": {"a": 1.5, "b": 1.0, "c": 3.0, "d": 1.0},
                    "derivatives": {"x": "a*x - b*x*y", "y": "d*x*y - c*y"}},
          "initial": [[1.0, 1.0]], "times": [0.0, 10.0]}
END = [1.0263447675750893, 0.9096910781360416]


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def explicit_solvers(build):
    """Ids of the explicit methods that the program found, and whether each takes fixed steps."""
    for row in output(build / "bin" / "odeon", "plugins", "--markdown").splitlines():
        if not row.startswith("| solver |"):
            continue
        solver = row.split("`")[1]
        lines = output(build / "bin" / "odeon", "describe", f"solver/{solver}").splitlines()
        what = next(line for line in lines if line.startswith(("order ", "takes steps by code")))
        if "implicit" in what or "for stiff problems" in what or "[q, v]" in what:
            continue
        yield solver, "fixed steps" in what or (what.startswith("order ") and "embedded order" not in what)


def show(name, run, peer):
    nanoseconds = 1e9 * run["seconds"] / run["evaluations"]
    ratio = nanoseconds / (1e9 * peer["seconds"] / peer["evaluations"])
    error = f"{max(abs(a - b) for a, b in zip(run['end'], END)):10.1e}" if "end" in run else f"{'':10}"
    print(f"{name:<16}{run['evaluations']:>12}{run['accepted']:>10}{1e6 * run['seconds']:>14.1f}{nanoseconds:>16.1f}{ratio:>8.2f}{error}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each figure")
    arguments = parser.parse_args()
    bench = arguments.build / "bin" / "sundials_bench"
    if not bench.exists():
        raise SystemExit(f"{bench} was not built: CVODE of SUNDIALS was not found by CMake (Debian: libsundials-dev)")
    peers = {method: json.loads(output(bench, method, "1e-6", "1e-8", str(arguments.seconds))) for method in ("adams", "bdf")}
    print(f"SUNDIALS {peers['adams']['version']}")
    print(f"{'method':<16}{'evaluations':>12}{'steps':>10}{'microseconds':>14}{'ns / evaluation':>16}{'ratio':>8}{'error':>10}")
    for method, run in peers.items():
        show(f"CVODE {method}", run, peers["adams"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "experiment.yaml"
        for solver, fixed in explicit_solvers(arguments.build):
            steps = {"step_size": 0.01} if fixed else {"rtol": 1e-6, "atol": 1e-8}
            path.write_text(json.dumps(CONFIG | {"solver": {"plugin": solver} | steps}))
            show(solver, json.loads(output(arguments.build / "bin" / "odeon_bench", path, "forward", str(arguments.seconds))),
                 peers["adams"])


if __name__ == "__main__":
    main()
