"""Arrays: what may go in, what is refused, and that results belong to nobody else."""

import gc
import unittest

import numpy as np
from support import DOPRI5, FORCED, Case

import odeon

TIMES = [0.0, 1.0]


class Arrays(Case):
    def test_every_real_dtype_and_layout_is_converted(self):
        problem = self.session.problem(FORCED, DOPRI5)
        expected = problem.solve(TIMES, [[1.0, 0.0], [2.0, 1.0]]).states
        for dtype in (np.float64, np.float32, np.float16, np.longdouble, np.int8, np.int64, np.uint16, ">f8"):
            for order in ("C", "F"):
                initial = np.array([[1, 0], [2, 1]], dtype=dtype, order=order)
                self.assert_same(problem.solve(np.array([0, 1], dtype=dtype), initial).states, expected)
        every_second = np.array([[1.0, 9.0, 0.0, 9.0], [2.0, 9.0, 1.0, 9.0]])[:, ::2]
        self.assert_same(problem.solve(TIMES, every_second).states, expected)
        self.assert_same(problem.solve(tuple(TIMES), [[True, False], [2, 1]]).states, expected)

    def test_arguments_are_not_changed(self):
        initial, times = np.array([1.0, 0.0]), np.array(TIMES)
        initial.setflags(write=False), times.setflags(write=False)
        self.session.problem(FORCED, DOPRI5).gradient("direct", times, initial, np.ones((2, 2)))
        self.assert_same(initial, [1.0, 0.0])

    def test_results_outlive_everything_that_made_them(self):
        session = odeon.Session()
        problem = session.problem(FORCED, DOPRI5)
        solution = problem.solve(np.linspace(0, 1, 2001), np.ones((20, 2)))
        gradients = problem.gradient("direct", TIMES, [1.0, 0.0], np.ones((2, 2)))
        dense = problem.solve_dense(TIMES, [1.0, 0.0])
        arrays = [solution.states, gradients.initial, gradients.parameters["w"], gradients.times]
        copies = [a.copy() for a in arrays]
        at = dense.at(0.5)
        del session, problem, solution, gradients
        gc.collect()
        np.ones(100_000)  # something to write over what is free
        for array, copy in zip(arrays, copies):
            self.assert_same(array, copy)
        self.assert_same(dense.at(0.5), at)

    def test_results_of_two_solves_share_nothing(self):
        problem = self.decay()
        first = problem.solve(TIMES, [1.0]).states
        then = first.copy()
        problem.solve(TIMES, [5.0]).states[...] = 7.0
        self.assert_same(first, then)
        first[...] = 3.0  # ours to write
        self.assert_same(problem.solve(TIMES, [1.0]).states, then)

    def test_wrong_shapes_say_what_is_expected(self):
        problem = self.session.problem(FORCED, DOPRI5)
        for bad in (1.0, [1.0], [1.0, 2.0, 3.0], np.ones((2, 3)), np.ones((1, 1, 2)), np.ones((0, 2))):
            message = r"'initial' must have the shape \(2,\) of one state or \(batch, 2\) of several; found"
            with self.assertRaisesRegex(ValueError, message):
                problem.solve(TIMES, bad)
        with self.assertRaisesRegex(ValueError, r"'times' must have one axis; found the shape \(1, 2\)"):
            problem.solve([TIMES], [1.0, 0.0])
        with self.assertRaisesRegex(ValueError, r"'parameters\[w\]' must have the shape \(\); found \(2,\)"):
            problem.parameters = {"w": [1.0, 2.0]}
        with self.assertRaisesRegex(KeyError, "'parameters' has no 'ww'; did you mean 'w'"):
            problem.parameters = {"ww": 1.0}
        with self.assertRaisesRegex(KeyError, r"'parameters' has no 'nothing'\. Names: c, w\."):
            problem.parameters = {"nothing": 1.0}
        with self.assertRaisesRegex(TypeError, "'parameters' must be a dict of arrays by name; found ndarray"):
            problem.parameters = np.ones(2)
        v = odeon.Direction(initial=np.ones(3))
        with self.assertRaisesRegex(ValueError, r"'direction.initial' must have the shape \(2,\); found \(3,\)"):
            problem.hessian_product("direct", TIMES, [1.0, 0.0], np.ones((2, 2)), v)

    def test_wrong_dtypes_are_named(self):
        problem = self.decay()
        for bad, dtype in (([1j], "complex128"), (["one"], "<U3"), ([None], "object")):
            with self.assertRaisesRegex(TypeError, f"'initial' must hold real numbers; found an array of dtype {dtype}"):
                problem.solve(TIMES, bad)
        with self.assertRaisesRegex(TypeError, "'times' must hold real numbers; found an array of dtype datetime64"):
            problem.solve(np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]"), [1.0])
        with self.assertRaisesRegex(ValueError, "'initial' must be an array of real numbers: "):  # NumPy's words behind
            problem.solve(TIMES, [[1.0], [1.0, 2.0]])

    def test_wrong_times_are_odeons_to_refuse(self):
        for bad in ([], [0.0, 0.0], [0.0, 1.0, 0.5], [0.0, np.nan]):
            with self.assertRaisesRegex(odeon.Error, "times"):
                self.decay().solve(bad, [1.0])

    def test_a_problem_shows_its_state_and_parameters(self):
        self.assertEqual(
            repr(self.session.problem(FORCED, DOPRI5)),
            "<odeon.Problem: state_shape=(2,), parameters: c [], w []>",
        )

    def test_a_failed_assignment_of_parameters_changes_none(self):
        problem = self.session.problem(FORCED, DOPRI5)
        with self.assertRaises(KeyError):
            problem.parameters = {"w": 5.0, "nothing": 1.0}
        self.assertEqual(float(problem.parameters["w"]), 1.2)


if __name__ == "__main__":
    unittest.main()
