"""`optimize_rng_use`: one split for all keys that a function takes."""

import functools
from collections.abc import Callable
from typing import Any

from unified.compat import jax
from unified.compat.haiku import frame as frames
from unified.compat.haiku.internal_state import internal_state, temporary_internal_state
from unified.compat.haiku.random import PRNGSequence

__all__ = ["optimize_rng_use"]


def optimize_rng_use(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return `fun` with all its keys split at once; they differ from the keys that it would take one at a time.

    `fun` runs twice: first with abstract values, to count the keys.
    """

    @functools.wraps(fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        frames.assert_inside("optimize_rng_use")
        sequence = frames.current().rng
        if sequence is None:
            return fun(*args, **kwargs)
        key, _ = sequence.internal_state
        counter = PRNGSequence((key, ()))
        num_keys = 0
        original = PRNGSequence.__next__

        class Counting(PRNGSequence):
            def __next__(self) -> Any:
                nonlocal num_keys
                num_keys += 1
                return original(self)

            next = __next__

            def take(self, num: int) -> tuple[Any, ...]:
                return tuple(next(self) for _ in range(num))

        def count(state: Any, args: Any, kwargs: Any) -> Any:
            with temporary_internal_state(state), frames.current().draw_from(Counting(counter.internal_state)):
                return fun(*args, **kwargs)

        jax.eval_shape(functools.partial(_discard_outputs, count), internal_state(), args, kwargs)
        sequence.reserve(num_keys)
        return fun(*args, **kwargs)

    return wrapper


def _discard_outputs(function: Callable[..., Any], *args: Any) -> int:
    function(*args)
    return 0
