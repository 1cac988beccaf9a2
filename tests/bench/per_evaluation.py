"""What a solver costs beside the field: nanoseconds per evaluation on two equations, Odeon's beside CVODE's in C.

    python3 tests/bench/per_evaluation.py BUILD_DIR [--seconds S]

Lotka and Volterra's equations to t = 10, relative tolerance 1e-6 or 1000 fixed steps, one thread of the cpu backend.
The field itself takes a few nanoseconds, so that what is measured is the solver. Each figure is the shortest
repetition in processor time. ratio: time per evaluation over that of CVODE's Adams methods; below 1 is the goal. Needs no package.
"""
import argparse
import json
import pathlib
import tempfile

from installed import output, solvers

CONFIG = {"odeon": 1, "task": "solve", "backend": {"plugin": "cpu", "threads": 1},
          "field": {"plugin": "expression", "state": ["x", "y"], "parameters": {"a": 1.5, "b": 1.0, "c": 3.0, "d": 1.0},
                    "derivatives": {"x": "a*x - b*x*y", "y": "d*x*y - c*y"}},
          "initial": [[1.0, 1.0]], "times": [0.0, 10.0]}


def show(name, run, peer):
    nanoseconds, of_peer = (1e9 * r["cpu_seconds"] / r["evaluations"] for r in (run, peer))
    print(f"{name:<16}{run['evaluations']:>12}{run['accepted']:>10}{1e6 * run['cpu_seconds']:>14.1f}"
          f"{nanoseconds:>17.1f}{nanoseconds / of_peer:>8.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", default="1", help="time for each figure")
    arguments = parser.parse_args()
    bin = arguments.build / "bin"
    if not (bin / "sundials_bench").exists():
        raise SystemExit(f"{bin}/sundials_bench was not built: CMake found no CVODE (Debian: libsundials-dev)")
    cvode = {method: json.loads(output(bin / "sundials_bench", method, "1e-6", "1e-8", arguments.seconds))
             for method in ("adams", "bdf")}
    print(f"SUNDIALS {cvode['adams']['version']}, rtol 1e-6\n"
          f"{'method':<16}{'evaluations':>12}{'steps':>10}{'microseconds':>14}{'ns / evaluation':>17}{'ratio':>8}")
    for method, run in cvode.items():
        show(f"CVODE {method}", run, cvode["adams"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "experiment.yaml"
        for solver in solvers(arguments.build):
            if solver.explicit and not solver.second_order:
                steps = {"step_size": 0.01} if solver.fixed else {"rtol": 1e-6, "atol": 1e-8}
                path.write_text(json.dumps(CONFIG | {"solver": {"plugin": solver.name} | steps}))
                show(solver.name, json.loads(output(bin / "odeon_bench", path, "forward", arguments.seconds)),
                     cvode["adams"])


if __name__ == "__main__":
    main()
