"""Ctrl-C, cancellation and threads. Solves that would take hours end because they are stopped, or the test hangs."""

import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from support import DECAY, DOPRI5, ENDLESS, ENDLESS_TIMES, Case, add_forced

import odeon

SOON = 0.2  # seconds until the signal comes


def interrupt_soon():
    def send():
        time.sleep(SOON)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


class Interrupt(Case):
    def endless(self, field=DECAY):
        return self.session.problem(field, ENDLESS)

    def assert_all_is_well(self):
        self.assertTrue(self.decay().solve([0.0, 1.0], [1.0]).ok)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_ctrl_c_ends_every_kind_of_call(self):
        problem = self.endless()
        cotangents = [[0.0], [1.0]]
        v = odeon.Direction(initial=[1.0])
        experiment = {
            "odeon": 1,
            "task": "solve",
            "field": DECAY,
            "initial": [[1.0]],
            "times": ENDLESS_TIMES,
            "solver": ENDLESS,
        }
        for name, call in {
            "solve": lambda: problem.solve(ENDLESS_TIMES, [1.0]),
            "solve of many rows": lambda: problem.solve(ENDLESS_TIMES, np.ones((5000, 1))),
            "solve_dense": lambda: problem.solve_dense(ENDLESS_TIMES, [1.0]),
            "gradient": lambda: problem.gradient("adjoint", ENDLESS_TIMES, [1.0], cotangents),
            "hessian_product": lambda: problem.hessian_product("adjoint", ENDLESS_TIMES, [1.0], cotangents, v),
            "run_text": lambda: self.session.run_text(experiment),
        }.items():
            with self.subTest(name):
                sender = interrupt_soon()
                with self.assertRaises(KeyboardInterrupt):
                    call()
                sender.join()
                self.assert_all_is_well()

    def test_ctrl_c_in_a_python_field_comes_out(self):
        self.session.add_field("slow", lambda t, y: -y, state_shape=1)
        sender = interrupt_soon()
        with self.assertRaises(KeyboardInterrupt):
            self.endless("slow").solve(ENDLESS_TIMES, [1.0])
        sender.join()
        self.assert_all_is_well()

    def test_a_handler_that_does_not_raise_leaves_a_cancelled_solution(self):
        seen = []
        before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
        try:
            sender = interrupt_soon()
            solution = self.endless().solve(ENDLESS_TIMES, [1.0])
            sender.join()
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertEqual((solution.failure.reason, seen), ("cancelled", [1]))
        self.assert_all_is_well()

    def test_ignored_signals_stay_ignored(self):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            sender = interrupt_soon()
            problem = self.session.problem("waits", {"plugin": "euler", "step_size": 0.5})
            solution = problem.solve([0.0, 1.0], [1.0])
            sender.join()
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertTrue(solution.ok)

    def test_a_program_ends_with_a_traceback(self):
        program = (
            "import odeon\n"
            f"problem = odeon.Session().problem({DECAY!r}, {ENDLESS!r})\n"
            "print('ready', flush=True)\n"
            f"problem.solve({ENDLESS_TIMES!r}, [1.0])\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(SOON)
        process.send_signal(signal.SIGINT)
        errors = process.communicate()[1]
        self.assertTrue(errors.rstrip().endswith("KeyboardInterrupt"), errors)
        self.assertEqual(process.returncode, -signal.SIGINT)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session.add_field("waits", lambda t, y: time.sleep(2 * SOON) or -y, state_shape=1)


class Threads(Case):
    def test_a_solve_leaves_the_gil_to_others(self):
        # Without that nobody could ask it to stop.
        problem = self.session.problem(DECAY, ENDLESS)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(problem.solve, ENDLESS_TIMES, [1.0])
            time.sleep(SOON)
            self.assertFalse(running.done())
            odeon.request_cancel()
            self.assertEqual(running.result().failure.reason, "cancelled")
        odeon.clear_cancel()
        self.assertTrue(self.decay().solve([0.0, 1.0], [1.0]).ok)

    def test_ctrl_c_ends_the_solves_of_all_threads(self):
        problems = [self.session.problem(DECAY, ENDLESS) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(p.solve, ENDLESS_TIMES, [1.0]) for p in problems]
            sender = interrupt_soon()
            with self.assertRaises(KeyboardInterrupt):
                time.sleep(600)
            self.assertEqual([r.result().failure.reason for r in running], ["cancelled"] * 2)
            sender.join()
        self.assertTrue(self.decay().solve([0.0, 1.0], [1.0]).ok)

    def test_problems_of_one_session_run_in_parallel_with_the_bits_of_one(self):
        add_forced(self.session, "forced")
        times = np.linspace(0, 5, 11)
        starts = [np.random.default_rng(i).normal(size=(4, 2)) for i in range(8)]

        def work(i):
            problem = self.session.problem("forced", DOPRI5)
            return problem.gradient("direct", times, starts[i], np.ones((11, 4, 2)))

        alone = [work(i) for i in range(8)]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(work, range(8)))
        for a, b in zip(alone, together):
            self.assert_same(a.states, b.states)
            self.assert_same(a.parameters["w"], b.parameters["w"])

    def test_sessions_run_in_parallel(self):
        def work(i):
            session = odeon.Session()
            session.add_field("mine", lambda t, y: -(i + 1) * y, state_shape=1)
            return session.problem("mine", DOPRI5).solve([0.0, 1.0], [1.0]).states[1, 0]

        with ThreadPoolExecutor(4) as pool:
            self.assert_close(list(pool.map(work, range(8))), np.exp(-np.arange(1.0, 9.0)))

    def test_calls_of_one_problem_wait_for_each_other(self):
        self.session.add_field("short_nap", lambda t, y: time.sleep(0.001) or -y, state_shape=1)
        problem = self.session.problem("short_nap", DOPRI5)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda i: problem.solve([0.0, 1.0], [float(i)]).states[1, 0], range(8)))
        self.assert_close(found, np.arange(8.0) * np.exp(-1))

    def test_waiting_for_a_problem_can_be_interrupted(self):
        problem = self.session.problem(DECAY, ENDLESS)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(problem.solve, ENDLESS_TIMES, [1.0])
            time.sleep(SOON)
            sender = interrupt_soon()
            with self.assertRaises(KeyboardInterrupt):
                problem.solve([0.0, 1.0], [1.0])
            self.assertEqual(running.result().failure.reason, "cancelled")
            sender.join()


if __name__ == "__main__":
    unittest.main()
