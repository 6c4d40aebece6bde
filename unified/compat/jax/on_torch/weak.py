"""JAX's weak types: what comes of Python's numbers alone takes the dtype of the arrays that it meets, as numbers do.

`jnp.sqrt(64)` is an array of float32, and yet `x / jnp.sqrt(64)` has the dtype of `x`, bfloat16 for instance. Which
arguments of a function meet, and whether its results are weak, is declared where it is defined (`behaviour.py`).

Source: https://docs.jax.dev/en/latest/type_promotion.html#weak-types
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, boundary, is_weak, unwrap, wrap
from unified.compat.jax.on_torch.behaviour import FIRST, REQUIRED, Behaviour, behaviour_of
from unified.compat.jax.on_torch.dtypes import KINDS, PYTHON, category, promoted, torch_dtype, with_scalar

__all__ = ["beside", "bound"]


DTYPES = ("dtype", "preferred_element_type")


class Rule(NamedTuple):
    """Where the operands of a function are among its arguments, and what comes of them."""

    operands: slice
    names: tuple[str, ...]  # of operands, which may be given by name
    others: tuple[str, ...]  # the parameters from the next operand on, if one does not follow those of the slice
    dtype: str  # the parameter for a dtype, and its place: where one is given, nothing is weak
    dtype_place: int
    meets: int  # the category of the numbers that the function computes with; -1 for none
    instead: str  # the parameter that takes their place if it is given
    promotes: bool
    weak: bool | str | Callable[..., bool]


def _rule(function: Callable[..., Any], behaviour: Behaviour) -> Rule:
    code = function.__code__
    places = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if code.co_flags & inspect.CO_VARARGS else ""
    if behaviour.operands == FIRST:
        names = (*places, rest)[:1]
    elif behaviour.operands == REQUIRED:
        names = (*places[: len(places) - len(function.__defaults__ or ())], *filter(None, [rest]))
    else:
        names = tuple(behaviour.operands.split())
    found = [places.index(name) for name in names if name in places]
    start = found[0] if found else len(places)
    count = next((n for n, place in enumerate(found) if place != start + n), len(found))
    stop = None if rest in names else start + count
    others = places[found[count] :] if count < len(found) else ()
    dtypes = DTYPES if behaviour.promotes else DTYPES[:1]  # `jax.lax` keeps what is weak
    dtype = next((name for name in dtypes if name in places or name in keywords), "")
    instead = behaviour.meets if isinstance(behaviour.meets, str) else ""
    kind = type(inspect.signature(function).parameters[instead].default) if instead else behaviour.meets
    meets = -1 if kind is None else KINDS.index(kind)
    place = places.index(dtype) if dtype in places else sys.maxsize
    return Rule(slice(start, stop), names, others, dtype, place, meets, instead, behaviour.promotes, behaviour.weak)


def bound(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as JAX code calls it: as it is if it is written on arrays, else with the boundary around it."""
    behaviour = behaviour_of(function)
    if behaviour.on_arrays:
        return function
    rule = _rule(function, behaviour)
    if not rule.names:
        return boundary(function)
    operands, names, meets = rule.operands, rule.names, rule.meets
    most = function.__code__.co_argcount - len(rule.others) if rule.others else sys.maxsize

    @functools.wraps(function)
    def on_arrays(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= most and (not kwargs or not [name for name in names if name in kwargs]):
            for value in args[operands]:
                if type(value) is not Array or (meets > 0 and not value.tensor.is_floating_point()):
                    break
            else:  # strong arrays alone
                if kwargs:
                    kwargs = {name: unwrap(value) for name, value in kwargs.items()}
                tensors = [value.tensor if type(value) is Array else unwrap(value) for value in args]
                return wrap(function(*tensors, **kwargs))
        return _meeting(function, rule, args, kwargs)

    return on_arrays


def _meeting(function: Callable[..., Any], rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The results of a function of which arguments may be weak arrays or numbers of Python."""
    if rule.others:  # are given by name from here on
        places = function.__code__.co_varnames[: function.__code__.co_argcount]
        most = len(places) - len(rule.others)
        args, kwargs = args[:most], {**dict(zip(rule.others, args[most:], strict=False)), **kwargs}
    if rule.weak == "each":
        return _each(function, args, kwargs)
    values = given = args[rule.operands]
    if kwargs:
        given = (*values, *[kwargs[name] for name in rule.names if name in kwargs])
    strong, weak, mixed = _met(given)
    if rule.meets > weak and not (rule.instead and len(given) == len(rule.names)):
        weak = rule.meets
    makes_weak = weak >= 0 and _outweighs(weak, strong, rule.promotes) and _stays_weak(rule, args, kwargs)
    if mixed and strong and rule.promotes:
        dtype = strong[0] if len(strong) == 1 else functools.reduce(promoted, strong)
        start = rule.operands.start
        args = (*args[:start], *[_adapted(value, dtype) for value in values], *args[start + len(values) :])
        kwargs = {name: _adapted(value, dtype) if name in rule.names else value for name, value in kwargs.items()}
    if kwargs:
        kwargs = {name: unwrap(value) for name, value in kwargs.items()}
    found = wrap(function(*[unwrap(value) for value in args], **kwargs))
    return _as_weak(found, rule.weak) if makes_weak else found


def _outweighs(weak: int, strong: list[torch.dtype], promotes: bool) -> bool:
    """Whether what is weak is of a higher category than all that is strong; where nothing is promoted, is alone."""
    if not promotes:
        return not strong
    return all(category(dtype) < weak for dtype in strong)


def beside(value: Any, dtype: torch.dtype) -> torch.Tensor:
    """The tensor of a value that stands beside arrays of `dtype`: in that dtype if it is weak, in its own if not."""
    array = as_array(value)
    if type(array) is Array:
        return array.tensor
    return array.tensor.to(with_scalar(dtype, KINDS[category(array.tensor.dtype)]))


def _each(function: Callable[..., Any], operands: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The results of a function of each of its operands, or the one result of one operand."""
    found = wrap(function(*[unwrap(value) for value in operands], **kwargs))
    if isinstance(found, Array):
        return _as_weak(found, True) if is_weak(operands[0]) else found
    pairs = zip(found, operands, strict=True)
    return type(found)(_as_weak(item, True) if is_weak(operand) else item for item, operand in pairs)


def _stays_weak(rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if rule.dtype and (args[rule.dtype_place] if rule.dtype_place < len(args) else kwargs.get(rule.dtype)) is not None:
        return False
    return bool(rule.weak(*args, **kwargs)) if callable(rule.weak) else bool(rule.weak)


def _met(values: Iterable[Any]) -> tuple[list[torch.dtype], int, bool]:
    """The dtypes of arrays, the highest category of numbers and weak arrays (-1 for none), and whether there is one.

    A boolean of Python is as strong as an array of them.
    """
    strong: list[torch.dtype] = []
    weak, mixed = -1, False
    for value in values:
        kind = type(value)
        if kind is Array:
            strong.append(value.tensor.dtype)
        elif kind is WeakArray:
            weak, mixed = max(weak, category(value.tensor.dtype)), True
        elif kind is bool:
            strong.append(torch.bool)
        elif kind in PYTHON:
            weak = max(weak, KINDS.index(kind))
        elif kind is list or kind is tuple:
            inner, found, is_mixed = _met(value)
            strong, weak, mixed = strong + inner, max(weak, found), mixed or is_mixed
        elif isinstance(value, torch.Tensor):
            strong.append(value.dtype)
        elif isinstance(value, (np.ndarray, np.generic)):
            strong.append(torch_dtype(value.dtype))
    return strong, weak, mixed


def _adapted(value: Any, dtype: torch.dtype) -> Any:
    """The value with weak arrays in the dtype that a number of their kind gives with `dtype`."""
    if type(value) is WeakArray:
        return Array(value.tensor.to(with_scalar(dtype, KINDS[category(value.tensor.dtype)])))
    if type(value) is list or type(value) is tuple:
        return type(value)([_adapted(item, dtype) for item in value])
    return value


def _as_weak(found: Any, which: Any) -> Any:
    """The results of a function as weak arrays; booleans never are."""
    if type(found) is Array:
        is_strong = found.tensor.dtype is torch.bool or (which == "scalar" and found.tensor.dim())
        return found if is_strong else WeakArray(found.tensor)
    if type(found) is tuple or type(found) is list:
        weak = [_as_weak(item, which) if which != "first" or not place else item for place, item in enumerate(found)]
        return type(found)(weak)
    return found
