"""Conversion between the variables of a stack and those of its layers: `Params.unstack` and `Params.stack`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import array_api_compat

from unified.core.naming import closest, join
from unified.core.stacks import StackedScope, StackForm, stacked_shape, stacks_over
from unified.core.structure import VariableInfo

__all__ = ["convert_stacks", "stack_variables", "unstack_variables", "with_form"]

Variables = list[tuple[VariableInfo, Any]]
Forms = Mapping[str, StackForm]  # the forms of stacks, by path


def convert_stacks(variables: Variables, forms: Forms, paths: Collection[str] = ()) -> Variables:
    """Return the variables with each `layer_stack` in its form in `forms`, whatever its form here.

    A stack is left as it is if all those of `paths` that are below it are here.
    """
    for stack in sorted((path for path, form in forms.items() if form.is_layers), key=lambda path: path.count("/")):
        here = {info.path for info, _ in variables}
        below = [path for path in here if path.startswith(f"{stack}/")]
        expected = [path for path in paths if path.startswith(f"{stack}/")]
        if not below or (expected and here.issuperset(expected)):
            continue
        are_separate = {path[len(stack) + 1 :].partition("/")[0].isdecimal() for path in below}
        if forms[stack].axes and are_separate == {True}:
            variables = stack_variables(variables, stack, forms)
        elif not forms[stack].axes and are_separate == {False}:
            variables = unstack_variables(variables, stack, forms)
    return variables


def with_form(forms: Forms, separate: bool) -> Forms:
    """Return the forms of the same stacks with every `layer_stack` separate, or every one stacked."""
    result = {}
    for path, form in forms.items():
        axes = form.axes if not form.is_layers else () if separate else ((..., 0),)
        for new in _paths_with_form(forms, path, separate):
            result[new] = form._replace(axes=axes)
    return result


def _paths_with_form(forms: Forms, path: str, separate: bool) -> list[str]:
    """Return the paths of a stack when the stacks around it have that form: with the numbers of layers, or without."""
    paths, here = [""], ""
    for name in path.split("/"):
        around = forms.get(here)
        here = join(here, name)
        if around is not None and around.is_layers and bool(around.axes) == separate:
            if not separate:
                continue  # `name` is the number of a layer
            paths = [f"{start}/{number}" for start in paths for number in range(around.size)]
        paths = [join(start, name) for start in paths]
    return paths


def unstack_variables(variables: Variables, path: str, forms: Forms | None = None) -> Variables:
    """Return the variables with the stack at `path` split; see `Params.unstack`. `forms` are of the stacks around."""

    def split(below: Variables) -> Variables:
        axes = [_axis(path, info, len(info.shape) - 1, forms) for info, _ in below]
        sizes = sorted({info.shape[axis] if info.shape else 0 for (info, _), axis in zip(below, axes, strict=True)})
        if len(sizes) != 1 or not sizes[0]:
            raise ValueError(f"the variables below {path!r} are no stack: their first axes have the sizes {sizes}")
        return [
            (
                replace(
                    info,
                    path=f"{path}/{number}{info.path[len(path) :]}",
                    shape=info.shape[:axis] + info.shape[axis + 1 :],
                    metadata=_without_axis(info, axis),
                ).fixed(),
                value[(slice(None),) * axis + (number,)],
            )
            for number in range(sizes[0])
            for (info, value), axis in zip(below, axes, strict=True)
        ]

    return _replace_below(variables, path, split)


def stack_variables(variables: Variables, path: str, forms: Forms | None = None) -> Variables:
    """Return the variables with the layers below `path` stacked; see `Params.stack`. `forms` are as above."""

    def combine(below: Variables) -> Variables:
        layers: dict[int, Variables] = {}
        for info, value in below:
            number, _, name = info.path.removeprefix(f"{path}/").partition("/")
            if not (number.isdecimal() and name):
                raise ValueError(f"{info.path!r} is not of a layer '{path}/<number>'")
            layers.setdefault(int(number), []).append((info, value))
        if sorted(layers) != list(range(len(layers))):
            raise ValueError(f"the layers below {path!r} are {sorted(layers)}, and not all from 0 on")
        by_name: dict[str, Variables] = {}
        for layer in sorted(layers):  # a file may list layer 10 before layer 2
            for info, value in layers[layer]:
                by_name.setdefault(info.path.removeprefix(f"{path}/{layer}/"), []).append((info, value))
        if len(counts := sorted({len(slices) for slices in by_name.values()})) != 1:
            raise ValueError(
                f"the layers below {path!r} do not have the same variables: some are in {counts[0]} layers, others in "
                f"{counts[-1]}"
            )
        return [_stacked(path, name, slices, forms) for name, slices in by_name.items()]

    return _replace_below(variables, path, combine)


def _stacked(path: str, name: str, slices: Variables, forms: Forms | None) -> tuple[VariableInfo, Any]:
    """Return the variable whose slices these are."""
    first, values = slices[0][0], [value for _, value in slices]
    for info, _ in slices:
        if (info.shape, info.dtype, info.collection) != (first.shape, first.dtype, first.collection):
            raise ValueError(
                f"{info.path!r} is {info.dtype}{list(info.shape)} in {info.collection!r}, and {first.path!r} is "
                f"{first.dtype}{list(first.shape)} in {first.collection!r}: all layers of a stack must be alike"
            )
        if info.trainable != first.trainable:
            frozen = info if first.trainable else first
            raise ValueError(
                f"{frozen.path!r} is frozen, and the same variable of other layers is not: a stack of them is one "
                "parameter, so freeze or unfreeze all of its layers first"
            )
    info = replace(first, path=f"{path}/{name}")
    axis = _axis(path, info, len(first.shape), forms)
    return replace(
        info,
        shape=(*first.shape[:axis], len(slices), *first.shape[axis:]),
        metadata=_with_axis(info, axis),
    ).fixed(), array_api_compat.array_namespace(values[0]).stack(values, axis=axis)


def _axis(path: str, info: VariableInfo, ndim: int, forms: Forms | None) -> int:
    """Return the axis along which the layers of the stack at `path` are stacked, of a variable whose slice has `ndim`.

    Stacks around this one may have put axes before it.
    """
    if not forms:
        return 0
    around = {outer: form for outer, form in forms.items() if path.startswith(f"{outer}/")}
    scopes = {outer: StackedScope(outer, -1, form.axes) for outer, form in around.items()}
    scopes[path] = StackedScope(path, -2, ((..., 0),))
    over = stacks_over(scopes, info.path, info.collection)
    return stacked_shape((0,) * (ndim + 1 - len(over)), over).index(-2)


def _with_axis(info: VariableInfo, axis: int) -> Mapping[str, Any]:
    """Return the metadata of a variable that gets another axis, which is on every device."""
    names = _axis_names(info)
    return info.metadata if names is None else {**info.metadata, "sharding": (*names[:axis], None, *names[axis:])}


def _without_axis(info: VariableInfo, axis: int) -> Mapping[str, Any]:
    """Return the metadata of a variable that loses an axis."""
    names = _axis_names(info)
    return info.metadata if names is None else {**info.metadata, "sharding": (*names[:axis], *names[axis + 1 :])}


def _axis_names(info: VariableInfo) -> tuple[Any, ...] | None:
    """Return the axes of a mesh over which each axis of a variable is split, if it is annotated with them."""
    names = info.metadata.get("sharding")
    return (*names, *(None,) * (len(info.shape) - len(names))) if isinstance(names, (tuple, list)) else None


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
