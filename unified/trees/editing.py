"""`tree_at`: a new model that differs from another somewhere within."""

from collections.abc import Callable
from typing import Any, TypeVar

from unified.trees.module import Module
from unified.trees.nodes import child_items

__all__ = ["tree_at"]

ModuleT = TypeVar("ModuleT")
UNCHANGED: Any = object()


class _Place:
    """A place in a model, which remembers the attributes and items that lead to it, where no attribute hides them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.__dict__["/"] = names

    def __getattr__(self, name: str) -> "_Place":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Place((*_names(self), name))

    def __getitem__(self, key: Any) -> "_Place":
        if not isinstance(key, (str, int)):
            raise TypeError(f"tree_at: {self!r}[{key!r}]: a place is one item, by a number or a name")
        return _Place((*_names(self), str(key)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"tree_at: {self!r} was called: the function says where, by attributes and items alone, "
            "`lambda m: m.layers[0].weight`"
        )

    def __iter__(self) -> Any:
        raise TypeError(f"tree_at: {self!r} was iterated over: name its items, `lambda m: m.layers[0]`")

    def __repr__(self) -> str:
        return ".".join(_names(self)) or "the model"


def _names(place: _Place) -> tuple[str, ...]:
    return place.__dict__["/"]


def tree_at(
    where: str | Callable[[Any], Any],
    model: ModuleT,
    replace: Any = UNCHANGED,
    replace_fn: Callable[[Any], Any] | None = None,
) -> ModuleT:
    """Return the model with other values at one or more places, which may be arrays, modules or static values.

    Args:
        where: a function from the model to a place in it, or to a tuple or list of places; or a path.
        model: a module, or a tuple, list or dict of modules.
        replace: the new value; a tuple or list of values for several places.
        replace_fn: a function from the old value to the new one, instead.

    Raises:
        AttributeError: there is no such place.
        TypeError: both or neither of `replace` and `replace_fn`, or `where` calls something.

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.Linear(2, 3), ut.Linear(3, 1))), backend="torch")
    >>> model = ut.tree_at(lambda m: m.layers[1].bias, model, torch.ones(1))
    >>> model.layers[1].bias
    tensor([1.])
    >>> model = ut.tree_at("layers/0", model, ut.Linear(2, 3, bias=False))
    """
    if (replace is UNCHANGED) == (replace_fn is None):
        raise TypeError("tree_at takes either replace or replace_fn")
    places = _Place(tuple(where.split("/"))) if isinstance(where, str) else where(_Place(()))
    several = isinstance(places, (tuple, list))
    wanted = list(places) if several else [places]
    for place in wanted:
        if not isinstance(place, _Place) or not _names(place):
            raise TypeError(
                f"tree_at: where returns places of the model, `lambda m: m.layers[0].weight`, got {place!r}"
            )
    if replace_fn is None:
        values = list(replace) if several else [replace]
        if len(values) != len(wanted):
            raise ValueError(f"tree_at: {len(wanted)} places, and {len(values)} values to replace them")
        changes = [_constant(value) for value in values]
    else:
        changes = [replace_fn] * len(wanted)
    result: Any = model
    for place, change in zip(wanted, changes, strict=True):
        result = _changed(result, _names(place), change, "")
    return result


def _constant(value: Any) -> Callable[[Any], Any]:
    return lambda old: value


def _changed(value: Any, names: tuple[str, ...], change: Callable[[Any], Any], path: str) -> Any:
    """Return a tree in which what lies at `names` is changed."""
    if not names:
        return change(value)
    items = child_items(value)
    parts = [] if items is None else items[0]
    for count in range(1, len(names) + 1):  # a variable of a layer within a layer is one part: "self_attn/in_proj_bias"
        name = "/".join(names[:count])
        position = next((position for position, (part, _) in enumerate(parts) if part == name), None)
        if position is not None:
            break
    else:
        if names[0].startswith("-") and names[0][1:].isdecimal() and isinstance(value, (tuple, list)):
            return _changed(value, (str(len(value) + int(names[0])), *names[1:]), change, path)
        known = ", ".join(part for part, _ in parts) or "nothing"
        raise AttributeError(f"tree_at: {path or 'the model'} has no {names[0]!r}: it has {known}")
    assert items is not None
    below = f"{path}.{name}" if path else name
    old = getattr(value, name) if isinstance(value, Module) and name in value._static else parts[position][1]
    new = _changed(old, names[count:], change, below)
    if isinstance(value, Module):
        result = value._with({**value._children(), name: new})
        result._check()
        return result
    return items[1]([new if index == position else item for index, (_, item) in enumerate(parts)])
