"""Solves: against closed forms, and what goes in and comes out."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from support import DECAY, DOPRI5, FORCED, Case

import odeon

TIMES = np.array([0.0, 0.5, 2.0])


class Solve(Case):
    def test_decay_is_the_exponential_on_every_backend(self):
        for backend in ("reference", "cpu", "auto"):
            solution = self.decay(backend=backend).solve(TIMES, [[1.0], [-2.0]])
            self.assertTrue(solution.ok)
            self.assertEqual(solution.states.dtype, np.float64)
            self.assert_close(solution.states, np.exp(-0.5 * TIMES)[:, None, None] * np.array([[1.0], [-2.0]]))
            self.assertGreater(solution.counters.evaluations, solution.counters.accepted)

    def test_one_state_and_a_batch_of_one_differ_in_their_shape_alone(self):
        problem = self.decay()
        one, batch = problem.solve(TIMES, [1.0]), problem.solve(TIMES, [[1.0]])
        self.assertEqual(one.states.shape, (3, 1))
        self.assertEqual(batch.states.shape, (3, 1, 1))
        self.assert_same(one.states, batch.states[:, 0])

    def test_times_may_decrease(self):
        self.assert_close(self.decay().solve(TIMES[::-1], [1.0]).states[:, 0], np.exp(-0.5 * (TIMES[::-1] - 2)))

    def test_ids_yaml_and_dicts_are_the_same_component(self):
        texts = (
            "{plugin: expression, state: [y], parameters: {k: 0.5}, derivatives: {y: -k*y}}",
            "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12}",
        )
        self.assert_same(
            self.session.problem(*texts).solve(TIMES, [1.0]).states, self.decay().solve(TIMES, [1.0]).states
        )
        self.assertTrue(self.session.problem(DECAY, "dopri5").solve(TIMES, [1.0]).ok)

    def test_float32_rounds_to_float32(self):
        for precision in ("float32", np.float32, np.dtype("float32")):
            states = self.decay(precision=precision).solve(TIMES, [1.0 / 3]).states
            self.assertEqual(states.dtype, np.float64)
            self.assert_same(states, states.astype(np.float32))
            self.assert_close(states[:, 0], np.exp(-0.5 * TIMES) / 3, 1e-6)

    def test_parameters_are_read_and_set_by_name(self):
        problem = self.session.problem(FORCED, DOPRI5)
        self.assertEqual({k: float(v) for k, v in problem.parameters.items()}, {"c": 0.3, "w": 1.2})
        problem.parameters = {"w": np.float32(2.0)}
        self.assertEqual({k: float(v) for k, v in problem.parameters.items()}, {"c": 0.3, "w": 2.0})
        other = self.session.problem({**FORCED, "parameters": {"c": 0.3, "w": 2.0}}, DOPRI5)
        self.assert_same(problem.solve(TIMES, [1, 0]).states, other.solve(TIMES, [1, 0]).states)
        with self.assertRaises(TypeError):
            problem.parameters["w"] = 1.0  # a copy: an assignment would be lost
        with self.assertRaises(ValueError):
            problem.parameters["w"][...] = 1.0

    def test_a_network_has_parameters_in_pytorchs_shapes_and_a_seed(self):
        field = {"plugin": "neural", "network": [{"linear": 5}, "tanh", {"linear": 2}]}
        make = lambda seed: self.session.problem(field, "dopri5", seed=seed, state_shape=[2])  # noqa: E731
        shapes = {name: value.shape for name, value in make(1).parameters.items()}
        self.assertEqual(shapes, {"0.weight": (5, 2), "0.bias": (5,), "2.weight": (2, 5), "2.bias": (2,)})
        self.assert_same(make(1).parameters["0.weight"], make(1).parameters["0.weight"])
        self.assertFalse(np.array_equal(make(1).parameters["0.weight"], make(2).parameters["0.weight"]))

    def test_a_failure_is_a_value(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        solution = self.session.problem(field, DOPRI5).solve([0.0, 2.0], [1.0])
        self.assertFalse(solution.ok)
        self.assertAlmostEqual(solution.failure.t, 1.0, places=3)
        self.assertTrue(solution.failure.reason and solution.failure.remedy)
        self.assertIsNone(solution.failure.row)
        self.assertEqual(solution.states[0, 0], 1.0)
        self.assertTrue(np.isnan(solution.states[1, 0]))

    def test_rows_fail_on_their_own(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        problem = self.session.problem(field, {**DOPRI5, "stepping": "per_row"})
        solution = problem.solve([0.0, 2.0], [[0.1], [1.0]])
        self.assertEqual([f.row for f in solution.row_failures], [1])
        self.assert_close(solution.states[1, 0], [0.1 / (1 - 0.1 * 2)])

    def test_dense_solutions_are_functions_of_time(self):
        dense = self.decay().solve_dense([0.0, 2.0], [1.0])
        t = np.linspace(0, 2, 12).reshape(3, 4)
        self.assertEqual(dense.at(0.3).shape, (1,))
        self.assertEqual(dense(t).shape, (3, 4, 1))
        self.assert_close(dense(t)[..., 0], np.exp(-0.5 * t))
        self.assertEqual((dense.start, dense.batch, dense.state_shape), (0.0, 1, (1,)))
        self.assertGreaterEqual(dense.stop, 2.0)
        self.assertEqual(self.decay().solve_dense([0.0, 2.0], [[1.0], [2.0]]).at(t).shape, (3, 4, 2, 1))
        with self.assertRaisesRegex(odeon.Error, "30"):
            dense.at(30.0)

    def test_dense_solutions_go_through_files(self):
        dense = self.decay().solve_dense([0.0, 2.0], [[1.0], [2.0]])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "dense.safetensors"
            dense.write(path)
            self.assert_same(odeon.DenseSolution.read(path).at(0.7), dense.at(0.7))
            with self.assertRaisesRegex(odeon.Error, "missing.safetensors"):
                odeon.DenseSolution.read(Path(folder) / "missing.safetensors")

    def test_solve_dense_raises_where_the_integration_fails(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        with self.assertRaises(odeon.Error) as caught:
            self.session.problem(field, DOPRI5).solve_dense([0.0, 2.0], [1.0])
        self.assertEqual(caught.exception.exit_code, 1)


class Events(Case):
    FALL = {"plugin": "expression", "state": ["h", "v"], "derivatives": {"h": "v", "v": "-9.81"}}

    def test_a_ball_bounces_and_its_last_bounce_ends_the_row(self):
        # Dropped from h: on the ground after sqrt(2 h / g), then in flight for twice that time times 0.5^n.
        bounces = []

        def bounce(t, y):
            bounces.append(t)
            return np.array([0.0, -0.5 * y[1]])

        ground = odeon.Event("ground", lambda t, y: y[0], direction="falling", reset=bounce)
        third = odeon.Event("third", lambda t, y: t - 1.2, terminal=True)
        solution = self.session.problem(self.FALL, DOPRI5, events=[ground, third]).solve([0.0, 3.0], [1.0, 0.0])
        first = np.sqrt(2 / 9.81)
        found = [e for e in solution.events if e.name == "ground"]
        self.assert_close([e.t for e in found[:3]], [first, 2 * first, 2.5 * first])
        self.assert_close(found[0].before, [0.0, -9.81 * first])
        self.assert_close(found[0].after, [0.0, 0.5 * 9.81 * first])
        self.assertEqual(solution.ended_by, ["third"])
        self.assertTrue(solution.ok and np.isnan(solution.states[1]).all())
        self.assertEqual(len(bounces), len(found))

    def test_what_an_event_raises_comes_out(self):
        def when(t, y):
            raise LookupError("no such height")

        problem = self.session.problem(self.FALL, DOPRI5, events=[odeon.Event("ground", when)])
        with self.assertRaisesRegex(LookupError, "no such height"):
            problem.solve([0.0, 3.0], [1.0, 0.0])

    def test_events_are_checked(self):
        with self.assertRaisesRegex(ValueError, "direction of event 'e' must be one of any, rising, falling"):
            odeon.Event("e", lambda t, y: 0.0, direction="up")
        with self.assertRaisesRegex(TypeError, "'when' of event 'e' must be callable; found float"):
            odeon.Event("e", 1.0)
        short = odeon.Event("e", lambda t, y: y[0], reset=lambda t, y: [1.0])
        with self.assertRaisesRegex(ValueError, r"the state behind event 'e' must have the shape \(2,\)"):
            self.session.problem(self.FALL, DOPRI5, events=[short]).solve([0.0, 3.0], [1.0, 0.0])


if __name__ == "__main__":
    unittest.main()
