"""The three fits whose gradients gradients.py compares: fields in PyTorch and in JAX, and as Odeon's experiment.

A case has: initial [B, ...], times, rtol, atol, cotangent(ys shape) and theta, a dict of named arrays.
`torch_field(theta)` is f(t, y) and `jax_field` f(theta, t, y), both with theta as a list in the order of that dict;
`field` is the experiment's section.
"""
import numpy

REPLACE_WEIGHTS = "weights.safetensors"


class Spiral:
    """The fit of torchdiffeq's ode_demo.py: 2-50-2 tanh on y^3, here with 500 observation times of one trajectory."""

    name, dtype, method, odeon_solver = "spiral, 500 times", "float64", "dopri5", "dopri5"
    rtol, atol, reference = 1e-7, 1e-9, 1e-11
    parameters = None

    def __init__(self):
        rng = numpy.random.default_rng(1)
        uniform = lambda bound, *shape: rng.uniform(-bound, bound, shape)
        self.theta = {"1.weight": uniform(0.5, 50, 2), "1.bias": uniform(0.5, 50),
                      "3.weight": uniform(0.14, 2, 50), "3.bias": uniform(0.14, 2)}
        self.initial = numpy.array([[2.0, 0.0]])
        self.times = numpy.linspace(0, 25, 500)
        self.field = {"plugin": "neural", "network": [{"power": 3}, {"linear": 50}, "tanh", {"linear": 2}],
                      "weights": {"file": REPLACE_WEIGHTS}}

    def cotangent(self, shape):
        return numpy.cos(numpy.linspace(0, 20, numpy.prod(shape))).reshape(shape) / shape[0]

    def torch_field(self, theta):
        import torch

        w1, b1, w2, b2 = theta
        linear = torch.nn.functional.linear
        return lambda t, y: linear(torch.tanh(linear(y**3, w1, b1)), w2, b2)

    @staticmethod
    def jax_field(theta, t, y):
        import jax.numpy as jnp

        w1, b1, w2, b2 = theta
        return jnp.tanh(y**3 @ w1.T + b1) @ w2.T + b2


class ConvBlock:
    """The block of torchdiffeq's odenet_mnist.py: 64 channels on 6 x 6, a batch of 128."""

    name, dtype, method, odeon_solver = "conv block 64x6x6", "float32", "dopri5", "dopri5"
    rtol, atol, reference = 1e-3, 1e-3, 1e-5
    parameters = None

    def __init__(self, channels=64, batch=128):
        rng = numpy.random.default_rng(2)
        bound = 1 / numpy.sqrt(9 * (channels + 1))
        conv = lambda: rng.uniform(-bound, bound, (channels, channels + 1, 3, 3))
        self.theta = {}
        for layer in (0, 3, 6):
            self.theta[f"{layer}.weight"], self.theta[f"{layer}.bias"] = numpy.ones(channels), numpy.zeros(channels)
            if layer < 6:
                self.theta[f"{layer + 2}.weight"] = conv()
                self.theta[f"{layer + 2}.bias"] = rng.uniform(-bound, bound, channels)
        self.initial = rng.standard_normal((batch, channels, 6, 6))
        self.times = numpy.array([0.0, 1.0])
        convolution = {"conv2d": {"channels": channels, "kernel": 3, "padding": 1}}
        self.field = {"plugin": "neural", "time": "concat", "weights": {"file": REPLACE_WEIGHTS},
                      "network": [{"group_norm": 32}, "relu", convolution, {"group_norm": 32}, "relu", convolution,
                                  {"group_norm": 32}]}

    def cotangent(self, shape):
        return numpy.cos(numpy.arange(numpy.prod(shape))).reshape(shape) / shape[1]

    def torch_field(self, theta):
        import torch
        from torch.nn.functional import conv2d, group_norm

        g0w, g0b, c0w, c0b, g1w, g1b, c1w, c1b, g2w, g2b = theta
        concat = lambda t, x: torch.cat([torch.ones_like(x[:, :1]) * t, x], 1)

        def f(t, x):
            x = conv2d(concat(t, torch.relu(group_norm(x, 32, g0w, g0b))), c0w, c0b, padding=1)
            x = conv2d(concat(t, torch.relu(group_norm(x, 32, g1w, g1b))), c1w, c1b, padding=1)
            return group_norm(x, 32, g2w, g2b)

        return f

    @staticmethod
    def jax_field(theta, t, y):
        import jax
        import jax.numpy as jnp

        g0w, g0b, c0w, c0b, g1w, g1b, c1w, c1b, g2w, g2b = theta

        def group_norm(x, w, b):
            g = x.reshape(x.shape[0], 32, -1)
            g = (g - g.mean(-1, keepdims=True)) / jnp.sqrt(g.var(-1, keepdims=True) + 1e-5)
            return g.reshape(x.shape) * w[:, None, None] + b[:, None, None]

        def conv(x, w, b):
            x = jnp.concatenate([jnp.full_like(x[:, :1], 1) * t.astype(x.dtype), x], 1)
            return jax.lax.conv(x, w, (1, 1), "SAME") + b[:, None, None]

        x = conv(jax.nn.relu(group_norm(y, g0w, g0b)), c0w, c0b)
        x = conv(jax.nn.relu(group_norm(x, g1w, g1b)), c1w, c1b)
        return group_norm(x, g2w, g2b)


class Robertson:
    """Robertson's rates from 40 observations, spread evenly over log t: stiff from t = 1e-3 on."""

    name, dtype, method, odeon_solver = "Robertson, 40 times", "float64", "dopri5", "kvaerno5"
    rtol, atol, reference = 1e-6, 1e-10, 1e-11
    parameters = ("k1", "k2", "k3")

    def __init__(self):
        self.theta = {"k1": numpy.array(0.04), "k2": numpy.array(3e7), "k3": numpy.array(1e4)}
        self.initial = numpy.array([[1.0, 0.0, 0.0]])
        self.times = numpy.concatenate([[0.0], numpy.geomspace(1e-5, 40, 40)])
        self.field = {"plugin": "expression", "state": ["x", "y", "z"], "parameters": {k: float(v) for k, v in self.theta.items()},
                      "derivatives": {"x": "-k1*x + k3*y*z", "y": "k1*x - k3*y*z - k2*y^2", "z": "k2*y^2"}}

    def cotangent(self, shape):
        return numpy.broadcast_to(numpy.array([1.0, 1e4, 1.0]), shape) / shape[0]

    def torch_field(self, theta):
        import torch

        k1, k2, k3 = theta

        def f(t, s):
            x, y, z = s.unbind(-1)
            slow, back, fast = k1 * x, k3 * y * z, k2 * y**2
            return torch.stack((back - slow, slow - back - fast, fast), -1)

        return f

    @staticmethod
    def jax_field(theta, t, s):
        import jax.numpy as jnp

        k1, k2, k3 = theta
        x, y, z = s[..., 0], s[..., 1], s[..., 2]
        slow, back, fast = k1 * x, k3 * y * z, k2 * y**2
        return jnp.stack((back - slow, slow - back - fast, fast), -1)


CASES = {case.name: case for case in (Spiral, ConvBlock, Robertson)}
