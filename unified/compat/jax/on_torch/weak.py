"""The boundary around functions on tensors, and JAX's weak types in it.

An array that comes of Python's numbers alone is weak: it takes the dtype of the arrays that it meets, as numbers do.
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

from unified.compat.jax.config import CHECKS
from unified.compat.jax.dtypes import KEY_DTYPE
from unified.compat.jax.on_torch import checks
from unified.compat.jax.on_torch.arguments import refuse_arguments
from unified.compat.jax.on_torch.array import Array, WeakArray, as_array, boundary, is_weak, unwrap, wrap
from unified.compat.jax.on_torch.behaviour import FIRST, REQUIRED, RETURNED, Behaviour, behaviour_of
from unified.compat.jax.on_torch.dtypes import KINDS, PYTHON, category, promoted, torch_dtype, with_scalar
from unified.compat.jax.on_torch.typed_keys import KeyArray, moving_keys, with_key
from unified.compat.jax.on_torch.unsigned import widening

__all__ = ["beside", "bound"]

DTYPES = ("dtype", "preferred_element_type")  # parameters for the dtype of results


class Rule(NamedTuple):
    """A function's `Behaviour`, with the places of its parameters."""

    operands: slice  # of the positional arguments
    names: tuple[str, ...]  # of the operands, for those that are passed by name
    others: tuple[str, ...]  # the parameters from the first operand on that does not follow the slice
    most: int  # the number of positional arguments before those
    dtype: str  # the parameter for the dtype of results
    dtype_place: int
    meets: int  # the category of Python's numbers in the function; -1 for none
    instead: str  # the parameter that replaces them
    promotes: bool
    weak: bool | str | Callable[..., bool]


def _rule(function: Callable[..., Any], behaviour: Behaviour) -> Rule:
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if code.co_flags & inspect.CO_VARARGS else ""
    if behaviour.operands == FIRST:
        names = (*parameters, rest)[:1]
    elif behaviour.operands == REQUIRED:
        names = (*parameters[: len(parameters) - len(function.__defaults__ or ())], *filter(None, [rest]))
    else:
        names = tuple(behaviour.operands.split())
    places = [parameters.index(name) for name in names if name in parameters]
    start = places[0] if places else len(parameters)
    count = next((n for n, place in enumerate(places) if place != start + n), len(places))
    others = parameters[places[count] :] if count < len(places) else ()
    dtypes = DTYPES if behaviour.promotes else DTYPES[:1]  # `jax.lax` keeps weak types beside a preferred dtype
    dtype = next((name for name in dtypes if name in parameters or name in keywords), "")
    instead = behaviour.meets if isinstance(behaviour.meets, str) else ""
    number = type(inspect.signature(function).parameters[instead].default) if instead else behaviour.meets
    return Rule(
        operands=slice(start, None if rest in names else start + count),
        names=names,
        others=others,
        most=len(parameters) - len(others) if others else sys.maxsize,
        dtype=dtype,
        dtype_place=parameters.index(dtype) if dtype in parameters else sys.maxsize,
        meets=-1 if number is None else KINDS.index(number),
        instead=instead,
        promotes=behaviour.promotes,
        weak=behaviour.weak,
    )


