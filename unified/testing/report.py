"""The comparison of two observations, and the message that locates their first difference."""

from dataclasses import dataclass

import numpy as np

from unified.testing.observation import Observation

__all__ = ["Difference", "ParityError", "compare_arrays", "compare_structure", "layer_report"]

Tolerance = tuple[float, float] | None  # rtol and atol; None requires equal bits


class ParityError(AssertionError):
    """Raised if two frameworks compute a model differently.

    >>> import numpy as np, unified as u
    >>> from unified.testing import ParityError, assert_parity
    >>> try:
    ...     assert_parity(lambda x: x + (u.backend() == "jax"), np.ones(2, "float32"), training=False)
    ... except ParityError as error:
    ...     print(str(error).splitlines()[0])
    torch and jax disagree in evaluation
    """


@dataclass
class Difference:
    """Two different arrays of the same name."""

    what: str
    name: str
    expected: np.ndarray
    actual: np.ndarray
    tolerance: Tolerance

    def __str__(self) -> str:
        if self.expected.shape != self.actual.shape or self.expected.dtype != self.actual.dtype:
            left, right = (f"{a.dtype}{list(a.shape)}" for a in (self.expected, self.actual))
            return f"{self.what} {self.name!r}: {left} and {right}"
        gap, index = _largest_gap(self.expected, self.actual)
        return f"{self.what} {self.name!r}: differs by {gap:.3g} at {list(index)}"


@dataclass
class Divergence:
    """The first difference of two runs: the number of layers before, a headline, and the two values if both exist."""

    index: int
    headline: str
    expected: np.ndarray | None = None
    actual: np.ndarray | None = None


def compare_structure(names: tuple[str, str], expected: Observation, actual: Observation) -> list[str]:
    """Return a line for each difference between the variables of two observations."""
    problems = []
    left, right = names
    missing = [path for path in expected.infos if path not in actual.infos]
    extra = [path for path in actual.infos if path not in expected.infos]
    if missing:
        problems.append(f"  only {left} has {', '.join(missing)}")
    if extra:
        problems.append(f"  only {right} has {', '.join(extra)}")
    same_layers = [call.path for call in expected.layers] == [call.path for call in actual.layers]
    if not missing and not extra and same_layers and list(expected.infos) != list(actual.infos):
        problems.append(f"  the order differs: {left} {list(expected.infos)}, {right} {list(actual.infos)}")
    for path in (path for path in expected.infos if path in actual.infos):
        for what in ("shape", "dtype", "collection", "trainable"):
            one, two = (getattr(infos[path], what) for infos in (expected.infos, actual.infos))
            if one != two:
                problems.append(f"  {path!r} has {what} {one} on {left} and {two} on {right}")
    return problems


def compare_arrays(
    what: str, expected: dict[str, np.ndarray], actual: dict[str, np.ndarray], tolerance: Tolerance
) -> list[Difference]:
    """Return the differences of two dicts of arrays, including arrays that only one of them contains."""
    differences = []
    for name in dict.fromkeys((*expected, *actual)):
        one, two = expected.get(name, np.empty((0,))), actual.get(name, np.empty((0,)))
        if not _agree(one, two, tolerance):
            differences.append(Difference(what, name, one, two, tolerance))
    return differences


def _agree(one: np.ndarray, two: np.ndarray, tolerance: Tolerance) -> bool:
    if one.shape != two.shape or _comparable_dtype(one) != _comparable_dtype(two):
        return False
    if _comparable_dtype(one) == "integer":
        return bool(np.array_equal(one, two))
    if tolerance is None:
        return one.dtype == two.dtype and one.tobytes() == two.tobytes()
    rtol, atol = tolerance
    return bool(np.allclose(_widen(two), _widen(one), rtol=rtol, atol=atol, equal_nan=True))


def _comparable_dtype(array: np.ndarray) -> str:
    """Return the dtype's name, one for integers of 32 and 64 bits: JAX has only the former by default."""
    return "integer" if array.dtype.kind in "iu" and array.dtype.itemsize >= 4 else array.dtype.name


