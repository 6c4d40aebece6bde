"""Telling two observations apart, and the message that says where they part."""

from dataclasses import dataclass

import numpy as np

from unified.testing.observation import Observation

__all__ = ["Difference", "ParityError", "compare_arrays", "compare_structure", "layer_report"]

Tolerance = tuple[float, float] | None  # rtol and atol; None asks for equal bits


class ParityError(AssertionError):
    """Two frameworks computed a model differently."""


@dataclass
class Difference:
    """Two arrays of one name that differ."""

    what: str
    name: str
    expected: np.ndarray
    found: np.ndarray
    tolerance: Tolerance

    def __str__(self) -> str:
        if self.expected.shape != self.found.shape or self.expected.dtype != self.found.dtype:
            left, right = (f"{a.dtype}{list(a.shape)}" for a in (self.expected, self.found))
            return f"{self.what} {self.name!r}: {left} and {right}"
        gap, place = _largest_gap(self.expected, self.found)
        return f"{self.what} {self.name!r}: {gap:.3g} apart at {list(place)}"


@dataclass
class Divergence:
    """Where two runs first part: the number of layers before, what to say, and the two values if there are two."""

    index: int
    headline: str
    expected: np.ndarray | None = None
    found: np.ndarray | None = None


def compare_structure(names: tuple[str, str], expected: Observation, found: Observation) -> list[str]:
    """What is said of the variables of one and not of the other."""
    problems = []
    left, right = names
    missing = [path for path in expected.infos if path not in found.infos]
    extra = [path for path in found.infos if path not in expected.infos]
    if missing:
        problems.append(f"  only {left} has {', '.join(missing)}")
    if extra:
        problems.append(f"  only {right} has {', '.join(extra)}")
    if not missing and not extra and list(expected.infos) != list(found.infos):
        problems.append(f"  the order differs: {left} {list(expected.infos)}, {right} {list(found.infos)}")
    for path in (path for path in expected.infos if path in found.infos):
        for what in ("shape", "dtype", "collection", "trainable"):
            one, two = (getattr(infos[path], what) for infos in (expected.infos, found.infos))
            if one != two:
                problems.append(f"  {path!r} has {what} {one} on {left} and {two} on {right}")
    return problems


def compare_arrays(
    what: str, expected: dict[str, np.ndarray], found: dict[str, np.ndarray], tolerance: Tolerance
) -> list[Difference]:
    """The arrays that differ, or that only one side has."""
    differences = []
    for name in dict.fromkeys((*expected, *found)):
        one, two = expected.get(name, np.empty((0,))), found.get(name, np.empty((0,)))
        if not _agree(one, two, tolerance):
            differences.append(Difference(what, name, one, two, tolerance))
    return differences


def _agree(one: np.ndarray, two: np.ndarray, tolerance: Tolerance) -> bool:
    if one.shape != two.shape or _kind(one) != _kind(two):
        return False
    if _kind(one) == "integer":
        return bool(np.array_equal(one, two))
    if tolerance is None:
        return one.dtype == two.dtype and one.tobytes() == two.tobytes()
    rtol, atol = tolerance
    return bool(np.allclose(_wide(two), _wide(one), rtol=rtol, atol=atol, equal_nan=True))


def _kind(array: np.ndarray) -> str:
    """The dtype, but that integers of 32 and 64 bits count as one: JAX has only the former by default."""
    return "integer" if array.dtype.kind in "iu" and array.dtype.itemsize >= 4 else array.dtype.name


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _largest_gap(one: np.ndarray, two: np.ndarray) -> tuple[float, tuple[int, ...]]:
    left, right = _wide(one), _wide(two)
    with np.errstate(invalid="ignore"):
        gaps = np.where((left == right) | (np.isnan(left) & np.isnan(right)), 0, np.abs(left - right))
    gaps = np.where(np.isnan(gaps), np.inf, gaps)
    place = np.unravel_index(int(np.argmax(gaps)), gaps.shape) if gaps.size else ()
    return float(gaps[place]) if gaps.size else 0.0, tuple(int(index) for index in place)


