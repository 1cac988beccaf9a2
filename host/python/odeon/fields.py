"""Python functions as vector fields and events, checked at every call."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import of_shape, parts, real


def shape_of(value, what: str) -> tuple[int, ...]:
    """A number, or several of them, as a shape."""
    try:
        return (operator.index(value),) if not np.iterable(value) else tuple(map(operator.index, value))
    except TypeError:
        raise TypeError(f"{what} must be a whole number or a list of them; found {value!r}") from None


def named_values(parameters: Mapping | None) -> list[tuple[str, np.ndarray]]:
    if parameters is None:
        return []
    if not isinstance(parameters, Mapping):
        raise TypeError(f"'parameters' must be a dict of arrays by name; found {type(parameters).__name__}")
    return [(name, real(value, f"'parameters[{name}]'")) for name, value in parameters.items()]


class Callables:
    """f and vjp of users between arrays and checked arrays. `theta` is one flat array that changes rarely."""

    def __init__(self, id: str, f: Callable, vjp: Callable | None, state_shape, parameters):
        for name, function in (("f", f), ("vjp", vjp)):
            if function is not None and not callable(function):
                raise TypeError(f"'{name}' of field '{id}' must be callable; found {type(function).__name__}")
        self._id, self._f = id, f
        self._vjp: Any = vjp
        self._state_shape = state_shape
        self._slots = [(name, array.shape) for name, array in parameters]
        self._theta: tuple = (None, {})

    def _named(self, flat: np.ndarray) -> tuple:
        """The arguments that follow t and y: θ by name, if the field has parameters."""
        if not self._slots:
            return ()
        if self._theta[0] is not flat:
            self._theta = (flat, parts(flat, self._slots))
        return (self._theta[1],)

    def f(self, t: float, y: np.ndarray, flat: np.ndarray) -> np.ndarray:
        shape = y.shape
        return of_shape(self._f(t, y, *self._named(flat)), shape, f"dydt of field '{self._id}'")

    def vjp(self, t: float, y: np.ndarray, flat: np.ndarray, v: np.ndarray) -> tuple:
        shape = y.shape
        products = self._vjp(t, y, *self._named(flat), v)
        names = "(gt, gy, gtheta)" if self._slots else "(gt, gy)"
        if not isinstance(products, tuple) or len(products) != (3 if self._slots else 2):
            raise TypeError(f"vjp of field '{self._id}' must return the tuple {names}; found {_described(products)}")
        gt = self._product(products[0], shape[:1], "gt")
        gy = self._product(products[1], shape, "gy")
        return gt, gy, self._flat_product(products[2]) if self._slots else np.empty(0)

    def _product(self, value, shape, what: str) -> np.ndarray:
        if value is None:
            return np.zeros(shape)
        return of_shape(value, shape, f"{what} of field '{self._id}'")

    def _flat_product(self, value) -> np.ndarray:
        names = [name for name, _ in self._slots]
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise TypeError(f"gtheta of field '{self._id}' must be a dict by name; found {_described(value)}")
        unknown = [name for name in value if name not in names]
        if unknown:
            raise ValueError(
                f"gtheta of field '{self._id}' names {unknown[0]!r}; its parameters are {', '.join(names)}"
            )
        products = [self._product(value.get(name), shape, f"gtheta['{name}']") for name, shape in self._slots]
        return np.concatenate([p.ravel() for p in products])


def _described(value) -> str:
    return f"a tuple of {len(value)}" if isinstance(value, tuple) else type(value).__name__


DIRECTIONS = ("any", "rising", "falling")


@dataclass(frozen=True)
class Event:
    """What happens where a function of time and state reaches or crosses zero along a solution.

    Attributes:
        name: how `Solution.events` and `Solution.ended_by` call it.
        when: ``when(t, y) -> float`` of one row's state, shaped as the field's state.
        direction: which crossings count, as the solve runs: "any", "rising" or "falling".
        terminal: it ends the solve of the row.
        reset: ``reset(t, y) -> y``, the state behind the event; the solve begins anew there.
        tolerance: of its time; 0: as close as time can resolve.
        max_count: more of them in one row are a failure.
    """

    name: str
    when: Callable
    direction: str = "any"
    terminal: bool = False
    reset: Callable | None = None
    tolerance: float = 0.0
    max_count: int = 100_000

    def __post_init__(self):
        if self.direction not in DIRECTIONS:
            raise ValueError(
                f"direction of event '{self.name}' must be one of {', '.join(DIRECTIONS)}; found {self.direction!r}"
            )
        for what in ("when", "reset"):
            function = getattr(self, what)
            if not callable(function) and not (what == "reset" and function is None):
                raise TypeError(f"'{what}' of event '{self.name}' must be callable; found {type(function).__name__}")

    def _raw(self, state_shape: Callable[[], tuple[int, ...]]) -> tuple:
        def when(t, y):
            return float(self.when(t, y.reshape(state_shape())))

        def reset(t, y):
            shape = state_shape()
            return of_shape(self.reset(t, y.reshape(shape)), shape, f"the state behind event '{self.name}'")

        return (
            self.name,
            when,
            None if self.reset is None else reset,
            self.direction,
            self.terminal,
            float(self.tolerance),
            self.max_count,
        )
