"""A field, a solver and a backend put together."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from . import _core
from .arrays import of_shape, parts, rows, time_axis
from .configuration import text
from .dense import DenseSolution
from .results import Counters, Failure, Gradients, HessianProduct, Solution, events, failure

_NOTHING = np.empty(0)


@dataclass(frozen=True, eq=False)
class Direction:
    """v of a Hessian-vector product; a part that is None is zero.

    Attributes:
        initial: shaped as `initial`.
        parameters: by name; names that are left out are zero.
        cotangents: how dL/dstates changes along v, for losses that are not linear; shaped as `cotangents`.
    """

    initial: np.ndarray | None = None
    parameters: Mapping | None = None
    cotangents: np.ndarray | None = None


class Problem:
    """Solves and differentiates one system as often as asked; made by `Session.problem`.

    `initial` is one state, shaped as the field's state, or a batch of them with one more axis in front. `times` has
    one axis, increases or decreases strictly, and begins with the time of `initial`. Arrays may have any real dtype;
    results are float64 and belong to nobody else.

    An integration that gives up is a value (`Solution.failure`). Arrays of a wrong shape raise ValueError, of a dtype
    that is not real TypeError; everything else that is wrong raises `odeon.Error`. What a field or an event written in
    Python raises comes out as it is. Solves run without the GIL; calls of one problem from several threads wait for
    each other, those of different problems run in parallel. Ctrl-C ends a solve and raises KeyboardInterrupt.
    """

    def __init__(self, raw: _core.Problem):
        self._raw = raw

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {list(shape)}" for name, shape in self._raw.parameters())
        return f"<odeon.Problem: state_shape={self.state_shape}, parameters: {sizes or 'none'}>"

    @property
    def state_shape(self) -> tuple[int, ...]:
        """Of one row."""
        return tuple(self._raw.state_shape)

    @property
    def parameters(self) -> Mapping[str, np.ndarray]:
        """θ by name, as copies that cannot be written. Assign a dict to set those that it names.

        Unknown names raise KeyError, wrong shapes ValueError.
        """
        theta = self._raw.parameter_values()
        theta.setflags(write=False)
        return MappingProxyType(parts(theta, self._raw.parameters()))

    @parameters.setter
    def parameters(self, values: Mapping) -> None:
        self._raw.set_parameter_values(self._flat(values, self._raw.parameter_values(), "parameters"))

    def solve(self, times, initial) -> Solution:
        """The states at `times`."""
        initial, batch = rows(initial, self.state_shape)
        return _solution(self._raw.solve(time_axis(times), initial, batch), initial)

    def solve_dense(self, times, initial) -> DenseSolution:
        """The same solve as a function of time. Raises odeon.Error where the integration fails."""
        initial, batch = rows(initial, self.state_shape)
        raw = self._raw.solve_dense(time_axis(times), initial, batch)
        return DenseSolution(raw, single=initial.shape == self.state_shape)

    def gradient(self, strategy, times, initial, cotangents) -> Gradients:
        """States, and dL/dy0, dL/dθ and dL/dt of a loss L.

        Args:
            strategy: a gradient component: an id such as "direct" or "adjoint", YAML, or a dict with options.
            cotangents: dL/dstates, [times, *initial.shape].
        """
        times, initial, batch, cotangents = self._loss(times, initial, cotangents)
        raw = self._raw.gradient(text(strategy, "strategy"), times, initial, cotangents, batch)
        return self._gradients(raw, initial)

    def begin_gradient(self, strategy, times, initial) -> GradientPass:
        """The same in two steps, for a loss that is computed from the states: solves now, goes back when asked."""
        times = time_axis(times)
        initial, batch = rows(initial, self.state_shape)
        return GradientPass(self, self._raw.begin_gradient(text(strategy, "strategy"), times, initial, batch), initial)

    def hessian_product(self, strategy, times, initial, cotangents, direction: Direction) -> HessianProduct:
        """The Hessian of a loss times a direction. The field must be a graph, as those of plugins are.

        Args:
            strategy, cotangents: as of `gradient`.
            direction: v.
        """
        times, initial, batch, cotangents = self._loss(times, initial, cotangents)
        v = direction
        raw = self._raw.hessian_product(
            text(strategy, "strategy"),
            times,
            initial,
            cotangents,
            _NOTHING if v.initial is None else of_shape(v.initial, initial.shape, "'direction.initial'"),
            _NOTHING if v.parameters is None else self._flat(v.parameters, None, "direction.parameters"),
            _NOTHING if v.cotangents is None else of_shape(v.cotangents, cotangents.shape, "'direction.cotangents'"),
            batch,
        )
        whole = raw["failure"] is None
        return HessianProduct(
            states=_like(raw["states"], initial) if whole else None,
            loss=raw["loss"] if whole else None,
            **self._products(raw, initial),
        )

    def _loss(self, times, initial, cotangents):
        times = time_axis(times)
        initial, batch = rows(initial, self.state_shape)
        return times, initial, batch, of_shape(cotangents, times.shape + initial.shape, "'cotangents'")

    def _gradients(self, raw: dict, initial: np.ndarray) -> Gradients:
        return Gradients(states=_like(raw["states"], initial), **self._products(raw, initial))

    def _products(self, raw: dict, initial: np.ndarray) -> dict:
        whole = raw["failure"] is None
        return dict(
            initial=raw["initial"].reshape(initial.shape) if whole else None,
            parameters=parts(raw["parameters"], self._raw.parameters()) if whole else None,
            times=raw["times"] if whole else None,
            forward=Counters(**raw["forward"]),
            backward=Counters(**raw["backward"]),
            tape_peak_bytes=raw["tape_peak_bytes"],
            failure=failure(raw["failure"]),
        )

    def _flat(self, values: Mapping, start: np.ndarray | None, what: str) -> np.ndarray:
        """`start`, or zeros, with the parts that `values` names."""
        if not isinstance(values, Mapping):
            raise TypeError(f"'{what}' must be a dict of arrays by name; found {type(values).__name__}")
        slots = self._raw.parameters()
        flat = np.zeros(sum(int(np.prod(s, dtype=np.int64)) for _, s in slots)) if start is None else start
        named = parts(flat, slots)
        for name, value in values.items():
            if name not in named:
                raise KeyError(_unknown(name, named, what))
            named[name][...] = of_shape(value, named[name].shape, f"'{what}[{name}]'")
        return flat


class GradientPass:
    """A solve whose gradient follows when the loss is known; made by `Problem.begin_gradient`.

    It has θ as it was then: neither later parameters nor other solves of the problem change it. It holds what the
    strategy keeps between its two passes.

    Attributes:
        solution: as of `Problem.solve`.
    """

    def __init__(self, problem: Problem, raw: _core.GradientPass, initial: np.ndarray):
        self._problem, self._raw, self._initial = problem, raw, initial
        self.solution = _solution(raw.solution(), initial)

    def backward(self, cotangents) -> Gradients:
        """The gradients of a loss, of another one each time; raises odeon.Error where the solve failed.

        Args:
            cotangents: dL/dstates, shaped as `solution.states`.
        """
        cotangents = of_shape(cotangents, self.solution.states.shape, "'cotangents'")
        return self._problem._gradients(self._raw.backward(cotangents), self._initial)


def _solution(raw: dict, initial: np.ndarray) -> Solution:
    return Solution(
        states=_like(raw["states"], initial),
        events=events(raw["events"]),
        ended_by=raw["ended_by"],
        counters=Counters(**raw["counters"]),
        failure=failure(raw["failure"]),
        row_failures=[Failure(**f) for f in raw["row_failures"]],
    )


def _like(states: np.ndarray, initial: np.ndarray) -> np.ndarray:
    return states.reshape(states.shape[:1] + initial.shape)


def _unknown(name, named: Mapping, what: str) -> str:
    near = difflib.get_close_matches(str(name), named, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return f"'{what}' has no '{name}'{hint} Names: {', '.join(named) or 'none'}."
