"""Fields that are Python functions, against the same fields of the plugin `expression`."""

import gc
import unittest
import weakref

import numpy as np
from support import DOPRI5, FORCED, Case, add_forced, forced

import odeon

TIMES = np.array([0.0, 1.0, 2.5])
INITIAL = np.array([[1.0, 0.0], [0.2, -0.4], [-1.0, 2.0]])
ROUND_OFF = 1e-11  # NumPy and the backend round a sine differently, and a few hundred steps carry it on


class Fields(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_forced(cls.session, "forced")

    def test_states_and_costs_are_those_of_the_expression(self):
        for stepping in ("joint", "per_row"):
            for precision, tolerance in (("float64", ROUND_OFF), ("float32", 1e-4)):
                solver = DOPRI5 if precision == "float64" else {"plugin": "dopri5", "rtol": 1e-5}
                ours, theirs = (
                    self.session.problem(field, {**solver, "stepping": stepping}, "reference", precision).solve(
                        TIMES, INITIAL
                    )
                    for field in ("forced", FORCED)
                )
                self.assert_close(ours.states, theirs.states, tolerance)
                if precision == "float64" and stepping == "joint":  # rows on their own count their own calls
                    self.assertEqual(ours.counters, theirs.counters)

    def test_gradients_are_those_of_the_expression(self):
        cotangents = np.random.default_rng(3).normal(size=(3, 3, 2))
        for stepping in ("joint", "per_row"):
            for strategy in ("direct", "adjoint", "checkpoint"):
                with self.subTest(stepping=stepping, strategy=strategy):
                    solver = {**DOPRI5, "stepping": stepping}
                    ours, theirs = (
                        self.session.problem(field, solver, "reference").gradient(
                            strategy, TIMES, INITIAL, cotangents
                        )
                        for field in ("forced", FORCED)
                    )
                    self.assert_close(ours.initial, theirs.initial, 1e-9)
                    self.assert_close(ours.times, theirs.times, 1e-9)
                    for name in ("c", "w"):
                        self.assert_close(ours.parameters[name], theirs.parameters[name], 1e-9)

    def test_an_implicit_solver_gets_its_jacobian_from_vjp(self):
        ours, theirs = (
            self.session.problem(field, {"plugin": "kvaerno5", "rtol": 1e-8, "atol": 1e-10}).solve(TIMES, INITIAL)
            for field in ("forced", FORCED)
        )
        self.assert_close(ours.states, theirs.states, 1e-7)

    def test_parameters_are_set_by_name(self):
        problem, expected = (self.session.problem(field, DOPRI5, "reference") for field in ("forced", FORCED))
        problem.parameters = expected.parameters = {"w": 0.5}
        self.assert_close(problem.solve(TIMES, INITIAL).states, expected.solve(TIMES, INITIAL).states, ROUND_OFF)

    def test_states_may_have_several_axes_and_parameters_shapes(self):
        matrix = np.array([[0.0, 1.0], [-1.0, 0.0]])

        def f(t, y, theta):
            return theta["a"] @ y

        self.session.add_field("rotation", f, state_shape=(2, 3), parameters={"a": matrix})
        problem = self.session.problem("rotation", DOPRI5)
        self.assertEqual(problem.parameters["a"].shape, (2, 2))
        initial = np.arange(12.0).reshape(2, 2, 3)
        states = problem.solve([0.0, np.pi / 2], initial).states
        self.assert_close(states[1], matrix @ initial)

    def test_all_rows_come_in_one_call(self):
        shapes = []

        def f(t, y):
            shapes.append((type(t), y.shape, y.dtype))
            return -y

        self.session.add_field("counted", f, state_shape=1)
        solution = self.session.problem("counted", "dopri5").solve([0.0, 1.0], np.ones((50, 1)))
        self.assertEqual(set(shapes), {(float, (50, 1), np.dtype("float64"))})
        self.assertEqual(len(shapes), solution.counters.evaluations)

    def test_without_vjp_derivative_products_are_refused_and_differences_work(self):
        self.session.add_field("plain", forced, state_shape=2, parameters={"c": 0.3, "w": 1.2})
        problem = self.session.problem("plain", DOPRI5)
        cotangents = np.ones((3, 3, 2))
        with self.assertRaisesRegex(odeon.Error, "'vjp'"):
            problem.gradient("direct", TIMES, INITIAL, cotangents)
        found = problem.gradient("finite_difference", TIMES, INITIAL, cotangents)
        exact = self.session.problem(FORCED, DOPRI5).gradient("direct", TIMES, INITIAL, cotangents)
        self.assert_close(found.parameters["w"], exact.parameters["w"], 1e-5)

    def test_none_in_vjp_is_zero(self):
        self.session.add_field("constant", lambda t, y: np.ones_like(y), state_shape=1, vjp=lambda t, y, v: (None, None))
        g = self.session.problem("constant", DOPRI5).gradient("direct", [0.0, 1.0], [2.0], [[0.0], [1.0]])
        self.assert_same(g.initial, [1.0])

    def test_it_works_in_experiments(self):
        report = self.session.run_text(
            {
                "odeon": 1,
                "task": "solve",
                "field": "forced",
                "initial": INITIAL,
                "times": TIMES,
                "solver": DOPRI5,
                "backend": "reference",
            }
        )
        expected = self.session.problem("forced", DOPRI5, "reference").solve(TIMES, INITIAL).states
        self.assert_same(report.arrays["states.npy"], expected)


class Misbehaviour(Case):
    def solve(self, f, **more):
        self.count = getattr(self, "count", 0) + 1
        id = f"{self._testMethodName}_{self.count}"
        self.session.add_field(id, f, state_shape=2, **more)
        return self.session.problem(id, DOPRI5).solve(TIMES, INITIAL)

    def gradient(self, vjp, **more):
        self.solve(lambda t, y, *theta: -y, vjp=vjp, **more)
        id = f"{self._testMethodName}_{self.count}"
        return self.session.problem(id, DOPRI5).gradient("direct", TIMES, INITIAL, np.ones((3, 3, 2)))

    def test_an_exception_comes_out_as_the_same_object(self):
        raised = ZeroDivisionError("mine")
        calls = []

        def f(t, y):
            calls.append(t)
            if len(calls) > 3:
                raise raised
            return -y

        with self.assertRaises(ZeroDivisionError) as caught:
            self.solve(f)
        self.assertIs(caught.exception, raised)
        self.assertEqual(len(calls), 4)

    def test_an_exception_of_vjp_comes_out_of_every_strategy(self):
        def vjp(t, y, v):
            raise NotImplementedError("later")

        for strategy in ("direct", "adjoint", "checkpoint"):
            id = f"no_vjp_{strategy}"
            self.session.add_field(id, lambda t, y: -y, state_shape=2, vjp=vjp)
            with self.assertRaisesRegex(NotImplementedError, "later"):
                self.session.problem(id, DOPRI5).gradient(strategy, TIMES, INITIAL, np.ones((3, 3, 2)))
        self.assertTrue(self.decay().solve(TIMES, [1.0]).ok)  # life goes on

    def test_results_of_f_are_checked(self):
        with self.assertRaisesRegex(ValueError, r"dydt of field '\w+' must have the shape \(3, 2\); found \(3,\)"):
            self.solve(lambda t, y: y[:, 0])
        with self.assertRaisesRegex(TypeError, r"dydt of field '\w+' must hold real numbers; .* complex128"):
            self.solve(lambda t, y: 1j * y)
        with self.assertRaisesRegex(TypeError, "must hold real numbers; found an array of dtype object"):
            self.solve(lambda t, y: None)

    def test_results_of_vjp_are_checked(self):
        with self.assertRaisesRegex(TypeError, r"must return the tuple \(gt, gy\); found ndarray"):
            self.gradient(lambda t, y, v: v)
        with self.assertRaisesRegex(ValueError, r"gy of field '\w+' must have the shape \(3, 2\)"):
            self.gradient(lambda t, y, v: (None, v[0]))
        with self.assertRaisesRegex(ValueError, r"gt of field '\w+' must have the shape \(3,\); found \(\)"):
            self.gradient(lambda t, y, v: (0.0, -v))
        parameters = {"parameters": {"k": [1.0, 2.0]}}
        with self.assertRaisesRegex(TypeError, r"the tuple \(gt, gy, gtheta\); found a tuple of 2"):
            self.gradient(lambda t, y, theta, v: (None, -v), **parameters)
        with self.assertRaisesRegex(ValueError, "names 'q'; its parameters are k"):
            self.gradient(lambda t, y, theta, v: (None, -v, {"q": 1.0}), **parameters)
        with self.assertRaisesRegex(ValueError, r"gtheta\['k'\] of field '\w+' must have the shape \(2,\)"):
            self.gradient(lambda t, y, theta, v: (None, -v, {"k": 1.0}), **parameters)

    def test_nan_is_a_failure_of_the_integration(self):
        solution = self.solve(lambda t, y: y * np.nan)
        self.assertIn("not finite", solution.failure.reason)

    def test_ids_shapes_and_functions_are_checked(self):
        add = self.session.add_field
        with self.assertRaisesRegex(odeon.Error, "exists already"):
            add("expression", lambda t, y: y, state_shape=1)
        with self.assertRaisesRegex(odeon.Error, "'Big'"):
            add("Big", lambda t, y: y, state_shape=1)
        with self.assertRaisesRegex(odeon.Error, "shape of its state"):
            add("empty", lambda t, y: y, state_shape=(0,))
        with self.assertRaisesRegex(TypeError, "'f' of field 'seven' must be callable; found int"):
            add("seven", 7, state_shape=1)
        with self.assertRaisesRegex(TypeError, "'parameters' must be a dict of arrays by name; found list"):
            add("listed", lambda t, y: y, state_shape=1, parameters=[1.0])
        with self.assertRaisesRegex(TypeError, r"'parameters\[k\]' must hold real numbers"):
            add("texts", lambda t, y: y, state_shape=1, parameters={"k": "one"})

    def test_arrays_of_a_call_are_its_own(self):
        kept = []

        def f(t, y):
            kept.append((y, y.copy()))
            y = -y
            return y

        def spoiling(t, y):
            out = -y
            y[...] = 1e300  # its own copy
            return out

        self.assert_same(self.solve(f).states, self.solve(spoiling).states)
        gc.collect()
        for y, then in kept:
            self.assert_same(y, then)

    def test_theta_cannot_be_written(self):
        def f(t, y, theta):
            theta["k"][...] = 2.0

        with self.assertRaisesRegex(ValueError, "read-only"):
            self.solve(f, parameters={"k": 1.0})

    def test_a_field_that_solves_its_own_problem_is_refused(self):
        def f(t, y):
            return problem.solve([0.0, 1.0], y).states[1]

        self.session.add_field("circular", f, state_shape=2)
        problem = self.session.problem("circular", DOPRI5)
        with self.assertRaisesRegex(RuntimeError, "already at work in this thread"):
            problem.solve([0.0, 1.0], INITIAL)

    def test_a_field_may_solve_another_problem(self):
        inner = self.decay()
        found = self.solve(lambda t, y: -0.5 * inner.solve([0.0, 0.5], y.reshape(-1, 1)).states[0].reshape(y.shape))
        self.assert_close(found.states[-1], INITIAL * np.exp(-0.5 * 2.5))


class Lifetimes(unittest.TestCase):
    def test_functions_live_as_long_as_their_session_or_problem(self):
        class F:
            def __call__(self, t, y):
                return -y

        f = F()
        seen = weakref.ref(f)
        session = odeon.Session()
        session.add_field("mine", f, state_shape=1)
        problem = session.problem("mine", "dopri5")
        del f, session
        gc.collect()
        self.assertTrue(problem.solve([0.0, 1.0], [1.0]).ok)
        self.assertIsNotNone(seen())
        del problem
        gc.collect()
        self.assertIsNone(seen())


if __name__ == "__main__":
    unittest.main()
