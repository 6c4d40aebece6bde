"""Functions written for one kind of arguments: the check that a call is of that kind, and the building of an output."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from unified.backends.torch import lanes
from unified.compat.jax import config
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, of_numpy, tensor
from unified.compat.jax.on_torch.tracing import staged

__all__ = ["Guard", "builder", "guard"]

Guard = Callable[[Any, Any], "tuple[torch.Tensor, ...] | None"]


class _Writer:
    """The lines of a function, and the objects that they name."""

    def __init__(self) -> None:
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


def guard(call: Any, environment: Any) -> Guard:
    """Return a function that returns the tensors of a call, or `None` if it is of another kind than this one."""
    writer = _Writer()
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
        autocast = writer.name(torch.is_autocast_enabled)
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
    for name in tree.tree_structure(call.named).data:
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
    children, data = kind.flatten(value)
    if cls is dict:
        writer.lines.append(f"if len({variable}) != {len(value)}: return None")
        for key, child in zip(data, children, strict=True):
            _look_up(writer, variable, key, child, leaves, results)
        return
    if cls in (tuple, list) or (isinstance(value, tuple) and hasattr(cls, "_fields") and isinstance(data, int)):
        writer.lines.append(f"if len({variable}) != {len(value)}: return None")
    else:
        parts, rest = writer.variable(), writer.variable()
        writer.lines.append(f"{parts}, {rest} = {writer.name(kind.flatten)}({variable})")
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
