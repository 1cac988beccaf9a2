"""Parts of a configuration as the host library reads them: YAML, of which JSON is a part."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping

import numpy as np


def text(value: str | Mapping | os.PathLike, what: str) -> str:
    """An id or YAML as it stands; a mapping as flow text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return flow(value, what)
    raise TypeError(
        f"'{what}' must be an id, YAML text or a dict such as {{'plugin': 'dopri5', 'rtol': 1e-8}}; "
        f"found {type(value).__name__}"
    )


def flow(value, what: str) -> str:
    """One line of YAML that says the same as `value`."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"'{what}': keys must be strings; found {key!r}")
        return "{" + ", ".join(f"{quoted(k)}: {flow(v, f'{what}.{k}')}" for k, v in value.items()) + "}"
    if isinstance(value, (np.ndarray, np.generic)):
        return flow(value.tolist(), what)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(v, what) for v in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (str, os.PathLike)):
        return quoted(os.fspath(value))
    raise TypeError(f"'{what}': a configuration holds no {type(value).__name__}")


def number(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return repr(value)


def quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