def bound(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` as JAX code calls it: itself if it is written on arrays, else with the boundary around it."""
    behaviour = behaviour_of(function)
    if behaviour.key:
        return with_key(_with_boundary(function, behaviour), function.__name__, behaviour.key == RETURNED)
    return _with_boundary(function, behaviour)


def _with_boundary(function: Callable[..., Any], behaviour: Behaviour) -> Callable[..., Any]:
    if behaviour.on_arrays:
        return function
    rule, function = _rule(function, behaviour), widening(function)
    if not rule.names:
        return boundary(function)
    operands, names, meets, most = rule.operands, rule.names, rule.meets, rule.most

    @functools.wraps(function)
    def on_arrays(*args: Any, **kwargs: Any) -> Any:
        try:
            if CHECKS:
                return _checked(function, rule, args, kwargs)
            if len(args) <= most and (not kwargs or not [name for name in names if name in kwargs]):
                for value in args[operands]:
                    if type(value) is not Array or (meets > 0 and not value.tensor.is_floating_point()):
                        break
                else:  # strong arrays alone
                    if kwargs:
                        kwargs = {name: unwrap(value) for name, value in kwargs.items()}
                    tensors = [value.tensor if type(value) is Array else unwrap(value) for value in args]
                    return wrap(function(*tensors, **kwargs))
            return _promoting(function, rule, args, kwargs)
        except RuntimeError as error:
            refuse_arguments(function, error, args)
            raise

    return on_arrays


def _checked(function: Callable[..., Any], rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function with the checks that options of `jax.config` ask for."""
    operands = [*args[rule.operands], *[kwargs[name] for name in rule.names if name in kwargs]]
    if rule.promotes and rule.weak != "each":
        checks.promotion(function.__name__, *_categories(operands)[:2])
    checks.ranks(function, operands)
    return checks.values(function.__name__, _promoting(function, rule, args, kwargs))


def _promoting(function: Callable[..., Any], rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function of operands some of which may be weak arrays or numbers of Python."""
    if rule.others:  # which are passed by name from here on
        args, kwargs = args[: rule.most], {**dict(zip(rule.others, args[rule.most :], strict=False)), **kwargs}
    if rule.weak == "each":
        return _each(function, args, kwargs)
    leading = operands = args[rule.operands]
    if kwargs:
        operands = (*leading, *[kwargs[name] for name in rule.names if name in kwargs])
    strong, weak, has_weak_arrays = _categories(operands)
    if KEY_DTYPE in strong:
        return moving_keys(function, args, kwargs, strong, weak >= 0)
    if rule.meets > weak and not (rule.instead and len(operands) == len(rule.names)):
        weak = rule.meets
    is_weak_result = weak >= 0 and _outweighs(weak, strong, rule.promotes) and _stays_weak(rule, args, kwargs)
    if has_weak_arrays and strong and rule.promotes:
        dtype = strong[0] if len(strong) == 1 else functools.reduce(promoted, strong)
        start = rule.operands.start
        args = (*args[:start], *[_adapted(value, dtype) for value in leading], *args[start + len(leading) :])
        kwargs = {name: _adapted(value, dtype) if name in rule.names else value for name, value in kwargs.items()}
    if kwargs:
        kwargs = {name: unwrap(value) for name, value in kwargs.items()}
    result = wrap(function(*[unwrap(value) for value in args], **kwargs))
    return _as_weak(result, rule.weak) if is_weak_result else result


def _categories(operands: Iterable[Any]) -> tuple[list[Any], int, bool]:
    """Return the dtypes of strong arrays, the highest category of what is weak, and whether weak arrays are among it.

    The dtype of keys is `KEY_DTYPE`. The category is -1 if nothing is weak. A boolean of Python is as strong as an
    array of booleans.
    """
    strong: list[Any] = []
    weak, has_weak_arrays = -1, False
    for value in operands:
        kind = type(value)
        if kind is Array:
            strong.append(value.tensor.dtype)
        elif kind is WeakArray:
            weak, has_weak_arrays = max(weak, category(value.tensor.dtype)), True
        elif kind is KeyArray:
            strong.append(KEY_DTYPE)
        elif kind is bool:
            strong.append(torch.bool)
        elif kind in PYTHON:
            weak = max(weak, KINDS.index(kind))
        elif kind is list or kind is tuple:
            inner, highest, is_among = _categories(value)
            strong, weak, has_weak_arrays = strong + inner, max(weak, highest), has_weak_arrays or is_among
        elif isinstance(value, torch.Tensor):
            strong.append(value.dtype)
        elif isinstance(value, (np.ndarray, np.generic)):
            strong.append(torch_dtype(value.dtype))
    return strong, weak, has_weak_arrays


def _outweighs(weak: int, strong: list[torch.dtype], promotes: bool) -> bool:
    """Return whether weak operands decide the dtype; where nothing is promoted, they do among themselves alone."""
    if not promotes:
        return not strong
    return all(category(dtype) < weak for dtype in strong)


def _stays_weak(rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if rule.dtype and (args[rule.dtype_place] if rule.dtype_place < len(args) else kwargs.get(rule.dtype)) is not None:
        return False
    return bool(rule.weak(*args, **kwargs)) if callable(rule.weak) else bool(rule.weak)


def _adapted(value: Any, dtype: torch.dtype) -> Any:
    """Return the value with weak arrays in the dtype that numbers of their kind make with `dtype`."""
    if type(value) is WeakArray:
        return Array(value.tensor.to(with_scalar(dtype, KINDS[category(value.tensor.dtype)])))
    if type(value) is list or type(value) is tuple:
        return type(value)([_adapted(item, dtype) for item in value])
    return value


def beside(value: Any, dtype: torch.dtype) -> torch.Tensor:
    """Return the tensor of a value beside arrays of `dtype`: in a dtype that it takes from them if it is weak."""
    array: Array = _adapted(as_array(value), dtype)
    return array.tensor


def _as_weak(result: Any, which: Any) -> Any:
    """Return results as weak arrays; booleans never are."""
    if type(result) is Array:
        is_strong = result.tensor.dtype is torch.bool or (which == "scalar" and result.tensor.dim())
        return result if is_strong else WeakArray(result.tensor)
    if isinstance(result, tuple) or type(result) is list:
        items = [_as_weak(item, which) if which != "first" or not place else item for place, item in enumerate(result)]
        return type(result)(*items) if hasattr(result, "_fields") else type(result)(items)
    return result


def _each(function: Callable[..., Any], operands: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function with a result for each operand, as weak as that one; with one operand, it may be alone."""
    if any(type(value) is KeyArray for value in operands):
        strong, weak, _ = _categories(operands)
        return moving_keys(function, operands, kwargs, strong, weak >= 0)
    results = wrap(function(*[unwrap(value) for value in operands], **kwargs))
    if isinstance(results, Array):
        return _as_weak(results, True) if is_weak(operands[0]) else results
    pairs = zip(results, operands, strict=True)
    return type(results)(_as_weak(result, True) if is_weak(operand) else result for result, operand in pairs)
