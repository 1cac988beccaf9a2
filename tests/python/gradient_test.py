"""Gradients and Hessian-vector products against closed forms and differences of solves."""

import unittest

import numpy as np
from support import DECAY, DOPRI5, FORCED, Case

import odeon

TIMES = np.array([0.0, 1.0, 2.5])
STEP = 1e-5  # of central differences; their error with these tolerances stays within DIFFERENCES
DIFFERENCES = 1e-6


class Gradient(Case):
    def test_decay_has_its_closed_gradient(self):
        # L = sum of w y0 exp(-k t) at the last time.
        weights = np.array([[1.0], [3.0]])
        initial = np.array([[1.0], [-2.0]])
        cotangents = np.zeros((3, 2, 1))
        cotangents[-1] = weights
        decayed = np.exp(-0.5 * 2.5)
        loss = (weights * initial).sum() * decayed
        for strategy in ("direct", "{plugin: adjoint, norm: full}", {"plugin": "checkpoint"}):
            g = self.decay().gradient(strategy, TIMES, initial, cotangents)
            self.assertTrue(g.ok)
            self.assert_close(g.initial, weights * decayed)
            self.assert_close(g.parameters["k"], -2.5 * loss)
            self.assert_close(g.times, [0.5 * loss, 0, -0.5 * loss])
            self.assertGreater(g.backward.vjps, 0)

    def test_a_pass_goes_back_from_its_own_solve(self):
        problem, rng = self.session.problem(FORCED, DOPRI5), np.random.default_rng(3)
        initial, losses = rng.normal(size=(2, 2)), rng.normal(size=(2, 3, 2, 2))
        expected = [problem.gradient("direct", TIMES, initial, loss) for loss in losses]
        gradient_pass = problem.begin_gradient("direct", TIMES, initial)
        self.assert_same(gradient_pass.solution.states, expected[0].states)
        problem.parameters = {"w": 5.0}
        problem.solve(TIMES, [1.0, 2.0])
        for loss, wanted in zip(losses, expected):
            found = gradient_pass.backward(loss)
            self.assert_same(found.initial, wanted.initial)
            self.assert_same(found.times, wanted.times)
            self.assert_same(found.parameters["w"], wanted.parameters["w"])
            self.assertEqual(found.backward, wanted.backward)
        with self.assertRaisesRegex(ValueError, "'cotangents'"):
            gradient_pass.backward(losses[0][:2])

    def test_a_pass_whose_solve_failed_has_no_gradient(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        gradient_pass = self.session.problem(field, DOPRI5).begin_gradient("direct", [0.0, 2.0], [1.0])
        self.assertIsNotNone(gradient_pass.solution.failure)
        with self.assertRaisesRegex(odeon.Error, "no gradient"):
            gradient_pass.backward(np.ones((2, 1)))

    def test_a_nonlinear_field_agrees_with_differences_of_solves(self):
        problem = self.session.problem(FORCED, DOPRI5)
        rng = np.random.default_rng(7)
        initial, cotangents = rng.normal(size=(2, 2)), rng.normal(size=(3, 2, 2))

        def loss(times=TIMES, y0=initial, **theta):
            problem.parameters = {"c": 0.3, "w": 1.2, **theta}
            return (cotangents * problem.solve(times, y0).states).sum()

        def difference(of):
            return (of(STEP) - of(-STEP)) / (2 * STEP)

        def unit(shape, i):
            e = np.zeros(int(np.prod(shape)))
            e[i] = 1
            return e.reshape(shape)

        g = problem.gradient("direct", TIMES, initial, cotangents)
        for i in range(4):
            e = unit((2, 2), i)
            self.assert_close(g.initial.flat[i], difference(lambda h: loss(y0=initial + h * e)), DIFFERENCES)
        for i in range(3):
            e = unit((3,), i)
            self.assert_close(g.times[i], difference(lambda h: loss(times=TIMES + h * e)), DIFFERENCES)
        self.assert_close(g.parameters["c"], difference(lambda h: loss(c=0.3 + h)), DIFFERENCES)
        self.assert_close(g.parameters["w"], difference(lambda h: loss(w=1.2 + h)), DIFFERENCES)

    def test_shapes_follow_initial_and_the_parameters(self):
        field = {"plugin": "neural", "network": [{"linear": 5}, "tanh", {"linear": 2}]}
        problem = self.session.problem(field, DOPRI5, state_shape=(2,))
        for initial in (np.ones(2), np.ones((4, 2))):
            g = problem.gradient("direct", TIMES, initial, np.ones((3, *initial.shape)))
            self.assertEqual(g.states.shape, (3, *initial.shape))
            self.assertEqual(g.initial.shape, initial.shape)
            self.assertEqual(g.parameters["0.weight"].shape, (5, 2))

    def test_a_failure_leaves_no_gradient(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        g = self.session.problem(field, DOPRI5).gradient("direct", [0.0, 2.0], [1.0], [[0.0], [1.0]])
        self.assertFalse(g.ok)
        self.assertIsNone(g.initial)
        self.assertIsNone(g.parameters)
        self.assertTrue(g.failure.remedy)

    def test_hessian_products_of_decay_have_their_closed_form(self):
        initial = np.array([[1.0], [-2.0]])
        cotangents = np.zeros((3, 2, 1))
        cotangents[-1] = [[1.0], [3.0]]
        decayed = np.exp(-0.5 * 2.5)
        v = odeon.Direction(initial=[[1.0], [0.0]], parameters={"k": 1.0})
        h = self.decay().hessian_product("direct", TIMES, initial, cotangents, v)
        self.assert_close(h.initial, [[-2.5 * decayed], [-3 * 2.5 * decayed]])
        self.assert_close(h.parameters["k"], -2.5 * decayed + 2.5**2 * -5 * decayed)
        self.assert_close(h.loss, decayed - 2.5 * -5 * decayed)
        nothing = self.decay().hessian_product("direct", TIMES, initial, cotangents, odeon.Direction())
        self.assert_same(nothing.initial, np.zeros((2, 1)))

    def test_hessian_products_agree_with_differences_of_gradients(self):
        problem = self.session.problem(FORCED, DOPRI5)
        rng = np.random.default_rng(8)
        initial, cotangents, v = rng.normal(size=(2, 2)), rng.normal(size=(3, 2, 2)), rng.normal(size=(2, 2))
        h = problem.hessian_product("direct", TIMES, initial, cotangents, odeon.Direction(initial=v))
        ahead, behind = (
            problem.gradient("direct", TIMES, initial + s * STEP * v, cotangents) for s in (1, -1)
        )
        self.assert_close(h.initial, (ahead.initial - behind.initial) / (2 * STEP), DIFFERENCES)
        for name in ("c", "w"):
            expected = (ahead.parameters[name] - behind.parameters[name]) / (2 * STEP)
            self.assert_close(h.parameters[name], expected, DIFFERENCES)

    def test_cotangents_and_strategies_are_checked(self):
        problem = self.session.problem(DECAY, DOPRI5)
        with self.assertRaisesRegex(ValueError, r"'cotangents' must have the shape \(3, 1\); found \(2, 1\)"):
            problem.gradient("direct", TIMES, [1.0], np.ones((2, 1)))
        with self.assertRaisesRegex(odeon.Error, "adjoin.*adjoint") as caught:
            problem.gradient("adjoin", TIMES, [1.0], np.ones((3, 1)))
        self.assertEqual(caught.exception.exit_code, 3)
        with self.assertRaisesRegex(KeyError, "'direction.parameters' has no 'kk'; did you mean 'k'"):
            v = odeon.Direction(parameters={"kk": 1.0})
            problem.hessian_product("direct", TIMES, [1.0], np.ones((3, 1)), v)


if __name__ == "__main__":
    unittest.main()
