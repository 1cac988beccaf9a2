"""Writes references.json: the end states of tests/problems, each by two methods, and beside cited values.

    python tests/golden/make_references.py [NAME...]    # without names: all; with names: these are made anew

The value: Radau IIA collocation with twelve stages in 48 digits (collocation.py). Beside it: the same with nine
stages, and SciPy's DOP853 or Radau in double precision, an independent code. `growth` says how much an error at the
end of some step, relative in the norm of Odeon's step control, has grown at the end of the span: the mean over the
steps of the reference and the largest.
"""
import json
import math
import pathlib
import sys

import gmpy2
import mpmath
import numpy
import scipy
import scipy.integrate

import collocation
import reference_problems

HERE = pathlib.Path(__file__).parent
FILE = HERE / "references.json"
VERSIONS = {"gmpy2": gmpy2.version(), "mpmath": mpmath.__version__, "numpy": numpy.__version__,
            "scipy": scipy.__version__}
SAME = 1e-17  # what the two collocations may differ by, and more where the problem amplifies errors
TWELVE, NINE = collocation.Radau(12), collocation.Radau(9)


def difference(found, expected, magnitude):
    """The largest difference relative to the value or to the magnitude that counts."""
    return max(float(abs(a - b)) / max(float(abs(b)), magnitude) for a, b in zip(found, expected))


def by_scipy(p):
    f = lambda t, y: p.f(t, [float(v) for v in y], math)
    # Radau has order 5 and differences for its Jacobian: with smaller tolerances it takes very many steps, or fails.
    method, rtol = ("Radau", p.radau) if p.stiff else ("DOP853", 3e-14)
    s = scipy.integrate.solve_ivp(f, (p.start, p.stop), p.initial, method, rtol=rtol, atol=rtol * p.magnitude)
    assert s.success, s.message
    return method, s.y[:, -1]


def reference(p):
    f = lambda t, y: p.f(t, y, gmpy2)
    floor = [p.magnitude] * len(p.initial)
    best = collocation.solve(f, p.start, p.stop, p.initial, floor, TWELVE, 1e-18)
    second = collocation.solve(f, p.start, p.stop, p.initial, floor, NINE, 1e-15)
    mean, largest = sum(best.growth) / len(best.growth), max(best.growth)
    between = difference(second.end, best.end, p.magnitude)
    assert between < SAME * max(1.0, largest), f"{p.name}: the two collocations differ by {between:.1e}"
    method, end = by_scipy(p)
    entry = {"start": p.start, "stop": p.stop, "initial": p.initial, "magnitude": p.magnitude,
             "stiff": p.stiff, "end": [float(v) for v in best.end], "digits": [f"{v:.25g}" for v in best.end],
             "growth": {"mean": float(f"{mean:.3g}"), "largest": float(f"{largest:.3g}")},
             "differences": {"nine stages": float(f"{between:.1e}"),
                             method: float(f"{difference(end, best.end, p.magnitude):.1e}")}}
    if p.cited:
        gap = max(abs(float(a) - b) / max(abs(b), p.magnitude) for a, b in zip(best.end, p.cited))
        assert gap < 10.0**-p.digits, f"{p.name} is {gap:.1e} from its cited values"
        entry["cited"] = {"source": p.source, "difference": float(f"{gap:.1e}")}
    print(f"{p.name:<20} steps {best.steps:>5}  growth {mean:9.3g} {largest:9.3g}  {entry['differences']}"
          + (f"  cited {entry['cited']['difference']}" if p.cited else ""), flush=True)
    return entry


def main():
    problems = {p.name: p for p in reference_problems.all_problems()}
    chosen = sys.argv[1:] or list(problems)
    kept = json.loads(FILE.read_text())["problems"] if sys.argv[1:] and FILE.exists() else {}
    made = {name: reference(problems[name]) for name in chosen}
    entries = {name: made.get(name) or kept[name] for name in problems if name in made or name in kept}
    with open(FILE, "w") as f:
        f.write('{"versions": ' + json.dumps(VERSIONS) + ',\n"problems": {\n')
        f.write(",\n".join(f'"{name}": {json.dumps(entry)}' for name, entry in entries.items()))
        f.write("\n}}\n")


if __name__ == "__main__":
    main()
