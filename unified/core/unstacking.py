"""Conversion between the variables of a stack and those of its layers: `Params.unstack` and `Params.stack`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import array_api_compat

from unified.core.naming import closest
from unified.core.structure import VariableInfo

__all__ = ["stack_variables", "unstack_variables"]

Variables = list[tuple[VariableInfo, Any]]


def unstack_variables(variables: Variables, path: str) -> Variables:
    """Return the variables with the stack at `path` split; see `Params.unstack`."""

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

    return _replace_below(variables, path, split)


def stack_variables(variables: Variables, path: str) -> Variables:
    """Return the variables with the layers below `path` stacked; see `Params.stack`."""

    def join(below: Variables) -> Variables:
        by_name: dict[str, Variables] = {}
        for info, value in below:
            number, _, name = info.path.removeprefix(f"{path}/").partition("/")
            slices = by_name.setdefault(name, [])
            if number != str(len(slices)) or not name:
                raise ValueError(
                    f"{info.path!r} is not of a layer '{path}/<number>' in order: expected '{path}/{len(slices)}/...'"
                )
            slices.append((info, value))
        if len(counts := sorted({len(slices) for slices in by_name.values()})) != 1:
            raise ValueError(
                f"the layers below {path!r} do not have the same variables: some are in {counts[0]} layers, others in "
                f"{counts[-1]}"
            )
        return [
            (_stack_infos(path, name, slices), _stack_arrays([value for _, value in slices]))
            for name, slices in by_name.items()
        ]

    return _replace_below(variables, path, join)


def _stack_infos(path: str, name: str, slices: Variables) -> VariableInfo:
    first = slices[0][0]
    for info, _ in slices:
        if (info.shape, info.dtype, info.collection) != (first.shape, first.dtype, first.collection):
            raise ValueError(
                f"{info.path!r} is {info.dtype}{list(info.shape)} in {info.collection!r}, and {first.path!r} is "
                f"{first.dtype}{list(first.shape)} in {first.collection!r}: all layers of a stack must be alike"
            )
    return replace(first, path=f"{path}/{name}", shape=(len(slices), *first.shape)).fixed()


def _stack_arrays(values: list[Any]) -> Any:
    return array_api_compat.array_namespace(values[0]).stack(values)


def _replace_below(variables: Variables, path: str, change: Callable[[Variables], Variables]) -> Variables:
    """Return the variables with `change(...)` of those below `path` in their place."""
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
