"""Seconds per epoch of trainings on one process against several MPI ranks with the same rows in a step, each on one
thread; and the processor seconds of the whole run, of each process: they tell on a busy machine whether the work is
shared, where the clock shows who else wanted the cores.

    python3 tests/bench/ranks.py BUILD_DIR [RANKS]
"""
import csv
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 128  # of all ranks together
EPOCHS = 8  # the first makes plans and buffers; the shortest counts

CASES = {
    "digits/ode_net.yaml": ["model.4.ode.solver={plugin: rk4, step_size: 0.25}"],
    "two_moons.yaml": ["flow.solver={plugin: rk4, step_size: 0.1}", "flow.samples=0"],
    "latent/latent_ode.yaml": ["latent.solver={plugin: rk4}"],
}


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(program, config, sets, launcher, deployment):
    with tempfile.TemporaryDirectory() as folder:
        command = [*launcher, program, "run", str(ROOT / "configs" / config), "--quiet", "--output", folder]
        for word in [*sets, f"train.epochs={EPOCHS}", "backend={plugin: cpu, threads: 1}", *deployment]:
            command += ["--set", word]
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        before = processor_seconds()
        subprocess.run(command, check=True, env=environment)
        spent = processor_seconds() - before
        with open(pathlib.Path(folder) / "history.csv", newline="") as file:
            rows = list(csv.DictReader(file))
    return min(float(row["seconds"]) for row in rows), spent


def main():
    program = str(pathlib.Path(sys.argv[1]) / "bin" / "odeon")
    ranks = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    print(f"{os.cpu_count()} cores; seconds of the shortest of {EPOCHS} epochs; {BATCH} rows in a step")
    print(f"{'configuration':24} {'1 process':>10} {f'{ranks} ranks':>10} {'speed-up':>9}   processor seconds of each")
    for config, sets in CASES.items():
        one, spent = seconds(program, config, sets, [], [f"train.batch={BATCH}"])
        several, spent_by_all = seconds(program, config, sets, ["mpirun", "-n", str(ranks)],
                                        [f"train.batch={BATCH // ranks}", "communicator=mpi"])
        print(f"{config:24} {one:10.3f} {several:10.3f} {one / several:9.2f}   {spent:.2f} and {spent_by_all / ranks:.2f}")


if __name__ == "__main__":
    main()
