"""What callers give as numbers, as contiguous float64 arrays of the right shape."""

from __future__ import annotations

import numpy as np


def real(value, what: str) -> np.ndarray:
    """Any real array-like, converted; the same array where nothing is to be done. what: begins the message."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # of nested lists
        raise ValueError(f"{what} must be an array of real numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} must hold real numbers; found an array of dtype {array.dtype}")
    return np.asarray(array, dtype=np.float64, order="C")


def of_shape(value, shape: tuple[int, ...], what: str) -> np.ndarray:
    array = real(value, what)
    if array.shape != shape:
        raise ValueError(f"{what} must have the shape {shape}; found {array.shape}")
    return array


def time_axis(value) -> np.ndarray:
    array = real(value, "'times'")
    if array.ndim != 1:
        raise ValueError(f"'times' must have one axis; found the shape {array.shape}")
    return array


def rows(value, state_shape: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Initial states of one row, or of a batch of them, and how many they are."""
    array = real(value, "'initial'")
    if array.shape == state_shape:
        return array, 1
    if array.ndim == len(state_shape) + 1 and array.shape[1:] == state_shape and array.shape[0] > 0:
        return array, array.shape[0]
    batch = "(batch, " + ", ".join(map(str, state_shape)) + ")" if state_shape else "(batch,)"
    raise ValueError(
        f"'initial' must have the shape {state_shape} of one state or {batch} of several; found {array.shape}"
    )


def parts(flat: np.ndarray, slots) -> dict[str, np.ndarray]:
    """A flat θ as views by name."""
    out, at = {}, 0
    for name, shape in slots:
        size = int(np.prod(shape, dtype=np.int64))
        out[name] = flat[at : at + size].reshape(shape)
        at += size
    return out
