"""The solvers that the `odeon` program of a build finds, and what its `describe` says of them."""
import subprocess


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Solver:
    def __init__(self, build, name):
        lines = output(build / "bin" / "odeon", "describe", f"solver/{name}").splitlines()
        what = next(line for line in lines if line.startswith(("order ", "takes steps by code")))
        tableau = what.startswith("order ")
        self.name = name
        self.fixed = "embedded order" not in what if tableau else "fixed steps" in what
        self.stiff = "for stiff problems" in what
        self.second_order = "[q, v]" in what
        self.explicit = not (self.stiff or "implicit" in what)


def solvers(build):
    rows = output(build / "bin" / "odeon", "plugins", "--markdown").splitlines()
    return [Solver(build, row.split("`")[1]) for row in rows if row.startswith("| solver |")]
