"""The fields of the golden cases: each as Odeon's `field` section and as a PyTorch module."""
import math

import torch

torch.set_default_dtype(torch.float64)


class Formula(torch.nn.Module):
    """dy/dt by a formula of t, the state's columns and the parameters, in the order that Odeon has them."""

    def __init__(self, state, parameters, derivatives, rule):
        super().__init__()
        self.field = {"plugin": "expression", "state": state, "parameters": parameters,
                      "derivatives": derivatives}
        self.theta = torch.nn.Parameter(torch.tensor(list(parameters.values())))
        self.rule = rule

    def forward(self, t, y):
        return torch.stack(self.rule(t, y.unbind(-1), self.theta), -1)

    def named_theta(self):
        return None


def lotka_volterra():
    return Formula(["x", "y"], {"a": 1.5, "b": 1.0, "c": 3.0, "d": 1.0},
                   {"x": "a*x - b*x*y", "y": "d*x*y - c*y"},
                   lambda t, y, p: (p[0] * y[0] - p[1] * y[0] * y[1], p[3] * y[0] * y[1] - p[2] * y[1]))


def decay():
    return Formula(["y"], {"rate": 0.7}, {"y": "-rate*y"}, lambda t, y, p: (-p[0] * y[0],))


def van_der_pol():
    return Formula(["x", "v"], {"mu": 5.0}, {"x": "v", "v": "mu*(1 - x^2)*v - x"},
                   lambda t, y, p: (y[1], p[0] * (1 - y[0] ** 2) * y[1] - y[0]))


def lorenz():
    return Formula(["x", "y", "z"], {"s": 10.0, "r": 28.0, "b": 8 / 3},
                   {"x": "s*(y - x)", "y": "x*(r - z) - y", "z": "x*y - b*z"},
                   lambda t, y, p: (p[0] * (y[1] - y[0]), y[0] * (p[1] - y[2]) - y[1],
                                    y[0] * y[1] - p[2] * y[2]))


def forced_pendulum():
    return Formula(["q", "w"], {"drag": 0.2, "force": 0.9},
                   {"q": "w", "w": "force*cos(0.8*t) - drag*w - sin(q)"},
                   lambda t, y, p: (y[1], p[1] * torch.cos(0.8 * t) - p[0] * y[1] - torch.sin(y[0])))


def kepler():
    def rule(t, y, p):
        r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
        return y[2], y[3], -p[0] * y[0] / r3, -p[0] * y[1] / r3

    return Formula(["x", "y", "u", "v"], {"gm": 1.0},
                   {"x": "u", "y": "v", "u": "-gm*x/(x^2 + y^2)^1.5", "v": "-gm*y/(x^2 + y^2)^1.5"}, rule)


def brusselator():
    return Formula(["x", "y"], {"a": 1.0, "b": 3.0},
                   {"x": "a + x^2*y - (b + 1)*x", "y": "b*x - x^2*y"},
                   lambda t, y, p: (p[0] + y[0] ** 2 * y[1] - (p[1] + 1) * y[0], p[1] * y[0] - y[0] ** 2 * y[1]))


class Spiral(torch.nn.Module):
    """dy/dt = A y^3, the true field of torchdiffeq's ode_demo.py."""

    field = {"plugin": "linear", "matrix": [[-0.1, -2.0], [2.0, -0.1]], "power": 3}

    def __init__(self):
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.tensor(self.field["matrix"]))

    def forward(self, t, y):
        return (y**3) @ self.matrix.T

    def named_theta(self):
        return {"matrix": self.matrix}


class ConcatConv2d(torch.nn.Module):
    """torchdiffeq's odenet_mnist.py: t as the first input channel."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.layer = torch.nn.Conv2d(inputs + 1, outputs, 3, padding=1)

    def forward(self, t, x):
        return self.layer(torch.cat([torch.ones_like(x[:, :1]) * t, x], 1))


class Network(torch.nn.Module):
    """Layers as Odeon's `neural` lists them; entries (name in YAML, PyTorch module or function of t and x)."""

    def __init__(self, file, time, layers):
        super().__init__()
        self.field = {"plugin": "neural", "time": "concat" if time else "none",
                      "network": [name for name, _ in layers],
                      "weights": {"file": f"@golden@/weights/{file}.safetensors"}}
        self.file = file
        self.time = time
        self.layers = torch.nn.ModuleList(
            m if isinstance(m, torch.nn.Module) else torch.nn.Identity() for _, m in layers)
        self.calls = [m for _, m in layers]

    def forward(self, t, x):
        for call in self.calls:
            if isinstance(call, ConcatConv2d):
                x = call(t, x)
            elif self.time and isinstance(call, torch.nn.Linear):
                x = call(torch.cat([torch.ones_like(x[:, :1]) * t, x], 1))
            else:
                x = call(x)
        return x

    def named_theta(self):
        return {name.replace("layers.", "").replace(".layer", ""): p for name, p in self.named_parameters()}


