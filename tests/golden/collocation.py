"""Reference solutions: Radau IIA collocation with many stages in 48-digit arithmetic.

E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, IV.5 and IV.8. s stages have order 2s - 1 and
damp stiff components. Newton's method takes its residual in high precision and its corrections from a double
precision factorisation, so that each iteration adds the digits that the frozen Jacobian allows.
"""
import gmpy2
import mpmath
import numpy

DIGITS = 48
gmpy2.get_context().precision = 160
mpmath.mp.dps = 60


def number(x):
    return gmpy2.mpfr(mpmath.nstr(x, 55)) if isinstance(x, mpmath.mpf) else gmpy2.mpfr(x)


def array(values):
    return numpy.array([number(v) for v in values], dtype=object)


class Radau:
    """The coefficients for s stages: nodes c, matrix A, and the map from stage values to Legendre coefficients."""

    def __init__(self, s):
        x = mpmath.mpf
        legendre = lambda n, z: mpmath.legendre(n, z)
        # c: zeros of P_s - P_{s-1} on [-1, 1], moved to [0, 1]; the last is 1.
        grid = [mpmath.cos(mpmath.pi * (i + x(1) / 2) / (8 * s)) for i in range(8 * s)][::-1]
        q = lambda z: (legendre(s, z) - legendre(s - 1, z)) / (z - 1)
        roots = []
        for a, b in zip(grid, grid[1:]):
            if q(a) * q(b) < 0:
                roots.append(mpmath.findroot(q, (a, b), solver="anderson", tol=1e-100, verify=False))
        assert len(roots) == s - 1
        c = [(r + 1) / 2 for r in roots] + [x(1)]
        v = mpmath.matrix(s, s)
        w = mpmath.matrix(s, s)
        for i in range(s):
            for j in range(s):
                v[i, j] = c[i] ** j
                w[i, j] = c[i] ** (j + 1) / (j + 1)
        a = w * v**-1
        p = mpmath.matrix(s, s)
        for i in range(s):
            for j in range(s):
                p[i, j] = legendre(j, 2 * c[i] - 1)
        self.s = s
        self.c = array(c)
        self.a = numpy.array([[number(a[i, j]) for j in range(s)] for i in range(s)], dtype=object)
        inverse = p**-1
        self.tail = numpy.array([[number(inverse[i, j]) for j in range(s)] for i in (s - 2, s - 1)], dtype=object)
        self.a64 = self.a.astype(float)
        self.v_inverse = numpy.array([[number((v**-1)[i, j]) for j in range(s)] for i in range(s)], dtype=object)


def jacobian(f, t, y, scale):
    """df/dy to some 24 digits, from differences."""
    f0 = f(t, y)
    columns = []
    for j in range(len(y)):
        delta = number("1e-24") * scale[j]
        moved = y.copy()
        moved[j] += delta
        columns.append((f(t, moved) - f0) / delta)
    return numpy.array(columns, dtype=object).T


def transition_matrix(method, h, jacobians):
    """dy1/dy0 of the step: the last block of x = 1 + h (A ⊗ J) x, refined in high precision for small systems.

    A jump multiplies errors by many powers of ten and takes them back; double precision would lose the product.
    """
    s, n = method.s, len(jacobians[0])
    blocks = numpy.array([[h * method.a[i, k] * jacobians[k] for k in range(s)] for i in range(s)], dtype=object)
    matrix = numpy.eye(s * n) - blocks.transpose(0, 2, 1, 3).reshape(s * n, s * n)
    inverse = numpy.linalg.inv(matrix.astype(float))
    ones = numpy.tile(numpy.eye(n), (s, 1))
    x = (inverse @ ones).astype(object)
    for _ in range(4 if n <= 10 else 0):
        x = x + (inverse @ (ones - matrix @ x).astype(float)).astype(object)
    return x[-n:]


class Solution:
    """The end state, and the growth of errors on the way: |W^-1 Phi(stop, t) W| at the ends of the steps."""

    def __init__(self, end, growth, steps):
        self.end, self.growth, self.steps = end, growth, steps


def solve(f, start, stop, y0, scale, method, tail_tolerance):
    """f(t, y): object array of mpfr. scale: magnitudes below which a component's error does not matter."""
    s, n = method.s, len(y0)
    t, y, stop = number(start), array(y0), number(stop)
    floor = array(scale)
    wrap = lambda t, y: numpy.array(f(t, y), dtype=object)
    h = (stop - t) * number("1e-6")
    largest = numpy.abs(y).astype(float)
    transitions, weights = [], [largest + numpy.array(scale, dtype=float)]
    previous = None  # (coefficients of the derivative's polynomial, h) of the step before
    rejected = False
    while t < stop:
        h = min(h, stop - t)
        size = numpy.array([max(abs(a), b) for a, b in zip(y, floor)], dtype=object)
        j0 = jacobian(wrap, t, y, size)
        times = [t + h * c for c in method.c]
        newton = numpy.linalg.inv(numpy.eye(s * n) - numpy.kron(float(h) * method.a64, j0.astype(float)))
        stages = numpy.tile(y, (s, 1))
        if previous is not None and not rejected:
            coefficients, h_before = previous
            ratio = h / h_before
            for i, c in enumerate(method.c):
                x1 = 1 + c * ratio
                z = [(x1 ** (k + 1) - 1) / (k + 1) for k in range(s)]
                stages[i] = y + h_before * (numpy.array(z, dtype=object) @ coefficients)
        before, converged = float("inf"), False
        size64 = size.astype(float)
        for iteration in range(60):
            derivatives = numpy.array([wrap(ti, yi) for ti, yi in zip(times, stages)], dtype=object)
            residual = y + h * (method.a @ derivatives) - stages
            scaled = (residual / size).astype(float)
            if not numpy.all(numpy.isfinite(scaled)):
                break
            if numpy.abs(scaled).max() < 1e-300:
                converged = True
                break
            # Residuals are tiny: a common factor keeps them in the range of doubles.
            unit = gmpy2.mpfr(2) ** int(gmpy2.floor(gmpy2.log2(number(numpy.abs(scaled).max()))))
            update = newton @ (residual / unit).astype(float).reshape(-1)
            change = float(numpy.abs(update.reshape(s, n) / size64).max()) * float(unit)
            stages = stages + update.reshape(s, n).astype(object) * unit
            if change < 1e-36 or (change < 1e-28 and change > before / 3):
                converged = True
                break
            if iteration > 3 and change > 0.7 * before:
                break
            before = change
        if not converged:
            h, rejected, previous = h / 4, True, None
            continue
        tail = numpy.abs(h * (method.tail @ derivatives) / size).astype(float).max()
        factor = (tail_tolerance / max(tail, 1e-60)) ** (1 / s)
        if tail > tail_tolerance:
            h, rejected = h * number(max(0.1, 0.8 * factor)), True
            continue
        transitions.append(transition_matrix(method, h, [jacobian(wrap, ti, yi, size) for ti, yi in zip(times, stages)]))
        t, y = (stop if h >= stop - t else t + h), stages[-1].copy()
        weights.append(numpy.maximum(numpy.abs(y).astype(float), numpy.array(scale, dtype=float)))
        previous = (method.v_inverse @ derivatives, h)
        rejected = False
        h = h * number(min(4.0, 0.8 * factor))
    growth, phi = [1.0], numpy.eye(n)
    for transition, weight in zip(reversed(transitions), reversed(weights[:-1])):
        phi = phi @ transition
        growth.append(float(numpy.linalg.norm((phi * weight[None, :] / weights[-1][:, None]).astype(float), 2)))
    return Solution(y, growth[::-1], len(transitions))
