"""Functions written for one kind of arguments: the check that a call is of that kind, and the building of an output."""

import collections
from collections.abc import Callable, Sequence
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax import config
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, of_numpy, tensor
from unified.compat.jax.on_torch.tracing import staged

__all__ = ["Guard", "builder", "flatten_in_order", "guard"]

Guard = Callable[[Any, Any], "tuple[torch.Tensor, ...] | None"]

# How dicts are flattened with their own order of keys, in place of the sorted one.
IN_ORDER: dict[type, Callable[[Any], tuple[list[Any], Any]]] = {
    dict: lambda tree: (list(tree.values()), tuple(tree)),
    collections.defaultdict: lambda tree: (list(tree.values()), (tree.default_factory, tuple(tree))),
}


def flatten_in_order(value: Any) -> tuple[list[Any], tree.PyTreeDef]:
    """Return the leaves and the structure of a tree, which keeps the order of keys in dicts."""
    leaves: list[Any] = []

    def structure(value: Any) -> tree.PyTreeDef:
        kind = tree.kind_of(value)
        if kind is None:
            leaves.append(value)
            return tree.STAR
        children, data = IN_ORDER.get(type(value), kind.flatten)(value)
        return tree.PyTreeDef(type(value), data, tuple([structure(child) for child in children]))

    return leaves, structure(value)


class _Writer:
    """The lines of a function, and the objects that they name."""

    def __init__(self, keeps_order: bool = False) -> None:
        self.keeps_order = keeps_order  # of the keys of dicts
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self.count = 0

    def name(self, value: Any) -> str:
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def variable(self) -> str:
        self.count += 1
        return f"x{self.count}"

    def function(self, head: str) -> Any:
        source = "\n".join([f"def {head}:", *[f"    {line}" for line in self.lines]])
        exec(compile(source, "<jax.jit>", "exec"), self.names)
        return self.names[head.partition("(")[0]]


def environment_now(expected: Any) -> bool:
    """Return whether a traced function still depends on the same things besides its arguments."""
    return bool(staged.environment() == expected)


def guard(call: Any, environment: Any, keeps_order: bool = False) -> Guard:
    """Return a function that returns the tensors of a call, or `None` if it is of another kind than this one.

    With `keeps_order` the order of keys in dicts is a part of the kind, and that of `flatten_in_order` that of leaves.
    """
    writer = _Writer(keeps_order)
    static, static_names = dict(call.static), dict(call.static_names)
    writer.lines.append(
        f"if len(args) != {call.count} or len(kwargs) != {len(call.named) + len(static_names)}: return None"
    )
    if environment[1] is not None or environment[2]:
        writer.lines.append(f"if not {writer.name(environment_now)}({writer.name(environment)}): return None")
    else:
        settings = f"{writer.name(config.traced_settings)}() != {writer.name(environment[0])}"
        check = f"{settings} or {writer.name(lanes.is_any_mapped)}()"
        depth = writer.name(torch._C._len_torch_function_stack)
        autocast = writer.name(torch._C._is_any_autocast_enabled)
        writer.lines.append(f"if {check} or {depth}() or {autocast}(): return None")
    leaves = iter(zip(call.leaves, call.types, strict=True))
    results: list[str] = []
    place = 0
    for number in range(call.count):
        if number in static:
            _check_static(writer, f"args[{number}]", static[number])
        else:
            _check(writer, f"args[{number}]", call.dynamic[place], leaves, results)
            place += 1
    if keeps_order and len(call.named) > 1:
        writer.lines.append(f"if [*kwargs] != {writer.name([*call.named])}: return None")
    for name in call.named if keeps_order else tree.tree_structure(call.named).data:
        _look_up(writer, "kwargs", name, call.named[name], leaves, results)
    for name, value in static_names.items():
        variable = writer.variable()
        writer.lines.append(f"{variable} = kwargs.get({name!r}, {writer.name(_ABSENT)})")
        _check_static(writer, variable, value)
    writer.lines.append(f"return ({''.join(f'{result}, ' for result in results)})")
    found: Guard = writer.function("check(args, kwargs)")
    return found


class _ABSENT:
    """The class that is no argument."""


def _check_static(writer: _Writer, where: str, value: Any) -> None:
    if type(value) in (float, complex):  # zeros of both signs are equal, and a NaN is to none
        differs = f"type({where}) is not {type(value).__name__} or repr({where}) != {repr(value)!r}"
        writer.lines.append(f"if {differs}: return None")
        return
    kind, name = writer.name(type(value)), writer.name(value)
    writer.lines.append(
        f"if {where} is not {name} and not (type({where}) is {kind} and {where} == {name}): return None"
    )


