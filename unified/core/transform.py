"""Make a model of a function; `unified.transform` is what users call."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from unified.core import backends
from unified.core.body import check_body
from unified.core.policy import Policies, Policy

__all__ = ["transform"]


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
        fn = functools.partial(fn, *args, **kwargs)
    check_body(fn)
    return backends.load(backend or backends.default_name()).model(
        fn,
        rng=rng,
        policies=None if policy is None else Policies(policy),
        separate_stacks=stacks == "separate",
    )
