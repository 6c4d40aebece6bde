"""The function of a model: which functions can be one, what it may return, and how it receives the mode of a call."""

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from unified.core.frame import Frame
from unified.core.layer import Layer
from unified.core.module import Module
from unified.core.naming import function_name

__all__ = ["ModeArgument", "bound_names", "check_body", "check_output", "mode_argument"]

# The arguments of `init` and `apply` that a body cannot have.
RESERVED = {
    "params": "the first argument of apply",
    "capture": "an argument of apply, which selects intermediate values",
    "rng": "the seed that init takes",
}
KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_body(fn: Any) -> None:
    """Raise `TypeError` unless `fn` is a function that can be the body of a model."""
    name, inner = function_name(fn), fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    if not callable(inner):
        raise TypeError(f"transform takes a function, got {fn!r}")
    if isinstance(inner, type):
        raise TypeError(
            f"transform takes a function, and {name} is a class: a call of it makes an instance, and runs no layer. "
            f"Write `lambda x: {name}(...)(x)`"
        )
    # A method finds the code of a callable object; a function is its own.
    code = inner if inspect.isroutine(inner) else type(inner).__call__
    if inspect.iscoroutinefunction(code) or inspect.isasyncgenfunction(code):
        raise TypeError(f"the body {name!r} is an async function, which a model does not await: make it a plain `def`")
    if inspect.isgeneratorfunction(code):
        raise TypeError(
            f"the body {name!r} is a generator function, which runs after the call: return a list instead of yielding"
        )
    if "training" in bound_names(fn):
        raise TypeError(
            f"the argument `training` of {name!r} is the mode of a call, and cannot be fixed by transform: pass it to "
            "each call, as in net.apply(params, x, training=True), or give the argument another name"
        )
    for parameter in _parameters(fn).values():
        fixed = parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.name in bound_names(fn)
        if parameter.name in RESERVED and parameter.kind in KEYWORDS and not fixed:
            raise TypeError(
                f"the body {name!r} has an argument {parameter.name!r}, which is {RESERVED[parameter.name]} and never "
                f"reaches the body: rename it, for example to {parameter.name + '_'!r}"
            )
        if parameter.name == "training" and parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise TypeError(
                f"the argument `training` of {name!r} is positional only, and calls pass the mode by name: move it "
                "behind the `/`"
            )


def _parameters(fn: Any) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a function; none if it has no signature, as some of the frameworks' own."""
    try:
        return inspect.signature(fn).parameters
    except (ValueError, TypeError):
        return {}


def bound_names(fn: Any) -> set[str]:
    """Return the names of the arguments that `functools.partial` has fixed."""
    names: set[str] = set()
    while isinstance(fn, functools.partial):
        try:
            bound = inspect.signature(fn.func).bind_partial(*fn.args, **fn.keywords)
        except (ValueError, TypeError):  # the call will say what does not fit
            return names | set(fn.keywords)
        for name, value in bound.arguments.items():
            is_more = bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
            names |= set(value) if is_more else {name}
        fn = fn.func
    return names


class ModeArgument:
    """The argument `training` of a body, which receives the mode of each call.

    Attributes:
        name: the name of the body.
        position: the position of the argument; `None` if it is passed by name alone.
        is_named: whether the body has it; otherwise the body has `**kwargs`, through which it cannot be passed.
    """

    def __init__(self, name: str, position: int | None, is_named: bool) -> None:
        self.name = name
        self.position = position
        self.is_named = is_named

    def resolve(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], default: bool, *, is_apply: bool = False
    ) -> tuple[bool, tuple[Any, ...], dict[str, Any]]:
        """Return the mode of a call, and the arguments with which the body receives it.

        Args:
            args, kwargs: the arguments of the call.
            default: the mode unless they contain another; `None` is none.
            is_apply: whether `default` is what `apply` got, which then must not contradict `args`.
        """
        if not self.is_named:
            for name in ("training", *RESERVED):
                if name in kwargs:
                    raise TypeError(
                        f"the body {self.name!r} got {name!r} in its **kwargs, where init and apply cannot pass "
                        + ("it: write `training=False` in its signature" if name == "training" else "it: rename it")
                    )
            return default, args, kwargs
        if self.position is not None and len(args) > self.position:
            if args[self.position] is None:
                return default, (*args[: self.position], default, *args[self.position + 1 :]), kwargs
            mode = bool(args[self.position])
            if is_apply and default and not mode:
                raise TypeError(f"the body {self.name!r} got training twice: False by position, and True by name")
            return mode, args, kwargs
        training = kwargs.get("training")
        mode = default if training is None else bool(training)
        return mode, args, {**kwargs, "training": mode}

    def strip(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of a call without the mode, where that is possible."""
        if not self.is_named:
            return args, kwargs
        kwargs = {name: value for name, value in kwargs.items() if name != "training"}
        return args[:-1] if self.position == len(args) - 1 else args, kwargs


def mode_argument(fn: Any) -> ModeArgument | None:
    """Return the argument by which a body receives the mode; `None` if it has none, nor `**kwargs`."""
    parameters = _parameters(fn)
    name = function_name(fn)
    if "training" in parameters:
        parameter = parameters["training"]
        by_position = parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        return ModeArgument(name, list(parameters).index("training") if by_position else None, True)
    takes_more = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    return ModeArgument(name, None, False) if takes_more else None


def check_output(frame: Frame[Any, Any], fn: Callable[..., Any], output: Any) -> None:
    """Raise `TypeError` if a body returned what runs later, or a module in place of its output."""
    if isinstance(output, Mapping):
        output = tuple(output.values())
    if type(output) in (tuple, list) or hasattr(output, "_fields"):
        for item in output:
            check_output(frame, fn, item)
        return
    name = function_name(fn)
    if isinstance(output, (Iterator, Awaitable, AsyncIterator)):
        raise TypeError(
            f"the body {name!r} returned a {type(output).__name__}, whose code runs after the call and outside of the "
            "model: compute its values in the body, as in list(...)"
        )
    is_class = isinstance(output, type) and issubclass(output, (Module, Layer))
    if is_class or isinstance(output, Module) or frame.is_module(output):
        kind = output.__name__ if isinstance(output, type) else type(output).__name__
        raise TypeError(
            f"the body {name!r} returned the {'class' if is_class else 'module'} {kind}, and not what "
            "it computes: call it with the inputs, as in u.Linear(2, 3)(x)"
        )
