"""Odeon beside PyTorch + torchdiffeq on this machine, in one run: the same weights, tolerances and times.

    ~/peers/bin/python tests/bench/compare.py BUILD_DIR [--seconds S] [--only NAME]

The environment is that of tests/golden/README.md. Each figure is the shortest repetition; the two sides take
turns, and the number of evaluations is printed to show that they do the same work.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import safetensors.torch
import torch
import torchdiffeq

torch.manual_seed(1)


class Spiral(torch.nn.Module):
    """The network of torchdiffeq's ode_demo.py."""

    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(2, 50), torch.nn.Tanh(), torch.nn.Linear(50, 2))

    def forward(self, t, y):
        return self.net(y**3)

    section = {"plugin": "neural", "network": [{"power": 3}, {"linear": 50}, "tanh", {"linear": 2}]}
    names = {"net.0.": "1.", "net.2.": "3."}


class LotkaVolterra(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.theta = torch.nn.Parameter(torch.tensor([1.5, 1.0, 3.0, 1.0], dtype=torch.float64))

    def forward(self, t, s):
        x, y = s[..., 0], s[..., 1]
        a, b, c, d = self.theta
        return torch.stack((a * x - b * x * y, d * x * y - c * y), -1)

    section = {"plugin": "expression", "state": ["x", "y"], "parameters": {"a": 1.5, "b": 1.0, "c": 3.0, "d": 1.0},
               "derivatives": {"x": "a*x - b*x*y", "y": "d*x*y - c*y"}}
    names = None


class ConvBlock(torch.nn.Module):
    """The block of torchdiffeq's odenet_mnist.py: 64 channels on 6 x 6."""

    def __init__(self, n=64):
        super().__init__()
        self.n0, self.n1, self.n2 = (torch.nn.GroupNorm(32, n) for _ in range(3))
        self.c0, self.c1 = (torch.nn.Conv2d(n + 1, n, 3, padding=1) for _ in range(2))

    @staticmethod
    def concat(t, x):
        return torch.cat([torch.ones_like(x[:, :1]) * t, x], 1)

    def forward(self, t, x):
        x = self.c0(self.concat(t, torch.relu(self.n0(x))))
        x = self.c1(self.concat(t, torch.relu(self.n1(x))))
        return self.n2(x)

    section = {"plugin": "neural", "time": "concat",
               "network": [{"group_norm": 32}, "relu", {"conv2d": {"channels": 64, "kernel": 3, "padding": 1}},
                           {"group_norm": 32}, "relu", {"conv2d": {"channels": 64, "kernel": 3, "padding": 1}},
                           {"group_norm": 32}]}
    names = {"n0.": "0.", "c0.": "2.", "n1.": "3.", "c1.": "5.", "n2.": "6."}


def spiral(batch):
    y0 = torch.randn(batch, 2) * 0.7
    return Spiral(), y0, torch.linspace(0, 25, 1000)[:10], 1e-7, 1e-9


CASES = {
    "spiral 2-50-2, batch 20": lambda: spiral(20),
    "spiral 2-50-2, batch 1000": lambda: spiral(1000),
    "Lotka-Volterra, f64": lambda: (LotkaVolterra(), torch.tensor([[1.0, 1.0]], dtype=torch.float64),
                                    torch.linspace(0, 10, 101, dtype=torch.float64), 1e-8, 1e-10),
    "conv block 64x6x6, batch 128": lambda: (ConvBlock(), torch.randn(128, 64, 6, 6), torch.tensor([0.0, 1.0]), 1e-3, 1e-3),
}


def shortest(work, seconds):
    best, begin, n = float("inf"), time.perf_counter(), 0
    work()
    while n < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        work()
        best, n = min(best, time.perf_counter() - start), n + 1
    return best


class Counted(torch.nn.Module):
    def __init__(self, field):
        super().__init__()
        self.field, self.evaluations = field, 0

    def forward(self, t, y):
        self.evaluations += 1
        return self.field(t, y)


def peer(field, y0, times, rtol, atol, mode, seconds):
    counted = Counted(field)
    options = dict(rtol=rtol, atol=atol, method="dopri5")

    def forward():
        counted.evaluations = 0
        with torch.no_grad():
            torchdiffeq.odeint(counted, y0, times, **options)

    def backward(odeint):
        counted.evaluations = 0
        start = y0.clone().requires_grad_()
        for parameter in field.parameters():
            parameter.grad = None
        odeint(counted, start, times, **options).sum().backward()

    work = {"forward": forward, "direct": lambda: backward(torchdiffeq.odeint),
            "adjoint": lambda: backward(torchdiffeq.odeint_adjoint)}[mode]
    return {"seconds": shortest(work, seconds), "evaluations": counted.evaluations}


def odeon(build, folder, field, y0, times, rtol, atol, mode, threads, seconds):
    section = dict(field.section)
    if field.names:
        weights = {}
        for name, value in field.named_parameters():
            prefix = next(p for p in field.names if name.startswith(p))
            weights[field.names[prefix] + name[len(prefix):]] = value.detach().contiguous()
        safetensors.torch.save_file(weights, folder / "weights.safetensors")
        section["weights"] = {"file": str(folder / "weights.safetensors")}
    numpy.save(folder / "y0.npy", y0.numpy())
    numpy.save(folder / "t.npy", times.numpy().astype("float64"))
    config = {"odeon": 1, "task": "solve" if mode == "forward" else "gradient",
              "precision": str(y0.dtype).split(".")[1], "backend": {"plugin": "cpu", "threads": threads},
              "field": section, "initial": {"file": str(folder / "y0.npy")}, "times": {"file": str(folder / "t.npy")},
              "solver": {"plugin": "dopri5", "rtol": rtol, "atol": atol}}
    if mode != "forward":
        config["gradient"] = mode
    (folder / "bench.yaml").write_text(json.dumps(config, indent=1))
    command = [build / "bin" / "odeon_bench", folder / "bench.yaml", "forward" if mode == "forward" else "backward", str(seconds)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each figure")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__.split('+')[0]}, torchdiffeq {torchdiffeq.__version__}; milliseconds; ratio = torch / odeon")
    print(f"{'case':<30}{'pass':<10}{'threads':>8}{'odeon':>10}{'torch':>10}{'ratio':>8}   evaluations odeon / torch, tape KiB")
    with tempfile.TemporaryDirectory() as folder:
        for name, make in CASES.items():
            if arguments.only not in name:
                continue
            problem = make()
            for threads in (1, 2):
                torch.set_num_threads(threads)
                for mode in ("forward", "direct", "adjoint"):
                    ours = odeon(arguments.build, pathlib.Path(folder), *problem, mode, threads, arguments.seconds)
                    theirs = peer(*problem, mode, arguments.seconds)
                    print(f"{name:<30}{mode:<10}{threads:>8}{1e3 * ours['seconds']:>10.3f}{1e3 * theirs['seconds']:>10.3f}"
                          f"{theirs['seconds'] / ours['seconds']:>8.1f}   {ours['evaluations']} / {theirs['evaluations']},"
                          f" {ours['tape_bytes'] / 1024:.1f}")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
