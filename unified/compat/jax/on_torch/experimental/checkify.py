"""`jax.experimental.checkify` on torch: errors that depend on values, carried out of a function as a value.

>>> import unified as u, unified.compat.jax as jax, unified.compat.jax.numpy as jnp
>>> from unified.compat.jax.experimental import checkify
>>> u.set_backend("torch")
>>> def root(x):
...     checkify.check(x >= 0, "{x} has no root", x=x)
...     return jnp.sqrt(x)
>>> error, y = checkify.checkify(jax.jit(root))(jnp.array(-4.0))
>>> error.get()
'-4.0 has no root (`check` failed)'
>>> u.set_backend(None)

Outside of traces, `checkify` runs its function untraced, so that the checks in compiled functions and in the bodies of
loops see values. Within a trace, the checks of the function itself are carried out, and not those of functions that it
compiles or loops over.
"""

import functools
import itertools
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from unified.compat.jax import config, pytrees
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, tensor
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.levels import without_levels
from unified.compat.jax.on_torch.tracing import current, is_tracer
from unified.core.errors import BackendError

__all__ = [
    "Error", "ErrorCategory", "JaxRuntimeError", "all_checks", "automatic_checks", "check", "check_error", "checkify",
    "debug_check", "div_checks", "float_checks", "index_checks", "init_error", "nan_checks", "user_checks",
]  # fmt: skip

BEHAVIOUR = Behaviour(on_arrays=True)


class JaxRuntimeError(ValueError):
    """A check failed."""


class ErrorCategory(JaxRuntimeError):  # noqa: N818
    """The class of the kinds of errors."""


class FailedCheckError(ErrorCategory):
    """`check` failed."""


class NaNError(ErrorCategory):
    """An operation made a NaN; not looked for on torch."""


class OOBError(ErrorCategory):
    """An index was out of bounds; not looked for on torch."""


class DivisionByZeroError(ErrorCategory):
    """A division by zero; not looked for on torch."""


user_checks = frozenset({FailedCheckError})
nan_checks, index_checks, div_checks = frozenset({NaNError}), frozenset({OOBError}), frozenset({DivisionByZeroError})
float_checks = nan_checks | div_checks
automatic_checks = float_checks | index_checks
all_checks = automatic_checks | user_checks


class Failure(NamedTuple):
    """One check: whether it failed, with the text of the error and the arrays for it.

    Where `jax.vmap` is in the function, `failed` and the arrays of which `has_lanes` says so have its axes first. Where
    it is around the function, as of `vmap(checkify(f))`, all of them have its axes before those.
    """

    failed: torch.Tensor
    message: str
    payload: Any  # a tree of arrays: positional and named arguments of the text
    has_lanes: tuple[bool, ...]  # by array of the payload
    lane_axes: int

    @property
    def mapped_shape(self) -> tuple[int, ...]:
        return tuple(self.failed.shape[: self.failed.dim() - self.lane_axes])

    def text(self, index: tuple[int, ...]) -> str | None:
        """Return the text of the error of the last lane that failed, at an index of the axes around the function."""
        failed = self.failed[index].reshape(-1)
        if not bool(failed.any()):
            return None
        last = int(failed.nonzero()[-1])
        leaves, structure = tree.tree_flatten(self.payload)
        chosen = []
        for leaf, has_lanes in zip(leaves, self.has_lanes, strict=True):
            value = leaf.tensor[index]
            chosen.append(type(leaf)(value.flatten(0, self.lane_axes - 1)[last] if has_lanes else value))
        args, kwargs = structure.unflatten(chosen)
        return f"{self.message.format(*args, **kwargs)} (`check` failed)"


class Error:
    """The checks that a function made: a tree of arrays, so that transformed functions may return it."""

    def __init__(self, failures: tuple[Failure, ...] = ()) -> None:
        self._failures = failures

    def get(self) -> str | None:
        """Return the text of the first check that failed, or `None`; by `vmap` around, a line for each index."""
        mapped = self._failures[0].mapped_shape if self._failures else ()
        lines = []
        for index in itertools.product(*map(range, mapped)):
            texts = [failure.text(index) for failure in self._failures]
            text = next((text for text in texts if text is not None), None)
            if text is not None:
                lines.append(f"at mapped index {', '.join(map(str, index))}: {text}" if index else text)
        return "\n".join(lines) or None

    def get_exception(self) -> JaxRuntimeError | None:
        text = self.get()
        return None if text is None else JaxRuntimeError(text)

    def throw(self) -> None:
        """Raise a `JaxRuntimeError` if a check failed."""
        check_error(self)

    def __str__(self) -> str:
        return f"Error({self.get()})"

    def __repr__(self) -> str:
        if any(is_tracer(failure.failed) for failure in self._failures):
            return f"Error({len(self._failures)} checks)"
        return str(self)


def _flatten(error: Error) -> tuple[list[Any], Any]:
    children = [(Array(failure.failed), failure.payload) for failure in error._failures]
    return children, tuple([(failure.message, failure.has_lanes, failure.lane_axes) for failure in error._failures])


