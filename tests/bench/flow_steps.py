"""Milliseconds of a step of training of configs/two_moons.yaml, beside PyTorch + torchdiffeq: the same network, batch,
tolerances, regularisers and optimizer.

    python tests/bench/flow_steps.py BUILD_DIR [EPOCHS]
"""
import csv
import math
import pathlib
import subprocess
import sys
import tempfile
import time

import torch
import torchdiffeq

ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/golden"))
import flows  # noqa: E402  sets float64
import problems as p  # noqa: E402

ROWS, BATCH, WEIGHT, TOLERANCE, RATE = 4500, 125, 0.1, 1e-4, 5e-3  # as the configuration says


def odeon(build, epochs, trace):
    with tempfile.TemporaryDirectory() as out:
        sets = [f"train.epochs={epochs}", f"flow.trace={trace}", "data.held_out=500", "flow.samples=0"]
        subprocess.run([f"{build}/bin/odeon", "run", ROOT / "configs/two_moons.yaml", "--quiet", "--output", out,
                        *(a for s in sets for a in ("--set", s))], check=True)
        rows = list(csv.DictReader(open(f"{out}/history.csv")))
    steps = math.ceil(ROWS / BATCH)
    return [1000 * float(r["seconds"]) / steps for r in rows], float(rows[-1]["evaluations_per_batch"])


def peer(epochs, trace):
    torch.manual_seed(1)
    tanh = ("tanh", torch.tanh)
    field = p.Network("", True, [("", torch.nn.Linear(3, 64)), tanh, ("", torch.nn.Linear(65, 64)), tanh,
                                 ("", torch.nn.Linear(65, 2))]).float()
    optimizer = torch.optim.Adam(field.parameters(), RATE)
    angle, upper = math.pi * torch.rand(ROWS), torch.rand(ROWS) < 0.5
    x, y = torch.cos(angle), torch.sin(angle)
    data = torch.stack([torch.where(upper, x, 1 - x), torch.where(upper, y, 0.5 - y)], 1) + 0.1 * torch.randn(ROWS, 2)
    times, evaluations = [], 0
    for _ in range(epochs):
        begin, evaluations, batches = time.perf_counter(), 0, torch.randperm(ROWS).split(BATCH)
        for which in batches:
            rows = data[which].float()
            probe = None if trace == "exact" else torch.sign(torch.randn(len(rows), 2)).float()
            carried = flows.Carried(field, probe)
            count = carried.register_forward_hook(lambda *_: counted.append(1))
            counted = []
            y0 = torch.cat([rows, torch.zeros(len(rows), 3, dtype=torch.float32)], 1)
            end = torchdiffeq.odeint(carried, y0, torch.tensor([0.0, 1.0]).float(), method="dopri5", rtol=TOLERANCE,
                                     atol=TOLERANCE)[-1]
            loss = (0.5 * (end[:, :2] ** 2).sum(1) + end[:, 2] + WEIGHT * (end[:, 3] + end[:, 4])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            count.remove()
            evaluations += len(counted) / len(batches)
        times.append(1000 * (time.perf_counter() - begin) / len(batches))
    return times, evaluations


if __name__ == "__main__":
    build, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    torch.set_num_threads(2)
    for trace in ("exact", "hutchinson"):
        (ours, n_ours), (theirs, n_theirs) = odeon(build, epochs, trace), peer(epochs, trace)
        print(f"{trace}: Odeon {min(ours):.2f} ms a step ({n_ours:.1f} evaluations in the last epoch), torchdiffeq "
              f"{min(theirs):.2f} ms ({n_theirs:.1f}), {min(theirs) / min(ours):.1f} times as long")