def _widen(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _largest_gap(one: np.ndarray, two: np.ndarray) -> tuple[float, tuple[int, ...]]:
    left, right = _widen(one), _widen(two)
    with np.errstate(invalid="ignore"):
        gaps = np.where((left == right) | (np.isnan(left) & np.isnan(right)), 0, np.abs(left - right))
    gaps = np.where(np.isnan(gaps), np.inf, gaps)
    index = np.unravel_index(int(np.argmax(gaps)), gaps.shape) if gaps.size else ()
    return float(gaps[index]) if gaps.size else 0.0, tuple(int(coordinate) for coordinate in index)


def _statistics(name: str, array: np.ndarray) -> str:
    values = _widen(array)
    finite = values[np.isfinite(values)]
    numbers = [f"{f(finite):>11.4g}" if finite.size else f"{'-':>11}" for f in (np.mean, np.std, np.min, np.max)]
    kind = f"{array.dtype}{list(array.shape)}"
    return f"  {name:<8}{kind:<24}{''.join(numbers)}{values.size - finite.size:>11}"


def _diverging_layer(expected: Observation, actual: Observation, tolerance: tuple[float, float]) -> Divergence | None:
    """Return the first difference between calls of layers; `None` without one."""
    total = len(expected.layers)
    for index, (one, two) in enumerate(zip(expected.layers, actual.layers, strict=False)):
        if one.path != two.path:
            headline = (
                f"the bodies diverge: layer {index + 1} to run is {one.path!r} on one and {two.path!r} on the other"
            )
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
    if total != len(actual.layers):
        headline = f"the bodies diverge: one runs {total} layers and the other {len(actual.layers)}"
        return Divergence(min(total, len(actual.layers)), headline)
    return None


def _detail(names: tuple[str, str], one: np.ndarray, two: np.ndarray, tolerance: Tolerance) -> list[str]:
    lines = [f"  {'':<8}{'':<24}" + "".join(f"{h:>11}" for h in ("mean", "std", "min", "max", "non-finite"))]
    lines += [_statistics(name, array) for name, array in zip(names, (one, two), strict=True)]
    if one.shape == two.shape and one.size:
        gap, index = _largest_gap(one, two)
        allowed = "equal bits" if tolerance is None else f"{tolerance[1]:g} + {tolerance[0]:g} * |value|"
        lines.append(
            f"  largest difference {gap:.4g} at {list(index)}: {names[0]} {one[index]!s}, {names[1]} {two[index]!s} "
            f"(allowed: {allowed})"
        )
    return lines


def layer_report(
    names: tuple[str, str],
    expected: Observation,
    actual: Observation,
    differences: list[Difference],
    mode: str,
    tolerance: tuple[float, float],
) -> str:
    """Return the message: the first difference of two runs, with both values, and a list of the others."""
    lines = [f"{names[0]} and {names[1]} disagree in {mode}"]
    diverging = _diverging_layer(expected, actual, tolerance)
    first = differences[0]
    if first.what == "initial value":
        lines += [f"first variable whose initial value differs: {first.name!r}"]
        lines += _detail(names, first.expected, first.actual, first.tolerance)
    elif diverging is not None:
        lines.append(diverging.headline)
        if diverging.expected is not None and diverging.actual is not None:
            lines += _detail(names, diverging.expected, diverging.actual, tolerance)
        before = [call.path for call in expected.layers[: diverging.index]]
        lines.append(f"  layers that agree before it: {_join_paths(before)}")
    else:
        last = f"the last is {expected.layers[-1].path!r}" if expected.layers else "there are none"
        lines.append(
            f"every layer's output agrees ({last}): the difference arises in the body itself, or in a gradient"
        )
        lines.append(f"first difference: {first.what} {first.name!r}")
        lines += _detail(names, first.expected, first.actual, first.tolerance)
    lines.append("all differences:")
    lines += [f"  {difference}" for difference in differences[:20]]
    if len(differences) > 20:
        lines.append(f"  ... and {len(differences) - 20} more")
    return "\n".join(lines)


def _join_paths(paths: list[str]) -> str:
    if not paths:
        return "none"
    return ", ".join(paths) if len(paths) <= 6 else f"{', '.join(paths[:3])}, ... {len(paths) - 3} more"
