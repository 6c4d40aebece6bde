"""Make a model of a function; `unified.transform` is what users call."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from unified.core import backends
from unified.core.body import RESERVED, check_body
from unified.core.naming import closest, function_name
from unified.core.pages import end_with_link
from unified.core.policy import Policies, Policy

__all__ = ["transform"]

OPTIONS = ("backend", "rng", "policy", "stacks")


def transform(
    fn: Callable[..., Any],
    *args: Any,
    backend: str | None = None,
    rng: str | None = None,
    policy: Policy | Mapping[str, Policy] | None = None,
    stacks: str | None = None,
    **kwargs: Any,
) -> Any:
    """Make a model of a function; see `unified.transform`."""
    if rng not in (None, "portable"):
        raise ValueError(f"rng must be None or 'portable', got {rng!r}")
    if stacks not in (None, "stacked", "separate"):
        raise ValueError(f"stacks must be None, 'stacked' or 'separate', got {stacks!r}")
    if args or kwargs:
        if not callable(fn):
            raise TypeError(f"transform takes a function, got {fn!r}")
        _check_options(fn, kwargs)
        fn = functools.partial(fn, *args, **kwargs)
    check_body(fn)
    name = backend or backends.default_name()
    _check_framework(fn, name)
    return backends.load(name).model(
        fn,
        rng=rng,
        policies=None if policy is None else Policies(policy),
        separate_stacks=stacks == "separate",
    )


def _check_options(fn: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Raise `TypeError` for an option that is neither the function's nor one of `transform`."""
    try:
        # A wrapper may take more than what it wraps says.
        parameters = inspect.signature(fn, follow_wrapped=False).parameters.values()
    except (ValueError, TypeError):  # some functions of the frameworks have no signature
        return
    if isinstance(fn, type) or any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return
    names = [p.name for p in parameters if p.kind is not inspect.Parameter.POSITIONAL_ONLY]
    for name, value in options.items():
        if name not in names and name not in RESERVED and name != "training":
            raise TypeError(
                f"transform was given {name}={value!r}, which {function_name(fn)!r} does not take"
                f"{closest(name, [*names, *OPTIONS], 'arguments')}"
            )


def _check_framework(fn: Any, name: str) -> None:
    """Raise `TypeError` if `fn` is a module of another framework, which has variables of its own."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    owner = backends.of_module(fn)
    if owner is not None and owner.name != name:
        kind = type(fn).__name__
        what = f"transform takes a function, and got a module of {owner.name}, {kind}, for a model on {name}"
        if not owner.is_native_module(fn):
            raise TypeError(end_with_link(f"{what}: build it by unified.build(..., backend={name!r})", "objects"))
        cure = "unified.from_torch(module, *example_inputs) makes a model on jax of a module of PyTorch"
        raise TypeError(end_with_link(f"{what}: {cure}", "from_torch"))
