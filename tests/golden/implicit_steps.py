"""States of implicit methods on fixed steps, in 48 digits: torchdiffeq 0.2.5 has none of them.

Collocation methods come from the zeros of their polynomials, the others from their defining rules, none from a
printed tableau.
"""
import gmpy2
import mpmath
import numpy

import adaptive_peers
import collocation
import formulas
from collocation import number

VERSIONS = {"gmpy2": gmpy2.version(), "mpmath": mpmath.__version__}
SQRT2 = number(mpmath.sqrt(2))


def stages(f, t, y, h, a, c):
    """k_i = f(t + c_i h, y + h sum a_ij k_j), by Newton's iteration with corrections in double precision."""
    s, n = len(c), len(y)
    a, values = numpy.array(a, dtype=object), numpy.tile(y, (s, 1))
    size = numpy.maximum(abs(y), number(1))
    for _ in range(100):
        k = numpy.array([f(t + ci * h, v) for ci, v in zip(c, values)], dtype=object)
        residual = y + h * (a @ k) - values
        largest = abs(residual).max()
        if largest < number("1e-36"):
            return k
        jacobians = [collocation.jacobian(f, t + ci * h, v, size) for ci, v in zip(c, values)]
        matrix = numpy.block([[float(i == j) * numpy.eye(n) - (h * a[i, j] * jacobians[j]).astype(float)
                               for j in range(s)] for i in range(s)])
        update = numpy.linalg.solve(matrix, (residual / largest).astype(float).reshape(-1))
        values = values + update.reshape(s, n).astype(object) * largest
    raise RuntimeError("the stages did not converge")


def solve_for(f, t, base, g):
    """f(t, z) of the z = base + g f(t, z)."""
    return stages(f, t, base, g, [[number(1)]], [number(0)])[0]


def by_collocation(nodes):
    s = len(nodes)
    powers = mpmath.matrix(s, s)
    integrals = mpmath.matrix(s + 1, s)
    for j in range(s):
        for i in range(s):
            powers[i, j] = nodes[i] ** j
            integrals[i, j] = nodes[i] ** (j + 1) / (j + 1)
        integrals[s, j] = mpmath.mpf(1) / (j + 1)
    weights = integrals * powers**-1
    a = [[number(weights[i, j]) for j in range(s)] for i in range(s)]
    b, c = [number(weights[s, j]) for j in range(s)], [number(x) for x in nodes]

    def step(f, t, y, h):
        return y + h * sum(bi * ki for bi, ki in zip(b, stages(f, t, y, h, a, c)))

    return step


def gauss(s):
    """Zeros of the Legendre polynomial on [0, 1]."""
    if s == 1:
        return [mpmath.mpf(1) / 2]
    return [(x + 1) / 2 for x in sorted(mpmath.polyroots(mpmath.taylor(lambda x: mpmath.legendre(s, x), 0, s)[::-1],
                                                         maxsteps=200, extraprec=200), key=mpmath.re)]


def radau(s):
    return [mpmath.mpf(str(x)) for x in collocation.Radau(s).c]


def implicit_euler(f, t, y, h):
    return y + h * solve_for(f, t + h, y, h)


def trapezoid(f, t, y, h):
    base = y + h / 2 * f(t, y)
    return base + h / 2 * solve_for(f, t + h, base, h / 2)


def sdirk2(f, t, y, h):
    """Alexander's, with the smaller root of g^2 - 2 g + 1/2."""
    g = 1 - SQRT2 / 2
    k1 = solve_for(f, t + g * h, y, g * h)
    base = y + (1 - g) * h * k1
    return base + g * h * solve_for(f, t + h, base, g * h)


def trbdf2(f, t, y, h):
    """The trapezoidal rule to t + g h with g = 2 - sqrt(2), then BDF2 through the two values."""
    g = 2 - SQRT2
    middle = trapezoid(f, t, y, g * h)
    base = middle / (g * (2 - g)) - y * (1 - g) ** 2 / (g * (2 - g))
    last = h * (1 - g) / (2 - g)
    return base + last * solve_for(f, t + h, base, last)


METHODS = {"implicit_euler": implicit_euler, "trapezoid": trapezoid, "sdirk2": sdirk2, "trbdf2": trbdf2,
           "implicit_midpoint": by_collocation(gauss(1)), "gl2": by_collocation(gauss(1)),
           "gl4": by_collocation(gauss(2)), "gl6": by_collocation(gauss(3)), "radau_iia3": by_collocation(radau(2)),
           "radau_iia5": by_collocation(radau(3))}
STEP, TIMES = 1 / 16, [0.0, 0.25, 1.0, 3.0]
# Problems whose stage equations have one solution near the state: Robertson's have two with such long steps.
FIELDS = {"lotka_volterra": adaptive_peers.NONSTIFF["lotka_volterra"][:2],
          "forced_pendulum": adaptive_peers.NONSTIFF["forced_pendulum"][:2],
          "hires": adaptive_peers.STIFF["hires"][:2],
          # A. Prothero, A. Robinson, Math. Comp. 28 (1974) 145-162, begun away from the solution cos(t).
          "prothero_robinson": (adaptive_peers.expression(["y"], ["-1e4*(y - cos(t)) - sin(t)"]), [0.0])}


def cases():
    for plugin, step in METHODS.items():
        for problem, (field, y0) in FIELDS.items():
            rule = formulas.derivative(field, gmpy2, number)
            f = lambda t, y: numpy.array(rule(t, y), dtype=object)
            t, y, states = number(TIMES[0]), collocation.array(y0), [list(y0)]
            for stop in TIMES[1:]:
                while t < stop:
                    y, t = step(f, t, y, number(STEP)), t + number(STEP)
                states.append([float(v) for v in y])
            config = {"odeon": 1, "task": "solve", "precision": "float64", "field": field, "initial": [y0],
                      "times": TIMES, "solver": {"plugin": plugin, "step_size": STEP}}
            yield {"name": f"{plugin} {problem}", "experiment": config, "expected": {"states": sum(states, [])}}
