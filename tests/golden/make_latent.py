"""Writes latent.json: recurrent cells over a sequence, and the loss of a latent ODE on a few series, with gradients by
backpropagation.

    python tests/golden/make_latent.py
"""
import json
import math
import pathlib

import torch
import torchdiffeq

torch.set_default_dtype(torch.float64)
VERSIONS = {"torch": torch.__version__.split("+")[0], "torchdiffeq": torchdiffeq.__version__}


def flat(x):
    return [float(v) for v in x.detach().reshape(-1)]


def numbers(*shape, seed):
    """Values without a pattern that a wrong order would keep."""
    return 0.7 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def parameters_of(module, seed):
    """Fills the parameters and returns them with their names, in torch's order."""
    for i, p in enumerate(module.parameters()):
        p.data = numbers(*p.shape, seed=seed + i)
    return dict(module.named_parameters())


def cell_case(kind, cell, steps, rows, width, hidden):
    parameters = parameters_of(cell, 10)
    x, weights = numbers(steps, rows, width, seed=1), numbers(steps, rows, hidden, seed=2)
    h, states = torch.zeros(rows, hidden), []
    for step in x:
        h = cell(step, h)
        states.append(h)
    states = torch.stack(states)
    (states * weights).sum().backward()
    return {"kind": kind, "steps": steps, "rows": rows, "width": width, "hidden": hidden,
            "theta": sum((flat(p) for p in parameters.values()), []), "inputs": flat(x), "states": flat(states),
            "cotangents": flat(weights), "gradient": sum((flat(p.grad) for p in parameters.values()), [])}


def latent_case():
    series, points, width, hidden, latent, noise = 3, 6, 2, 5, 3, 0.4
    times = torch.tensor([0.0, 0.2, 0.3, 0.6, 0.7, 1.0])
    values = numbers(series, points, width, seed=3)
    seen = torch.tensor([[1, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1]], dtype=torch.bool)
    encoder = torch.nn.GRUCell(width + 1, hidden)
    posterior = torch.nn.Linear(hidden, 2 * latent)
    field = torch.nn.Sequential(torch.nn.Linear(latent, 4), torch.nn.ELU(), torch.nn.Linear(4, latent))
    decoder = torch.nn.Sequential(torch.nn.Linear(latent, 4), torch.nn.ReLU(), torch.nn.Linear(4, width))
    parts = {"encoder": encoder, "posterior": posterior, "field": field, "decoder": decoder}
    parameters = {}
    for i, (name, part) in enumerate(parts.items()):
        parameters |= {f"{name}.{k}": p for k, p in parameters_of(part, 20 + 10 * i).items()}

    last = []
    for n in range(series):
        h = torch.zeros(1, hidden)
        chosen = seen[n].nonzero().flatten().tolist()
        for k in reversed(range(len(chosen))):
            gap = times[chosen[k]] - times[chosen[k - 1] if k > 0 else 0]
            h = encoder(torch.cat([values[n, chosen[k]], gap[None]])[None], h)
        last.append(h)
    mean, log_variance = posterior(torch.cat(last)).chunk(2, dim=1)
    epsilon = numbers(series, latent, seed=4)
    z0 = mean + epsilon * torch.exp(0.5 * log_variance)
    # One step between neighbouring times.
    z = torchdiffeq.odeint(lambda t, y: field(y), z0, times, method="midpoint")
    error = (decoder(z).transpose(0, 1) - values)[seen]
    log_likelihood = torch.distributions.Normal(0.0, noise).log_prob(error).sum()
    q = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum()
    loss = (kl - log_likelihood) / series
    loss.backward()
    table = values.clone()
    table[~seen] = math.nan
    return {"series": series, "points": points, "width": width, "hidden": hidden, "latent": latent, "noise": noise,
            "times": flat(times), "values": [None if math.isnan(v) else v for v in flat(table)],
            "epsilon": flat(epsilon), "parameters": {k: flat(p) for k, p in parameters.items()},
            "loss": float(loss.detach()), "kl": float(kl.detach()) / series,
            "gradient": {k: flat(p.grad) for k, p in parameters.items()}}


cells = [cell_case("rnn", torch.nn.RNNCell(3, 4), 3, 2, 3, 4), cell_case("gru", torch.nn.GRUCell(3, 4), 3, 2, 3, 4)]
out = {"versions": VERSIONS, "cells": cells, "latent": latent_case()}
pathlib.Path(__file__).with_name("latent.json").write_text(json.dumps(out) + "\n")
