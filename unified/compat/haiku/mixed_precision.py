"""Mixed-precision policies for classes of modules.

A policy, such as `jmp.Policy`, has `param_dtype`, `cast_to_compute(tree)` and `cast_to_output(tree)`.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#mixed-precision
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from unified.compat.haiku.custom import custom_creator, custom_getter
from unified.compat.haiku.frame import current, local
from unified.compat.haiku.module import interceptors

__all__ = ["clear_policy", "current_policy", "get_policy", "push_policy", "set_policy"]


class _Policies(threading.local):
    def __init__(self) -> None:
        self.by_class: dict[type, Any] = {}
        self.running: list[Any] = []
        self.installed = False


_policies = _Policies()


def _create(next_creator: Any, shape: Any, dtype: Any, init: Any, context: Any) -> Any:
    return next_creator(shape, _policies.running[-1].param_dtype, init)


def _get(next_getter: Any, value: Any, context: Any) -> Any:
    return next_getter(_policies.running[-1].cast_to_compute(value))


def _intercept(next_fun: Any, args: Any, kwargs: Any, context: Any) -> Any:
    policy = get_policy(type(context.module))
    if policy is None:
        return next_fun(*args, **kwargs)
    with contextlib.ExitStack() as block:
        if not _policies.running:
            block.enter_context(custom_creator(_create))
            block.enter_context(custom_getter(_get, state=True))
        _policies.running.append(policy)
        block.callback(_policies.running.pop)
        args, kwargs = policy.cast_to_compute((args, kwargs))
        return policy.cast_to_output(next_fun(*args, **kwargs))


def current_policy() -> Any:
    """Return the policy of the running module, or of the nearest module around it that has one."""
    return _policies.running[-1] if _policies.running else None


def get_policy(cls: type) -> Any:
    """Return the policy of a class, or `None` without one.

    Args:
        cls: a class of modules.

    >>> import unified.compat.haiku as hk
    >>> hk.mixed_precision.get_policy(hk.Linear) is None
    True
    """
    return _policies.by_class.get(cls)


def set_policy(cls: type, policy: Any) -> None:
    """Set the policy of a class, for all its instances in this thread.

    Args:
        cls: the class of modules.
        policy: such as `jmp.get_policy("p=f32,c=f16,o=f32")`.
    """
    if not hasattr(policy, "cast_to_compute"):
        raise TypeError(f"a policy has cast_to_compute and cast_to_output, as jmp.Policy has, got {policy!r}")
    if not _policies.installed:
        interceptors.items.insert(0, _intercept)
        _policies.installed = True
    _policies.by_class[cls] = policy


def clear_policy(cls: type) -> None:
    """Remove the policy of a class.

    Args:
        cls: a class of modules.

    >>> import unified.compat.haiku as hk
    >>> hk.mixed_precision.clear_policy(hk.Linear)
    """
    _policies.by_class.pop(cls, None)


@contextlib.contextmanager
def push_policy(cls: type, policy: Any) -> Iterator[None]:
    """Set the policy of a class for a block; not within a method of that class.

    Args:
        cls: a class of modules.
        policy: as of `set_policy`.
    """
    if local.frames and any(type(call.module) is cls for call in current().calls):
        raise ValueError(
            f"a method of {cls.__name__} is running, and a new policy for the same class is not supported in it: one "
            "call would have two; call push_policy around it"
        )
    before = get_policy(cls)
    set_policy(cls, policy)
    try:
        yield
    finally:
        if before is None:
            clear_policy(cls)
        else:
            set_policy(cls, before)
