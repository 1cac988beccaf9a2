"""Work-precision diagrams of all installed solvers on a problem, with other software in the same plot.

    ~/peers/bin/python tests/bench/work_precision.py BUILD_DIR PROBLEM... [--seconds S] [--output DIR] [--stiff] [--only NAME...]

PROBLEM: a name in configs/bench, or the file of an experiment with an `expression` field, one row and two times.
Every solver runs over a ladder of tolerances, those with fixed steps over a ladder of steps. The error is that of the
end state: root mean square, each component relative to its size or to atol/rtol of the file. The end state is that of
tests/golden/references.json, or computed in 48 digits for other files. Evaluations are those that a run counts; the
time is the processor time of its shortest repetition, without reading files and without compiling. Writes DIR/NAME.svg, .png and .csv, and
prints the methods and which of them are on the Pareto front: no other one has a smaller error with less work.

The environment is that of tests/bench/requirements.txt; peers that are not installed are left out.
"""
import argparse
import csv
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import yaml

TREE = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(TREE / "tests" / "golden"))

import diagram  # noqa: E402
import formulas  # noqa: E402
import peers  # noqa: E402
from installed import solvers  # noqa: E402

TOLERANCES = [10.0**-k for k in range(3, 13)]
STEPS = [2**k for k in range(5, 19)]
TOO_LONG = 2.0  # seconds for one run; a ladder ends there
# Larger errors are of no use, smaller ones are round-off: they are not shown, and count as equal.
LARGEST, SMALLEST = 1e-2, 1e-13


class Problem:
    def __init__(self, name, stiff):
        path = pathlib.Path(name) if name.endswith(".yaml") else TREE / "configs" / "bench" / f"{name}.yaml"
        self.config = yaml.load(path.read_text(), yaml.SafeLoader)
        self.name, self.field = path.stem, self.config["field"]
        (self.initial,), (self.start, self.stop) = self.config["initial"], self.config["times"]
        solver = self.config.get("solver", {})
        self.magnitude = float(solver.get("atol", 1)) / float(solver.get("rtol", 1))
        known = self.known()
        self.stiff = known["stiff"] if known else stiff
        self.end = numpy.array(known["end"]) if known else self.compute()

    def known(self):
        """The entry of tests/golden/references.json with this name, or this name and more."""
        all_known = json.loads((TREE / "tests" / "golden" / "references.json").read_text())["problems"]
        for name, entry in all_known.items():
            if (name.startswith(self.name) and entry["stop"] == self.stop and len(entry["initial"]) == len(self.initial)
                    and numpy.allclose(entry["initial"], self.initial, rtol=1e-14)):
                return entry
        return None

    def compute(self):
        import gmpy2
        import collocation

        f = formulas.derivative(self.field, gmpy2, collocation.number)
        print(f"{self.name}: the reference is computed", flush=True)
        return collocation.solve(f, self.start, self.stop, self.initial, [self.magnitude] * len(self.initial),
                                 collocation.Radau(12), 1e-18).end.astype(float)

    def error(self, end):
        e = (numpy.asarray(end, dtype=float) - self.end) / (self.magnitude + numpy.abs(self.end))
        return float(numpy.sqrt(numpy.mean(e**2)))


class Odeon:
    """One experiment after another in a folder: states from `odeon run`, times from odeon_bench."""

    def __init__(self, build, folder, problem, seconds):
        self.build, self.folder, self.problem, self.seconds = build, folder, problem, seconds

    def run(self, options):
        config = self.problem.config | {"solver": options, "backend": {"plugin": "cpu", "threads": 1}}
        path = self.folder / "experiment.yaml"
        path.write_text(json.dumps(config))
        done = subprocess.run([self.build / "bin" / "odeon", "run", path, "--output", self.folder / "run", "--quiet"],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().replace(str(path), "")[:160])
        record = json.loads((self.folder / "run" / "record.json").read_text())
        took = record["seconds"]["forward"]
        if took < TOO_LONG / 4:
            line = subprocess.run([self.build / "bin" / "odeon_bench", path, "forward", str(self.seconds)], check=True,
                                  stdout=subprocess.PIPE).stdout
            took = json.loads(line)["cpu_seconds"]
        return {"end": numpy.load(self.folder / "run" / "states.npy")[-1, 0], "seconds": took,
                "evaluations": record["counters"]["forward"]["evaluations"]}

    def ladder(self, solver):
        p = self.problem
        if solver.fixed:
            return [(n, lambda n=n: self.run({"plugin": solver.name, "step_size": (p.stop - p.start) / n}))
                    for n in STEPS]
        return [(tol, lambda tol=tol: self.run({"plugin": solver.name, "rtol": tol, "atol": tol * p.magnitude}))
                for tol in TOLERANCES]


