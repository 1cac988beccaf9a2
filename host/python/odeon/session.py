"""The installed components, and what can be done with them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from . import _core
from .configuration import flow, text
from .fields import Callables, Event, named_values, shape_of
from .problem import Problem
from .results import RunReport, events as event_records, failure


@dataclass(frozen=True)
class ComponentInfo:
    """An installed component. path: of its file; "" for fields of this program."""

    kind: str
    id: str
    version: str
    title: str
    path: str


class Session:
    """Finds and loads plugins, and makes problems and runs experiments with them.

    Args:
        plugin_roots: absolute folders, searched first.
        built_in_roots: also the plugins beside the library and those of ODEON_PLUGIN_PATH.
        lock_file: given: only files whose SHA-256 stands in it are loaded (``odeon plugins --lock FILE``).
        log: ``log(level, text)`` with level "debug", "info", "warning" or "error". Of the whole process: the last
            session that sets it gets every line. Called in any thread; must not call Odeon.

    Raises odeon.Error where the policy or a root is broken; single files that were refused are in `refusals`. Calls
    from several threads wait for each other.
    """

    def __init__(
        self,
        plugin_roots: Iterable[str | os.PathLike] = (),
        built_in_roots: bool = True,
        lock_file: str | os.PathLike = "",
        log: Callable[[str, str], None] | None = None,
    ):
        if log is not None and not callable(log):
            raise TypeError(f"'log' must be callable; found {type(log).__name__}")
        self._raw = _core.Session(_paths(plugin_roots, "plugin_roots"), built_in_roots, os.fspath(lock_file), log)

    def components(self) -> list[ComponentInfo]:
        """What is installed."""
        return [ComponentInfo(*c) for c in self._raw.components()]

    def refusals(self) -> list[str]:
        """Files that were not loaded, with the reason and the remedy."""
        return self._raw.refusals()

    def add_field(
        self,
        id: str,
        f: Callable,
        *,
        state_shape: int | Iterable[int],
        parameters: Mapping | None = None,
        vjp: Callable | None = None,
    ) -> None:
        """Adds a vector field of this program, for configurations and `problem` by its id.

        Args:
            id: [a-z][a-z0-9_]*.
            f: ``f(t, y) -> dydt`` over rows, y and dydt [rows, *state_shape], t a float. With `parameters`
                ``f(t, y, theta) -> dydt``, theta a dict of arrays by name. With ``stepping: per_row`` a call has the
                rows that are at the same time.
            state_shape: of one row.
            parameters: what θ starts with, by name; may be trained and set as those of any field.
            vjp: ``vjp(t, y, v) -> (gt, gy)``, with parameters ``vjp(t, y, theta, v) -> (gt, gy, gtheta)``: v times
                the Jacobian of f by each of its arguments. gt [rows], gy shaped as y, gtheta a dict by name, summed
                over rows. None, or a name that is left out: zero. Without it only gradient strategies work that
                need no derivative products (``finite_difference``).

        Both get arrays of their own, always float64, except that those in theta cannot be written. An exception
        that they raise comes out of the call that solves. Raises odeon.Error for an id that is taken or none.
        """
        values = named_values(parameters)
        shape = shape_of(state_shape, f"'state_shape' of field '{id}'")
        calls = Callables(id, f, vjp, shape, values)
        self._raw.add_field(id, shape, values, calls.f, None if vjp is None else calls.vjp)

    def problem(
        self,
        field: str | Mapping,
        solver: str | Mapping,
        backend: str | Mapping = "auto",
        precision="float64",
        *,
        seed: int = 0,
        state_shape: int | Iterable[int] = (),
        events: Iterable[Event] = (),
    ) -> Problem:
        """Puts a field, a solver and a backend together.

        Args:
            field, solver, backend: each an id ("dopri5"), YAML ("{plugin: dopri5, rtol: 1.0e-8}") or a dict that says
                the same ({"plugin": "dopri5", "rtol": 1e-8}). ``odeon describe KIND/ID`` has the options.
            precision: "float64" or "float32", of the computation; arrays come and go as float64.
            seed: of parameters that start at random.
            state_shape: of one row, for fields that leave it open (``neural``).
            events: beside those that the field brings.

        Raises odeon.Error for whatever is wrong with a component or its options.
        """
        name = str(precision) if isinstance(precision, str) else np.dtype(precision).name
        if name not in ("float32", "float64"):
            raise ValueError(f"'precision' must be 'float32' or 'float64'; found {precision!r}")
        if not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise ValueError(f"'seed' must be a whole number from 0 to 2**64 - 1; found {seed!r}")
        for event in (events := tuple(events)):
            if not isinstance(event, Event):
                raise TypeError(f"'events' must be a list of odeon.Event; found {type(event).__name__}")
        made: list[Problem] = []
        raw = self._raw.problem(
            text(field, "field"),
            text(solver, "solver"),
            text(backend, "backend"),
            name == "float32",
            int(seed),
            shape_of(state_shape, "'state_shape'"),
            [e._raw(lambda: made[0].state_shape) for e in events],
        )
        made.append(Problem(raw))
        return made[0]

    def run_file(
        self,
        path: str | os.PathLike,
        with_: Iterable[str | os.PathLike] = (),
        sets: Iterable[str] | Mapping = (),
        output: str | os.PathLike = "",
    ) -> RunReport:
        """Runs a whole experiment, of any task, as ``odeon run`` does.

        Args:
            path: of its YAML file.
            with_: files that are merged over it, as ``--with``.
            sets: "solver.rtol=1e-8", …, as ``--set``; or a dict {"solver.rtol": 1e-8}.
            output: folder for what the run writes, over its ``output.directory``.

        Raises odeon.Error with file, line and column for mistakes in the configuration.
        """
        return self._run(os.fspath(path), False, with_, sets, output)

    def run_text(
        self,
        config: str | Mapping,
        with_: Iterable[str | os.PathLike] = (),
        sets: Iterable[str] | Mapping = (),
        output: str | os.PathLike = "",
    ) -> RunReport:
        """The same for a configuration that is YAML text or a dict."""
        return self._run(text(config, "config"), True, with_, sets, output)

    def _run(self, config: str, is_text: bool, with_, sets, output) -> RunReport:
        if isinstance(sets, Mapping):
            sets = [f"{key}={flow(value, key)}" for key, value in sets.items()]
        elif isinstance(sets, str):
            raise TypeError("'sets' must be a list of texts or a dict; found one text: put it into a list")
        raw = self._raw.run(config, is_text, _paths(with_, "with_"), list(sets), os.fspath(output))
        return RunReport(
            record=json.loads(raw["record"]),
            summary=raw["summary"],
            arrays=raw["arrays"],
            events=event_records(raw["events"]),
            failure=failure(raw["failure"]),
        )


def _paths(values, what: str) -> list[str]:
    if isinstance(values, (str, os.PathLike)):
        raise TypeError(f"'{what}' must be a list of paths; found one path: put it into a list")
    return [os.fspath(v) for v in values]
