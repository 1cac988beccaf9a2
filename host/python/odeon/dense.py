"""A solution as a function of time."""

from __future__ import annotations

import os

import numpy as np

from . import _core
from .arrays import real


class DenseSolution:
    """A solution as a function of time, evaluated without the field.

    Made by `Problem.solve_dense`, or read from the dense.safetensors of a run with ``output: {dense: true}``.
    """

    def __init__(self, raw: _core.DenseSolution, single: bool):
        self._raw, self._single = raw, single

    @staticmethod
    def read(path: str | os.PathLike) -> DenseSolution:
        """From a file. Raises odeon.Error naming the file and what is wrong with it."""
        return DenseSolution(_core.DenseSolution.read(os.fspath(path)), single=False)

    def write(self, path: str | os.PathLike) -> None:
        """As dense.safetensors, which `odeon interpolate` reads, too."""
        self._raw.write(os.fspath(path))

    def at(self, t) -> np.ndarray:
        """The states at t: [*t.shape, *initial.shape], float64; of a file [*t.shape, batch, *state_shape].

        Raises odeon.Error where the solution does not cover t.
        """
        times = real(t, "'t'")
        states = self._raw.at(times)
        return states.reshape(times.shape + (states.shape[2:] if self._single else states.shape[1:]))

    __call__ = at

    @property
    def start(self) -> float:
        """Where every row begins, in the direction of the solve."""
        return self._raw.start

    @property
    def stop(self) -> float:
        """Up to where every row is covered: the last time, or the end of the step that went over it."""
        return self._raw.stop

    @property
    def degree(self) -> int:
        """Of the polynomial of each step."""
        return self._raw.degree

    @property
    def batch(self) -> int:
        """How many rows it has."""
        return self._raw.batch

    @property
    def state_shape(self) -> tuple[int, ...]:
        """Of one row."""
        return tuple(self._raw.state_shape)
