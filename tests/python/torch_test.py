"""The bridge to PyTorch, where PyTorch is installed."""

import unittest

import numpy as np
from support import DECAY, DOPRI5, FORCED, Case

try:
    import torch
except ModuleNotFoundError:
    print("skipped: PyTorch is not installed (pip install torch)")
    raise SystemExit(0)

import odeon.torch  # noqa: E402

TIMES = [0.0, 1.0, 2.5]


class Torch(Case):
    def test_backward_has_the_gradients_of_the_problem(self):
        problem = self.session.problem(FORCED, DOPRI5)
        weights = np.random.default_rng(5).normal(size=(3, 2, 2))
        expected = problem.gradient("direct", TIMES, np.ones((2, 2)), weights)
        times = torch.tensor(TIMES, dtype=torch.float64, requires_grad=True)
        initial = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
        w = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
        states = odeon.torch.solve(problem, times, initial, {"w": w}, strategy="direct")
        (states * torch.from_numpy(weights)).sum().backward()
        self.assert_same(states.detach().numpy(), expected.states)
        self.assert_same(initial.grad.numpy(), expected.initial)
        self.assert_same(times.grad.numpy(), expected.times)
        self.assert_same(w.grad.numpy(), expected.parameters["w"])

    def test_gradcheck_of_pytorch_agrees(self):
        problem = self.session.problem(FORCED, DOPRI5)
        inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (TIMES, [[1.0, 0.0]], 0.3, 1.2)]

        def states(times, initial, c, w):
            return odeon.torch.solve(problem, times, initial, {"c": c, "w": w}, strategy="direct")

        self.assertTrue(torch.autograd.gradcheck(states, inputs, eps=1e-5, atol=1e-6, rtol=1e-5))

    def test_two_solves_of_one_graph_keep_their_own_parameters(self):
        problem = self.session.problem(DECAY, DOPRI5)
        ks = [torch.tensor(k, dtype=torch.float64, requires_grad=True) for k in (0.5, 2.0)]
        sum(odeon.torch.solve(problem, [0.0, 1.0], [1.0], {"k": k}, "direct")[1].sum() for k in ks).backward()
        for k in ks:
            self.assert_close(k.grad.item(), -np.exp(-k.item()), 1e-6)

    def test_backward_does_not_solve_again(self):
        calls = []

        def f(t, y):
            calls.append("f")
            return -y

        def vjp(t, y, v):
            calls.append("vjp")
            return np.zeros(len(y)), -v

        self.session.add_field("counted", f, state_shape=1, vjp=vjp)
        problem = self.session.problem("counted", {"plugin": "rk4_classic", "step_size": 0.25}, "reference")
        initial = torch.ones(1, dtype=torch.float64, requires_grad=True)
        states = odeon.torch.solve(problem, [0.0, 1.0], initial, strategy="direct")
        forward = len(calls)
        states[1].sum().backward()
        self.assertEqual(calls[:forward].count("f"), 16)
        # Each stage once more, to be differentiated; no solve before that.
        self.assertLessEqual(calls[forward:].count("f"), 16)
        self.assertEqual(calls[forward:].count("vjp"), 16)

    def test_dtypes_follow_the_tensors(self):
        initial = torch.ones(1, dtype=torch.float32, requires_grad=True)
        states = odeon.torch.solve(self.decay(), [0.0, 1.0], initial)
        states.sum().backward()
        self.assertEqual((states.dtype, initial.grad.dtype), (torch.float32, torch.float32))

    def test_parameters_that_are_no_dict_are_refused(self):
        problem = self.session.problem(FORCED, DOPRI5)
        with self.assertRaisesRegex(TypeError, "'parameters' must be a dict of tensors by name; found list"):
            odeon.torch.solve(problem, TIMES, [1.0, 0.0], [torch.ones(())])

    def test_a_failed_integration_is_an_error(self):
        field = {"plugin": "expression", "state": ["y"], "derivatives": {"y": "y*y"}}
        with self.assertRaisesRegex(odeon.Error, "the integration failed at t = 1"):
            odeon.torch.solve(self.session.problem(field, DOPRI5), [0.0, 2.0], torch.ones(1))

    def module(self):
        class Rotating(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
                self.register_buffer("scale", torch.tensor(0.5))

            def forward(self, t, y):
                return self.scale * torch.cos(t) * self.net(y)

        torch.manual_seed(3)
        return Rotating()

    def test_a_module_is_a_field_with_its_gradients(self):
        module = self.module()
        odeon.torch.add_module(self.session, "module", module, state_shape=2)
        solver = {"plugin": "rk4_classic", "step_size": 0.1}
        problem = self.session.problem("module", solver, "reference")
        initial = torch.tensor([[1.0, 0.0], [0.3, -0.5]], dtype=torch.float64, requires_grad=True)
        times = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
        named = dict(module.named_parameters())
        (odeon.torch.solve(problem, times, initial, named, "direct")[1] ** 2).sum().backward()
        ours = [initial.grad.clone(), *(p.grad.double() for p in named.values())]

        # The same steps, written in PyTorch.
        module.double()
        y, h = initial.detach().clone().requires_grad_(), 0.1
        start, parameters = y, list(module.parameters())
        for n in range(10):
            t = torch.tensor(n * h, dtype=torch.float64)
            k1 = module(t, y)
            k2 = module(t + h / 2, y + h / 2 * k1)
            k3 = module(t + h / 2, y + h / 2 * k2)
            k4 = module(t + h, y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        theirs = torch.autograd.grad((y**2).sum(), [start, *parameters])
        # Gradients of float32 parameters are float32.
        for a, b, tolerance in zip(ours, theirs, [1e-11] + [1e-5] * 4):
            self.assert_close(a.numpy(), b.numpy(), tolerance)

    def test_times_of_a_module_have_gradients(self):
        odeon.torch.add_module(self.session, "timed", self.module(), state_shape=2)
        problem = self.session.problem("timed", DOPRI5)
        initial, weights = np.array([[1.0, 0.0], [0.3, -0.5]]), np.ones((2, 2, 2))
        found = problem.gradient("direct", [0.2, 1.0], initial, weights).times
        h = 1e-5
        for i in range(2):
            ahead, behind = (
                problem.solve(np.array([0.2, 1.0]) + s * h * np.eye(2)[i], initial).states.sum() for s in (1, -1)
            )
            self.assert_close(found[i], (ahead - behind) / (2 * h), 1e-6)

    def test_a_module_may_branch_on_time_and_have_no_parameters(self):
        class Switch(torch.nn.Module):
            def forward(self, t, y):
                return -y if t < 0.5 else torch.zeros_like(y)

        odeon.torch.add_module(self.session, "switch", Switch(), state_shape=1)
        problem = self.session.problem("switch", {**DOPRI5, "breakpoints": [0.5]})
        g = problem.gradient("direct", [0.0, 1.0], [[1.0], [2.0]], np.ones((2, 2, 1)))
        self.assert_close(g.states[1, :, 0], np.array([1.0, 2.0]) * np.exp(-0.5))
        self.assert_close(g.initial[:, 0], 1 + np.exp(-0.5))

    def test_a_module_learns(self):
        # y' = A y with A to be found from one trajectory.
        target = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]], dtype=torch.float64)
        truth = torch.linalg.matrix_exp(torch.linspace(0, 1, 6, dtype=torch.float64)[:, None, None] * target)[..., 0]

        class Linear(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = torch.nn.Parameter(torch.zeros(2, 2, dtype=torch.float64))

            def forward(self, t, y):
                return y @ self.a.T

        module = Linear()
        odeon.torch.add_module(self.session, "learner", module, state_shape=2)
        problem = self.session.problem("learner", {"plugin": "dopri5", "rtol": 1e-6, "atol": 1e-8})
        optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
        for _ in range(150):
            optimizer.zero_grad()
            states = odeon.torch.solve(
                problem, np.linspace(0, 1, 6), np.array([[1.0, 0.0]]), dict(module.named_parameters()), "direct"
            )
            loss = ((states[:, 0] - truth) ** 2).mean()
            loss.backward()
            optimizer.step()
        self.assertLess(loss.item(), 1e-4)


if __name__ == "__main__":
    unittest.main()
