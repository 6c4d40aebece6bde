"""`jax.numpy.fft` on either framework."""

from typing import Any as _Any

from unified.compat.jax import front as _front

_front.serve(globals(), "numpy.fft")


def __getattr__(name: str) -> _Any:
    return _front.of_jax("numpy.fft", name)
