"""Make a model of a function; `unified.transform` is what users call."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from unified.core import backends
from unified.core.body import RESERVED, check_body
from unified.core.naming import closest, function_name
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
    return backends.load(backend or backends.default_name()).model(
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
