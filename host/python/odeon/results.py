"""What a solve or a gradient gives back. Plain values: they outlive the problem that made them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counters:
    """What a solve costs. With joint steps one evaluation is one call for the whole batch.

    Attributes:
        evaluations: of f; of additive methods those of its implicit half.
        explicit_evaluations: of the explicit half of additive methods.
        vjps, jvps: derivative products of f.
        accepted, rejected: steps.
        jacobians, factorizations, linear_solves: of implicit methods.
    """

    evaluations: int
    explicit_evaluations: int
    vjps: int
    jvps: int
    accepted: int
    rejected: int
    jacobians: int
    factorizations: int
    linear_solves: int


@dataclass(frozen=True)
class Failure:
    """Why an integration gave up.

    Attributes:
        reason: "step-size underflow", "non-finite values", "max_steps", "cancelled", …
        remedy: what to do about it.
        t, h, error: the last good time, the step tried there and its scaled error norm.
        steps: taken until then.
        row: of the batch; where all step together, the one that the others wait for. None where it is not known.
    """

    reason: str
    remedy: str
    t: float
    h: float
    error: float
    steps: int
    row: int | None


@dataclass(frozen=True, eq=False)
class EventRecord:
    """An event that happened: in which row, which one, when, and the flat state before and after it."""

    row: int
    name: str
    t: float
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, eq=False)
class Solution:
    """States at the times that were asked for.

    Attributes:
        states: [times, *initial.shape], float64; NaN at times that were not reached.
        events: by row, then in the order in which they happened.
        ended_by: of each row the terminal event that ended it; "" where none did.
        counters: what it cost.
        failure: None, or why the integration gave up.
        row_failures: with ``stepping: per_row``; the states of the other rows are whole.
    """

    states: np.ndarray
    events: list[EventRecord]
    ended_by: list[str]
    counters: Counters
    failure: Failure | None
    row_failures: list[Failure]

    @property
    def ok(self) -> bool:
        return self.failure is None


@dataclass(frozen=True, eq=False)
class Gradients:
    """States and the gradients of a loss L whose dL/dstates was given.

    Attributes:
        states: [times, *initial.shape].
        initial: dL/dy0, shaped as `initial`.
        parameters: dL/dθ by name, each shaped as its parameter.
        times: dL/dt of every time.
        forward, backward: what each pass cost.
        tape_peak_bytes: memory kept between them.
        failure: None, or why an integration gave up; then `initial`, `parameters` and `times` are None.
    """

    states: np.ndarray
    initial: np.ndarray | None
    parameters: dict[str, np.ndarray] | None
    times: np.ndarray | None
    forward: Counters
    backward: Counters
    tape_peak_bytes: int
    failure: Failure | None

    @property
    def ok(self) -> bool:
        return self.failure is None


@dataclass(frozen=True, eq=False)
class HessianProduct:
    """The Hessian H of a loss times a direction v.

    Attributes:
        initial, parameters: H v, shaped as the gradients.
        times: the mixed second derivative of every time with v.
        loss: the derivative of the loss along v.
        states: the derivative of the states along v.
        forward, backward, tape_peak_bytes: the cost, of the states and their tangents as one system.
        failure: None, or why an integration gave up; then everything above it but the cost is None.
    """

    states: np.ndarray | None
    initial: np.ndarray | None
    parameters: dict[str, np.ndarray] | None
    times: np.ndarray | None
    loss: float | None
    forward: Counters
    backward: Counters
    tape_peak_bytes: int
    failure: Failure | None

    @property
    def ok(self) -> bool:
        return self.failure is None


@dataclass(frozen=True, eq=False)
class RunReport:
    """What an experiment leaves.

    Attributes:
        record: the contents of record.json: the resolved configuration, components, counters, metrics.
        summary: text for people.
        arrays: what a run writes, by file name: ``arrays["states.npy"]``, ``arrays["weights.safetensors:1.weight"]``.
        events: of ``task: solve``.
        failure: None, or why the integration gave up.
    """

    record: dict
    summary: str
    arrays: dict[str, np.ndarray]
    events: list[EventRecord]
    failure: Failure | None

    @property
    def ok(self) -> bool:
        return self.failure is None


def failure(raw: dict | None) -> Failure | None:
    return None if raw is None else Failure(**raw)


def events(raw: list[dict]) -> list[EventRecord]:
    return [EventRecord(**e) for e in raw]