def _statistics(name: str, array: np.ndarray) -> str:
    wide = _wide(array)
    finite = wide[np.isfinite(wide)]
    numbers = [f"{f(finite):>11.4g}" if finite.size else f"{'-':>11}" for f in (np.mean, np.std, np.min, np.max)]
    kind = f"{array.dtype}{list(array.shape)}"
    return f"  {name:<8}{kind:<24}{''.join(numbers)}{wide.size - finite.size:>11}"


def _diverging_layer(expected: Observation, found: Observation, tolerance: tuple[float, float]) -> Divergence | None:
    """The first call of a layer that differs, and how."""
    total = len(expected.layers)
    for index, (one, two) in enumerate(zip(expected.layers, found.layers, strict=False)):
        if one.path != two.path:
            headline = f"the bodies part: layer {index + 1} to run is {one.path!r} on one and {two.path!r} on the other"
            return Divergence(index, headline)
        for what, left, right in (("input", one.inputs, two.inputs), ("output", one.outputs, two.outputs)):
            for a, b in zip(left, right, strict=True):
                if not _agree(a, b, tolerance):
                    order = f"layer {index + 1} of {total} to run"
                    headline = f"first layer whose output diverges: {one.path!r} ({order})"
                    if what == "input":
                        after = repr(expected.layers[index - 1].path) if index else "the model's input"
                        headline = (
                            f"first layer whose input diverges: {one.path!r} ({order}): the difference arises in the "
                            f"body, after {after}"
                        )
                    return Divergence(index, headline, a, b)
    if total != len(found.layers):
        headline = f"the bodies part: one runs {total} layers and the other {len(found.layers)}"
        return Divergence(min(total, len(found.layers)), headline)
    return None


def _detail(names: tuple[str, str], one: np.ndarray, two: np.ndarray, tolerance: Tolerance) -> list[str]:
    lines = [f"  {'':<8}{'':<24}" + "".join(f"{h:>11}" for h in ("mean", "std", "min", "max", "non-finite"))]
    lines += [_statistics(name, array) for name, array in zip(names, (one, two), strict=True)]
    if one.shape == two.shape and one.size:
        gap, place = _largest_gap(one, two)
        allowed = "equal bits" if tolerance is None else f"{tolerance[1]:g} + {tolerance[0]:g} * |value|"
        lines.append(
            f"  largest difference {gap:.4g} at {list(place)}: {names[0]} {one[place]!s}, {names[1]} {two[place]!s} "
            f"(allowed: {allowed})"
        )
    return lines


def layer_report(
    names: tuple[str, str],
    expected: Observation,
    found: Observation,
    differences: list[Difference],
    mode: str,
    tolerance: tuple[float, float],
) -> str:
    """The message: where the two runs part, with both values there, and what else differs."""
    lines = [f"{names[0]} and {names[1]} disagree in {mode}"]
    diverging = _diverging_layer(expected, found, tolerance)
    first = differences[0]
    if first.what == "initial value":
        lines += [f"first variable whose initial value differs: {first.name!r}"]
        lines += _detail(names, first.expected, first.found, first.tolerance)
    elif diverging is not None:
        lines.append(diverging.headline)
        if diverging.expected is not None and diverging.found is not None:
            lines += _detail(names, diverging.expected, diverging.found, tolerance)
        before = [call.path for call in expected.layers[: diverging.index]]
        lines.append(f"  layers that agree before it: {_listing(before)}")
    else:
        last = f"the last is {expected.layers[-1].path!r}" if expected.layers else "there are none"
        lines.append(
            f"every layer's output agrees ({last}): the difference arises in the body itself, or in a gradient"
        )
        lines.append(f"first difference: {first.what} {first.name!r}")
        lines += _detail(names, first.expected, first.found, first.tolerance)
    lines.append("all that differs:")
    lines += [f"  {difference}" for difference in differences[:20]]
    if len(differences) > 20:
        lines.append(f"  ... and {len(differences) - 20} more")
    return "\n".join(lines)


def _listing(paths: list[str]) -> str:
    if not paths:
        return "none"
    return ", ".join(paths) if len(paths) <= 6 else f"{', '.join(paths[:3])}, ... {len(paths) - 3} more"