class Curve:
    def __init__(self, name, ours):
        self.name, self.ours, self.points, self.note = name, ours, [], ""

    def climb(self, ladder, problem):
        for step, run in ladder:
            try:
                r = run()
            except Exception as reason:  # one tolerance that fails says nothing of the next
                self.note = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
                continue
            error = problem.error(r["end"])
            if math.isfinite(error) and error < LARGEST:
                self.points.append({"step": step, "error": max(error, SMALLEST), "seconds": r["seconds"],
                                    "evaluations": r.get("evaluations")})
            if r["seconds"] > TOO_LONG or error < SMALLEST:
                break
        return self


def front(curves, work):
    """The points that no other point beats in both error and work, by name of their curve."""
    points = sorted((p[work], p["error"], c.name) for c in curves for p in c.points if p[work])
    best, kept = float("inf"), {}
    for _, error, name in points:
        if error < best:
            best = error
            kept.setdefault(name, []).append(error)
    return kept


def report(problem, curves, fronts):
    print(f"\n{problem.name}: {len(problem.initial)} equations, errors at t = {problem.stop:g}"
          f"{', stiff' if problem.stiff else ''}")
    print(f"{'method':<22}{'smallest error':>15}{'evaluations':>13}{'milliseconds':>14}   on the front, errors of")
    for curve in sorted(curves, key=lambda c: min((p["error"] for p in c.points), default=9)):
        if not curve.points:
            print(f"{curve.name:<22}{'-':>15}   {curve.note[:90]}")
            continue
        p = min(curve.points, key=lambda p: p["error"])
        ranges = [f"{work}: {max(f[curve.name]):.0e} to {min(f[curve.name]):.0e}"
                  for work, f in fronts.items() if curve.name in f]
        print(f"{curve.name:<22}{p['error']:>15.1e}{p['evaluations'] or '-':>13}{1e3 * p['seconds']:>14.3f}   "
              + "; ".join(ranges))
    for work, f in fronts.items():
        ours = [c.name for c in curves if c.ours and c.name in f]
        print(f"by {work}, Odeon has {len(ours)} of {len(f)} methods on the front: {', '.join(ours) or 'none'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("problems", nargs="+", metavar="PROBLEM")
    parser.add_argument("--seconds", type=float, default=0.1, help="time for each figure")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("work_precision"))
    parser.add_argument("--stiff", action="store_true", help="a problem of your own is stiff: only methods for those")
    parser.add_argument("--only", nargs="+", default=[], help="methods and peers whose name contains one of these")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    arguments.output.mkdir(parents=True, exist_ok=True)
    wanted = lambda name: not arguments.only or any(part in name for part in arguments.only)
    for name in arguments.problems:
        problem = Problem(name, arguments.stiff)
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            odeon = Odeon(arguments.build, folder, problem, arguments.seconds)
            curves = [Curve(s.name, True).climb(odeon.ladder(s), problem) for s in solvers(arguments.build)
                      if wanted(s.name) and (s.stiff or not problem.stiff)]
            for peer, run in peers.installed_peers(problem, arguments.seconds, arguments.build, folder):
                if wanted(peer):
                    curves.append(Curve(peer, False).climb([(t, lambda t=t: run(t)) for t in TOLERANCES], problem))
        fronts = {work: front(curves, work) for work in ("evaluations", "seconds")}
        report(problem, curves, fronts)
        diagram.draw(problem, curves, fronts, arguments.output / problem.name)
        with open(arguments.output / f"{problem.name}.csv", "w", newline="") as f:
            table = csv.writer(f)
            table.writerow(["method", "tolerance or steps", "error", "evaluations", "seconds"])
            table.writerows([c.name, p["step"], p["error"], p["evaluations"], p["seconds"]] for c in curves for p in c.points)


if __name__ == "__main__":
    main()