def _look_up(writer: _Writer, where: str, key: Any, value: Any, leaves: Any, results: list[str]) -> None:
    variable, text = writer.variable(), repr(key) if type(key) in (str, int) else writer.name(key)
    writer.lines.append(f"{variable} = {where}.get({text}, {writer.name(_ABSENT)})")
    _check(writer, variable, value, leaves, results)


def _check(writer: _Writer, where: str, value: Any, leaves: Any, results: list[str]) -> None:
    """Write the check of a subtree, an expression `where`."""
    kind = tree.kind_of(value)
    if kind is None:
        _check_leaf(writer, where, next(leaves), results)
        return
    variable, cls = writer.variable(), type(value)
    writer.lines.append(f"{variable} = {where}")
    if value is None:
        writer.lines.append(f"if {variable} is not None: return None")
        return
    writer.lines.append(f"if type({variable}) is not {writer.name(cls)}: return None")
    flatten = IN_ORDER.get(cls, kind.flatten) if writer.keeps_order else kind.flatten
    children, data = flatten(value)
    if cls is dict:
        writer.lines.append(f"if len({variable}) != {len(value)}: return None")
        if writer.keeps_order and len(value) > 1:
            writer.lines.append(f"if [*{variable}] != {writer.name([*value])}: return None")
        for key, child in zip(data, children, strict=True):
            _look_up(writer, variable, key, child, leaves, results)
        return
    if cls in (tuple, list) or (isinstance(value, tuple) and hasattr(cls, "_fields") and isinstance(data, int)):
        writer.lines.append(f"if len({variable}) != {len(value)}: return None")
    else:
        parts, rest = writer.variable(), writer.variable()
        writer.lines.append(f"{parts}, {rest} = {writer.name(flatten)}({variable})")
        writer.lines.append(f"if {rest} != {writer.name(data)} or len({parts}) != {len(children)}: return None")
        variable = parts
    for number, child in enumerate(children):
        _check(writer, f"{variable}[{number}]", child, leaves, results)


def _check_leaf(writer: _Writer, where: str, leaf: tuple[Any, Any], results: list[str]) -> None:
    value, each = leaf
    if each is None:  # no array
        _check_static(writer, where, value)
        return
    variable, cls = writer.variable(), type(value)
    writer.lines.append(f"{variable} = {where}")
    writer.lines.append(f"if type({variable}) is not {writer.name(cls)}: return None")
    if issubclass(cls, Array):
        writer.lines.append(f"{variable} = {variable}.tensor")
    elif not isinstance(value, torch.Tensor):
        convert = of_numpy if type(value).__module__ == "numpy" else tensor
        writer.lines.append(f"{variable} = {writer.name(convert)}({variable})")
    else:
        writer.lines.append(f"if {variable}.layout is not {writer.name(torch.strided)}: return None")
    shape, dtype, device = (writer.name(part) for part in (torch.Size(each.abstract.shape), *each.abstract[1:]))
    differs = f"{variable}.shape != {shape} or {variable}.dtype is not {dtype} or {variable}.device != {device}"
    writer.lines.append(f"if {differs}: return None")
    results.append(variable)


def builder(structure: tree.PyTreeDef, kinds: Sequence[type[Array] | None]) -> Callable[[Any], Any]:
    """Return a function of tensors that returns the tree with each in the array of its kind; `None` keeps tensors."""
    writer = _Writer()
    count = iter(range(len(kinds)))
    text = _expression(writer, structure, kinds, count)
    writer.lines.append(f"return {text}")
    build: Callable[[Any], Any] = writer.function("build(outputs)")
    return build


def _expression(writer: _Writer, structure: tree.PyTreeDef, kinds: Any, count: Any) -> str:
    if structure == tree.STAR:
        place = next(count)
        kind = kinds[place]
        return f"outputs[{place}]" if kind is None else f"{writer.name(kind)}(outputs[{place}])"
    parts = [_expression(writer, child, kinds, count) for child in structure.children_]
    if structure.cls is tuple:
        return f"({''.join(f'{part}, ' for part in parts)})"
    if structure.cls is list:
        return f"[{', '.join(parts)}]"
    if structure.cls is dict:
        keys = [repr(key) if type(key) in (str, int) else writer.name(key) for key in structure.data]
        return f"{{{', '.join(f'{key}: {part}' for key, part in zip(keys, parts, strict=True))}}}"
    unflatten, data = writer.name(tree.KINDS[structure.cls].unflatten), writer.name(structure.data)
    return f"{unflatten}({data}, [{', '.join(parts)}])"
