"""`jax.nn.initializers` on either framework."""

from typing import Any as _Any

from unified.compat.jax import front as _front

_front.serve(globals(), "nn.initializers")


def __getattr__(name: str) -> _Any:
    return _front.of_jax("nn.initializers", name)
