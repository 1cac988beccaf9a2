"""The cases of flows.json: log-densities, regularisers and the gradient of a flow's loss by PyTorch's autograd through
torchdiffeq's odeint, written without a look at Odeon's graphs."""
import math

import torch
import torchdiffeq

import problems as p

REGULARISE = {"kinetic": 0.3, "jacobian": 0.2}


class Carried(torch.nn.Module):
    """Rows [y, a, kinetic, jacobian]."""

    def __init__(self, field, probe):
        super().__init__()
        self.field, self.probe = field, probe

    def forward(self, t, row):
        d = row.shape[1] - 3
        with torch.enable_grad():
            y = row[:, :d]
            y = y if y.requires_grad else y.requires_grad_()
            dy = self.field(t, y)
            pull = lambda v: torch.autograd.grad(dy, y, v.expand_as(dy), create_graph=True)[0]
            if self.probe is None:
                rows = [pull(e) for e in torch.eye(d, dtype=y.dtype)]
                trace = sum(r[:, i] for i, r in enumerate(rows))
                square = sum((r * r).sum(1) for r in rows)
            else:
                r = pull(self.probe)
                trace, square = (r * self.probe).sum(1), (r * r).sum(1)
            beside = torch.stack([-trace, (dy * dy).sum(1) / d, square / d], 1)
            return torch.cat([dy, beside], 1)


def case(name, field, x, times, probe, solver, options):
    d = x.shape[1]
    y0 = torch.cat([x, torch.zeros(len(x), 3, dtype=x.dtype)], 1)
    end = torchdiffeq.odeint(Carried(field, probe), y0, torch.tensor(times), **options)[-1]
    z, (a, kinetic, jacobian) = end[:, :d], end[:, d:].T
    way = math.copysign(1, times[-1] - times[0])
    log_density = -0.5 * (z * z).sum(1) - 0.5 * d * math.log(2 * math.pi) - a
    kinetic, jacobian = way * kinetic, way * jacobian
    loss = -log_density.mean() + REGULARISE["kinetic"] * kinetic.mean() + REGULARISE["jacobian"] * jacobian.mean()
    theta = field.named_theta()
    gradients = torch.autograd.grad(loss, list(theta.values()))
    flat = lambda v: [float(e) for e in v.detach().reshape(-1)]
    return {"name": name, "field": field.field, "solver": solver, "times": times, "rows": x.tolist(),
            "probe": None if probe is None else probe.tolist(), "regularise": REGULARISE,
            "expected": {"log_density": flat(log_density), "kinetic": flat(kinetic), "jacobian": flat(jacobian),
                         "grad_parameters": {k: flat(g) for k, g in zip(theta, gradients)}}}


def cases():
    solvers = {"rk4": ({"plugin": "rk4", "step_size": 0.125}, {"method": "rk4", "options": {"step_size": 0.125}}),
               "dopri5": ({"plugin": "dopri5", "rtol": 1e-10, "atol": 1e-12},
                          {"method": "dopri5", "rtol": 1e-10, "atol": 1e-12})}
    for method, (solver, options) in solvers.items():
        for name, make, d in (("mlp", p.mlp, 2), ("mlp_time", p.mlp_time, 3)):
            for times in ([0.0, 1.0], [1.0, 0.0]):
                x = p.wave(4, d) * 0.9
                probes = {"exact": None, "signs": torch.sign(p.wave(d, 4).T), "probe": p.wave(4, d).flip(0)}
                for trace, probe in probes.items():
                    way = "forward" if times[1] > times[0] else "backward"
                    yield case(f"{method} {name} {trace} {way}", make(), x, times, probe, solver, options)
