"""Variables of a stack of layers, turned into those of each layer and back: `Params.unstack` and `Params.stack`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import array_api_compat

from unified.core.naming import closest
from unified.core.structure import VariableInfo

__all__ = ["stacked", "unstacked"]

Variables = list[tuple[VariableInfo, Any]]


def unstacked(variables: Variables, path: str) -> Variables:
    """See `Params.unstack`."""

    def split(below: Variables) -> Variables:
        sizes = sorted({info.shape[0] if info.shape else 0 for info, _ in below})
        if len(sizes) != 1 or not sizes[0]:
            raise ValueError(f"the variables below {path!r} are no stack: their first axes have the sizes {sizes}")
        return [
            (
                replace(info, path=f"{path}/{number}{info.path[len(path) :]}", shape=info.shape[1:]).fixed(),
                value[number],
            )
            for number in range(sizes[0])
            for info, value in below
        ]

    return _exchanged(variables, path, split)


def stacked(variables: Variables, path: str) -> Variables:
    """See `Params.stack`."""

    def join(below: Variables) -> Variables:
        lanes: dict[str, Variables] = {}
        for info, value in below:
            number, _, rest = info.path.removeprefix(f"{path}/").partition("/")
            found = lanes.setdefault(rest, [])
            if number != str(len(found)) or not rest:
                raise ValueError(f"{info.path!r} is not of a layer '{path}/<number>' that comes next in its order")
            found.append((info, value))
        if len(sizes := sorted({len(found) for found in lanes.values()})) != 1:
            raise ValueError(f"the layers below {path!r} do not have the same variables: of some there are {sizes}")
        return [(_all_of(path, rest, found), _stack([value for _, value in found])) for rest, found in lanes.items()]

    return _exchanged(variables, path, join)


def _all_of(path: str, rest: str, found: Variables) -> VariableInfo:
    first = found[0][0]
    for info, _ in found:
        if (info.shape, info.dtype, info.collection) != (first.shape, first.dtype, first.collection):
            raise ValueError(
                f"{info.path!r} is {info.dtype}{list(info.shape)} in {info.collection!r}, and {first.path!r} is "
                f"{first.dtype}{list(first.shape)} in {first.collection!r}: the layers of a stack are alike"
            )
    return replace(first, path=f"{path}/{rest}", shape=(len(found), *first.shape)).fixed()


def _stack(values: list[Any]) -> Any:
    return array_api_compat.array_namespace(values[0]).stack(values)


def _exchanged(variables: Variables, path: str, change: Callable[[Variables], Variables]) -> Variables:
    """The variables with others in place of those below `path`."""
    below: Variables = []
    result: Variables = []
    start = 0
    for info, value in variables:
        if info.path.startswith(f"{path}/"):
            start = len(result) if not below else start
            below.append((info, value))
        else:
            result.append((info, value))
    if not below:
        raise KeyError(f"there is nothing below {path!r}{closest(path, (info.path for info, _ in variables))}")
    result[start:start] = change(below)
    return result