def _unflatten(data: Any, children: Any) -> Error:
    return Error(
        tuple(
            [
                Failure(failed.tensor if isinstance(failed, Array) else failed, message, payload, has_lanes, lane_axes)
                for (message, has_lanes, lane_axes), (failed, payload) in zip(data, children, strict=True)
            ]
        )
    )


pytrees.FOR_TORCH.register_pytree_node(Error, _flatten, _unflatten)
init_error = Error()


class _Collection(threading.local):
    """The checks of the running `checkify`, and the trace and the level of `torch.func` in which it began."""

    def __init__(self) -> None:
        self.failures: list[Failure] | None = None
        self.trace: Any = None
        self.level = 0


_collection = _Collection()


def checkify(f: Callable[..., Any], errors: frozenset[Any] = user_checks) -> Callable[..., tuple[Error, Any]]:
    """Return a function that returns the checks of `f` as an `Error`, and its output.

    Raises:
        BackendError: `errors` has kinds other than `user_checks`, which torch's operations do not look for.
    """
    others = sorted(kind.__name__ for kind in errors - user_checks)
    if others:
        raise BackendError(
            f"checkify on torch makes the checks that a function makes by checkify.check (user_checks), and was asked "
            f"for {', '.join(others)}: jax.debug_nans finds NaNs, and chex.assert_tree_all_finite checks a tree"
        ).with_page("haiku#pitfalls")

    @functools.wraps(f)
    def checked(*args: Any, **kwargs: Any) -> tuple[Error, Any]:
        before = _collection.failures, _collection.trace, _collection.level
        found: list[Failure] = []
        _collection.failures, _collection.trace = found, current()
        _collection.level = torch._C._functorch.maybe_current_level() or 0
        try:
            with config.block("jax_disable_jit")(config.is_jit_disabled() or current() is None):
                output = f(*args, **kwargs)
        finally:
            _collection.failures, _collection.trace, _collection.level = before
        return Error(tuple(found)), output

    return checked


def check(pred: Any, msg: str, *fmt_args: Any, debug: bool = False, **fmt_kwargs: Any) -> None:
    """Check that `pred`, a boolean without axes, is true; arrays are put into the text `msg` by its `format`.

    Raises:
        JaxRuntimeError: it is false, and no `checkify` is around the call.
        ValueError: it has no value yet, and no `checkify` is around the trace.
    """
    value = tensor(pred)
    if value.dtype is not torch.bool or value.dim():
        raise TypeError(f"checkify.check takes a boolean without axes, got {value.dtype} of {list(value.shape)}")
    for leaf in tree.tree_leaves((fmt_args, fmt_kwargs)):
        if not isinstance(leaf, Array):
            raise TypeError(f"checkify.check puts arrays into its text, got {leaf!r} of type {type(leaf).__name__}")
    leaves = tree.tree_leaves((fmt_args, fmt_kwargs))
    _add(Failure(~value, msg, (fmt_args, fmt_kwargs), (False,) * len(leaves), 0), debug)


def debug_check(pred: Any, msg: str, *fmt_args: Any, **fmt_kwargs: Any) -> None:
    """Do as `check` does within `checkify`, and nothing elsewhere."""
    check(pred, msg, *fmt_args, debug=True, **fmt_kwargs)


def check_error(error: Error) -> None:
    """Raise the error of the first check that failed; within `checkify`, pass the checks on to it."""
    for failure in error._failures:
        _add(failure, is_nested=True)


def _add(failure: Failure, is_debug: bool = False, is_nested: bool = False) -> None:
    found = _collection.failures
    if found is None:
        if is_debug:
            return
        if is_tracer(failure.failed):
            raise ValueError(
                "checkify.check in a traced function has no value to look at: wrap the function in "
                "checkify.checkify, and look at the error that it returns"
            )
        text = Error((failure if is_nested else _without_levels(failure, 0),)).get()
        if text is not None:
            raise JaxRuntimeError(text)
        return
    if current() is not _collection.trace:
        raise BackendError(
            "checkify within a traced function carries no checks out of functions that it compiles or loops over, on "
            "torch: apply checkify outside of jax.jit, as in checkify.checkify(jax.jit(f))"
        ).with_page("haiku#pitfalls")
    found.append(failure if is_nested else _without_levels(failure, _collection.level))


def _without_levels(failure: Failure, level: int) -> Failure:
    """Return a check as it is outside of the transforms of `torch.func` above a level."""
    leaves, structure = tree.tree_flatten(failure.payload)
    outside = without_levels([failure.failed, *[leaf.tensor for leaf in leaves]], level)
    failed = outside.values[0] if outside.has_lanes[0] else outside.values[0].expand(outside.sizes)
    payload = structure.unflatten([type(leaf)(value) for leaf, value in zip(leaves, outside.values[1:], strict=True)])
    return Failure(failed, failure.message, payload, tuple(outside.has_lanes[1:]), len(outside.sizes))
