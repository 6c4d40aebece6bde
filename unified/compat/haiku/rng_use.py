"""`optimize_rng_use`: all keys that a function takes, split at once."""

import functools
from collections.abc import Callable
from typing import Any

from unified.compat import jax
from unified.compat.haiku import frame as frames
from unified.compat.haiku.random import PRNGSequence
from unified.compat.haiku.stateful import internal_state, temporary_internal_state

__all__ = ["optimize_rng_use"]


def optimize_rng_use(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun` with as many keys split at once as it takes; the keys differ from those it takes one by one.

    It runs twice: once, abstractly, to count.
    """

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        frames.assert_inside("optimize_rng_use")
        sequence = frames.current().rng
        if sequence is None:
            return fun(*args, **kwargs)
        key, _ = sequence.internal_state
        counter = PRNGSequence((key, ()))
        taken = 0
        original = PRNGSequence.__next__

        class Counting(PRNGSequence):
            def __next__(self) -> Any:
                nonlocal taken
                taken += 1
                return original(self)

            next = __next__

            def take(self, num: int) -> tuple[Any, ...]:
                return tuple(next(self) for _ in range(num))

        def count(state: Any, args: Any, kwargs: Any) -> Any:
            with temporary_internal_state(state), frames.current().drawing(Counting(counter.internal_state)):
                return fun(*args, **kwargs)

        jax.eval_shape(functools.partial(_dropped, count), internal_state(), args, kwargs)
        sequence.reserve(taken)
        return fun(*args, **kwargs)

    return wrapper


def _dropped(function: Callable[..., Any], *args: Any) -> int:
    function(*args)
    return 0
