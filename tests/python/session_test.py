"""Sessions: components, errors with their place, experiments, the log."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from support import DECAY, DOPRI5, Case

import odeon
from odeon.configuration import flow

LOTKA = """odeon: 1
task: gradient
field:
  plugin: expression
  state: [x, y]
  parameters: {a: 1.5, b: 1.0, c: 3.0, d: 1.0}
  derivatives: {x: a*x - b*x*y, y: d*x*y - c*y}
initial: [[1.0, 1.0], [3.0, 0.5]]
times: [0.0, 1.0, 2.5]
solver: {plugin: dopri5, rtol: 1.0e-8, atol: 1.0e-10}
gradient: direct
"""


class Components(Case):
    def test_installed_components_are_listed(self):
        ids = {(c.kind, c.id) for c in self.session.components()}
        self.assertLessEqual({("solver", "dopri5"), ("backend", "reference"), ("gradient", "direct")}, ids)
        dopri5 = next(c for c in self.session.components() if c.id == "dopri5")
        self.assertTrue(os.path.isfile(dopri5.path) and dopri5.title and dopri5.version)
        self.assertEqual(self.session.refusals(), [])

    def test_fields_of_the_program_are_listed_without_a_file(self):
        session = odeon.Session()
        session.add_field("mine", lambda t, y: -y, state_shape=1)
        self.assertEqual([c.path for c in session.components() if c.id == "mine"], [""])

    def test_files_that_are_refused_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / "broken.so"
            bad.write_bytes(b"no library")
            session = odeon.Session(plugin_roots=[folder], built_in_roots=False)
            self.assertEqual(session.components(), [])
            self.assertEqual(len(session.refusals()), 1)
            self.assertIn("broken.so", session.refusals()[0])

    def test_roots_are_a_list(self):
        with self.assertRaisesRegex(TypeError, "'plugin_roots' must be a list of paths; found one path"):
            odeon.Session(plugin_roots="/opt/odeon")
        with self.assertRaisesRegex(TypeError, "'log' must be callable; found int"):
            odeon.Session(log=3)

    def test_a_lock_file_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(odeon.Error, "missing.lock"):
            odeon.Session(lock_file="/nowhere/missing.lock")


class Errors(Case):
    def test_mistakes_in_a_file_keep_file_line_and_column(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bad.yaml"
            path.write_text(LOTKA.replace("rtol", "rtoll"))
            with self.assertRaises(odeon.Error) as caught:
                self.session.run_file(path)
            self.assertIn(f"{path}:10:26: solver 'dopri5' has no option 'rtoll'; did you mean 'rtol'?", str(caught.exception))
            self.assertEqual(caught.exception.exit_code, 2)
            with self.assertRaisesRegex(odeon.Error, "missing.yaml"):
                self.session.run_file(Path(folder) / "missing.yaml")

    def test_mistakes_in_a_dict_name_the_component_and_the_option(self):
        with self.assertRaises(odeon.Error) as caught:
            self.session.problem(DECAY, {"plugin": "dopri5", "rtol": -1.0})
        self.assertIn("rtol", str(caught.exception))
        self.assertEqual(caught.exception.exit_code, 2)
        with self.assertRaisesRegex(odeon.Error, "dopri6.*dopri5"):
            self.session.problem(DECAY, "dopri6")
        with self.assertRaisesRegex(TypeError, "'solver' must be an id, YAML text or a dict .*; found int"):
            self.session.problem(DECAY, 5)
        with self.assertRaisesRegex(TypeError, "'field.state': a configuration holds no set"):
            self.session.problem({"plugin": "expression", "state": {"y"}}, "dopri5")
        with self.assertRaisesRegex(ValueError, "'precision' must be 'float32' or 'float64'; found 'float16'"):
            self.session.problem(DECAY, "dopri5", precision="float16")
        with self.assertRaisesRegex(ValueError, "'seed' must be a whole number from 0 to .*; found -1"):
            self.session.problem(DECAY, "dopri5", seed=-1)
        with self.assertRaisesRegex(TypeError, "'state_shape' must be a whole number or a list of them; found 'two'"):
            self.session.problem(DECAY, "dopri5", state_shape="two")

    def test_errors_can_be_pickled(self):
        error = pickle.loads(pickle.dumps(odeon.Error("a sentence", 2)))
        self.assertEqual((str(error), error.exit_code), ("a sentence", 2))


class Experiments(Case):
    def test_a_file_runs_with_its_overrides(self):
        with tempfile.TemporaryDirectory() as folder:
            path, over, output = Path(folder) / "lotka.yaml", Path(folder) / "deploy.yaml", Path(folder) / "run"
            path.write_text(LOTKA)
            over.write_text("backend: reference\n")
            report = self.session.run_file(path, with_=[over], sets={"solver.rtol": 1e-9}, output=output)
            self.assertTrue(report.ok)
            self.assertEqual(report.record["components"]["solver"]["options"]["rtol"], 1e-9)
            self.assertEqual(report.record, json.loads((output / "record.json").read_text()))
            self.assertEqual(report.arrays["states.npy"].shape, (3, 2, 2))
            self.assert_same(report.arrays["states.npy"], np.load(output / "states.npy"))
            self.assert_same(report.arrays["grad_initial.npy"], np.load(output / "grad_initial.npy"))
            self.assertIn("dL/da", report.summary)

    def test_text_and_dict_run_alike(self):
        config = {
            "odeon": 1,
            "task": "solve",
            "field": DECAY,
            "initial": np.array([[1.0]]),
            "times": {"start": 0, "stop": 2, "count": 5},
            "solver": DOPRI5,
        }
        report = self.session.run_text(config)
        self.assert_close(report.arrays["states.npy"][:, 0, 0], np.exp(-0.5 * np.linspace(0, 2, 5)))
        self.assert_same(self.session.run_text(flow(config, "config")).arrays["states.npy"], report.arrays["states.npy"])
        with self.assertRaisesRegex(TypeError, "'sets' must be a list"):
            self.session.run_text(config, sets="solver.rtol=1e-3")

    def test_failures_and_events_of_runs_are_values(self):
        config = {
            "odeon": 1,
            "task": "solve",
            "field": {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}},
            "initial": [[1.0]],
            "times": [0, 2],
            "solver": DOPRI5,
        }
        report = self.session.run_text(config)
        self.assertFalse(report.ok)
        self.assertAlmostEqual(report.failure.t, 1.0, places=3)


class Configuration(Case):
    def test_values_arrive_as_they_are(self):
        values = {"a": 1e-8, "b": -2.5e300, "c": 3, "d": np.float32(0.5), "e": 0.1}
        field = {"plugin": "expression", "state": ["y"], "parameters": values, "derivatives": {"y": "a*b*c*d*e*y"}}
        found = self.session.problem(field, "dopri5").parameters
        self.assertEqual({k: float(v) for k, v in found.items()}, {k: float(v) for k, v in values.items()})

    def test_text_is_one_line_of_yaml(self):
        value = {"a": [1, 2.5, True, None], "b": {"c": "x: y # z", "d": 'q"'}, "e": np.arange(3), "f": float("inf")}
        self.assertEqual(
            flow(value, "v"),
            '{"a": [1, 2.5, true, null], "b": {"c": "x: y # z", "d": "q\\""}, "e": [0, 1, 2], "f": .inf}',
        )
        self.assertEqual(flow([float("nan"), -float("inf"), "ä"], "v"), '[.nan, -.inf, "ä"]')


class Log(unittest.TestCase):
    def test_the_log_gets_levels_and_lines(self):
        lines = []
        session = odeon.Session(log=lambda level, text: lines.append((level, text)))
        session.problem(DECAY, "dopri5", backend="auto")
        self.assertTrue(any(level == "info" and "backend auto" in text for level, text in lines), lines)

    def test_what_a_log_raises_is_reported_and_goes_no_further(self):
        program = (
            "import odeon\n"
            "def log(level, text): raise OSError('disk full')\n"
            f"problem = odeon.Session(log=log).problem({DECAY!r}, 'dopri5')\n"
            "print(problem.solve([0.0, 1.0], [1.0]).ok)\n"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, "True\n"), ran.stderr)
        self.assertIn("OSError: disk full", ran.stderr)

    def test_a_program_that_leaves_everything_open_ends_quietly(self):
        program = (
            "import odeon\n"
            "session = odeon.Session(log=lambda *_: None)\n"
            "session.add_field('mine', lambda t, y: -y + 0 * len(session.refusals()), state_shape=1)\n"
            f"problem = session.problem('mine', 'dopri5')\n"
            "solution = problem.solve([0.0, 1.0], [1.0])\n"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
