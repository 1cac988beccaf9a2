"""What the tests of the Python package share."""

import unittest

import numpy as np

import odeon

TOLERANCES = {"rtol": 1e-10, "atol": 1e-12}
DOPRI5 = {"plugin": "dopri5", **TOLERANCES}
# Errors over a few units of time with TOLERANCES stay within this.
CLOSE = 1e-8

DECAY = {"plugin": "expression", "state": ["y"], "parameters": {"k": 0.5}, "derivatives": {"y": "-k*y"}}
# Not autonomous, not linear, two parameters.
FORCED = {
    "plugin": "expression",
    "state": ["x", "v"],
    "parameters": {"c": 0.3, "w": 1.2},
    "derivatives": {"x": "v", "v": "-sin(x) - c*v + cos(w*t)"},
}
# Steps that nobody waits for: hours of them.
ENDLESS = {"plugin": "dopri5", "first_step": 1e-7, "max_step": 1e-7, "max_steps": 10**13}
ENDLESS_TIMES = [0.0, 1e5]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = odeon.Session()

    def decay(self, **more) -> odeon.Problem:
        return self.session.problem(DECAY, DOPRI5, **more)

    def assert_close(self, found, expected, tolerance=CLOSE):
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)

    def assert_same(self, found, expected):
        np.testing.assert_array_equal(found, expected)


def forced(t, y, theta):
    """FORCED as a function over rows."""
    x, v = y[:, 0], y[:, 1]
    return np.stack([v, -np.sin(x) - theta["c"] * v + np.cos(theta["w"] * t)], axis=1)


def forced_vjp(t, y, theta, g):
    x, v = y[:, 0], y[:, 1]
    c, w = theta["c"], theta["w"]
    gt = -w * np.sin(w * t) * g[:, 1]
    gy = np.stack([-np.cos(x) * g[:, 1], g[:, 0] - c * g[:, 1]], axis=1)
    return gt, gy, {"c": -(v * g[:, 1]).sum(), "w": -(t * np.sin(w * t) * g[:, 1]).sum()}


def add_forced(session, id):
    session.add_field(id, forced, state_shape=2, parameters={"c": 0.3, "w": 1.2}, vjp=forced_vjp)