def seeded(make):
    def wrapped():
        torch.manual_seed(20181219)
        return make()
    return wrapped


@seeded
def mlp():
    return Network("mlp", False, [({"power": 3}, lambda x: x**3), ({"linear": 16}, torch.nn.Linear(2, 16)),
                                  ("tanh", torch.tanh), ({"linear": 2}, torch.nn.Linear(16, 2))])


@seeded
def mlp_time():
    return Network("mlp_time", True, [({"linear": 12}, torch.nn.Linear(4, 12)),
                                      ("softplus", torch.nn.functional.softplus),
                                      ({"linear": 12}, torch.nn.Linear(13, 12)), ("gelu", torch.nn.functional.gelu),
                                      ({"linear": 3}, torch.nn.Linear(13, 3))])


@seeded
def conv_block():
    return Network("conv_block", True, [
        ({"group_norm": 2}, torch.nn.GroupNorm(2, 4)), ("sigmoid", torch.sigmoid),
        ({"conv2d": {"channels": 4, "kernel": 3, "padding": 1}}, ConcatConv2d(4, 4)),
        ({"group_norm": 2}, torch.nn.GroupNorm(2, 4)), ("tanh", torch.tanh),
        ({"conv2d": {"channels": 4, "kernel": 3, "padding": 1}}, ConcatConv2d(4, 4)),
        ({"group_norm": 2}, torch.nn.GroupNorm(2, 4))])


@seeded
def transposed():
    """The layers that the others lack; layer_norm sees a whole row."""
    return Network("transposed", False, [
        ("layer_norm", torch.nn.LayerNorm([3, 4, 4])),
        ({"conv_transpose2d": {"channels": 5, "kernel": 4, "stride": 2, "padding": 1}},
         torch.nn.ConvTranspose2d(3, 5, 4, stride=2, padding=1)),
        ("relu", torch.relu), ("sin", torch.sin),
        ({"conv2d": {"channels": 3, "kernel": 4, "stride": 2, "padding": 1, "bias": False}},
         torch.nn.Conv2d(5, 3, 4, stride=2, padding=1, bias=False))])


class Universal(torch.nn.Module):
    """Formulas with the outputs of a network in them. Its parameters have Odeon's names as they are."""

    file = "universal"
    field = {"plugin": "expression", "state": ["prey", "predator"], "parameters": {"a": 1.3, "c": 1.8},
             "network": {"inputs": ["log(prey)", "predator/2", "sin(c*t)"], "outputs": ["eaten", "born"],
                         "layers": [{"linear": 8}, "tanh", {"linear": 8}, "softplus", {"linear": 2}]},
             "derivatives": {"prey": "a*prey - eaten*prey", "predator": "born*prey^2 - c*predator"},
             "weights": {"file": "@golden@/weights/universal.safetensors"}}

    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(1.3))
        self.c = torch.nn.Parameter(torch.tensor(1.8))
        self.network = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 8),
                                           torch.nn.Softplus(), torch.nn.Linear(8, 2))

    def forward(self, t, y):
        prey, predator = y.unbind(-1)
        inputs = torch.stack([prey.log(), predator / 2, torch.sin(self.c * t).expand_as(prey)], -1)
        eaten, born = self.network(inputs).unbind(-1)
        return torch.stack([self.a * prey - eaten * prey, born * prey**2 - self.c * predator], -1)

    def named_theta(self):
        return dict(self.named_parameters())


@seeded
def universal():
    return Universal()


def wave(*shape):
    """Reproducible numbers of order one without a generator."""
    n = math.prod(shape)
    return torch.sin(1.7 * torch.arange(1, n + 1) + 0.3).reshape(shape)
