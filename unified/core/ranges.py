"""Names of layers in profiles: whether calls are named, and `named_ranges`."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from unified.core import backends
from unified.core.bound import BoundModel, TransformedModel

__all__ = ["named_ranges", "naming", "naming_set", "set_named_scopes"]


class _Naming:
    """Whether the operations of layers are traced with the layers' paths."""

    enabled = os.environ.get("UNIFIED_NAMED_SCOPES", "1") != "0"


naming = _Naming()


def set_named_scopes(enabled: bool) -> None:
    """Set whether operations on JAX carry the path of their layer, as `jax.named_scope` names them.

    They do by default, or the environment variable `UNIFIED_NAMED_SCOPES` is `0`. A function that is compiled already
    keeps its names.

    >>> import unified as u
    >>> u.set_named_scopes(False)
    >>> u.set_named_scopes(True)
    """
    naming.enabled = enabled


@contextmanager
def naming_set(enabled: bool) -> Iterator[None]:
    """Set whether operations are named, for the time of the context."""
    outer, naming.enabled = naming.enabled, enabled
    try:
        yield
    finally:
        naming.enabled = outer


def named_ranges(model: Any) -> AbstractContextManager[None]:
    """Return a context in which each call of a layer or module is a range of the profiler, named by its path.

    On torch the ranges are those of `torch.profiler.record_function`, in the calls of `model` (a model of
    `unified.transform`, a bound model, or any `nn.Module`), also by other threads; a compiled call has none. On JAX
    operations have their layer's path anyway, as the `op_name` of what XLA compiles; within the context also if
    `set_named_scopes(False)` was called.

    Raises `TypeError` for a value that is no model.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
    >>> with u.named_ranges(net), torch.profiler.profile() as profile:
    ...     y = net(torch.ones(4, 2))
    >>> "linear" in {event.key for event in profile.key_averages()}
    True
    """
    while isinstance(model, (BoundModel, TransformedModel)):
        model = model.model
    for name in backends.known():
        context = backends.load(name).named_ranges(model) if name in sys.modules else None
        if context is not None:
            return context
    raise TypeError(
        f"named_ranges takes a model, as unified.transform returns it, or an nn.Module, got {type(model).__name__}"
    )
