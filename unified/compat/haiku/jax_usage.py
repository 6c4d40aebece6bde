"""The check of `hk.config.check_jax_usage`: no transform of JAX itself runs around a function of Haiku.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#module-haiku.config
"""

from unified.compat.haiku import config
from unified.compat.haiku.frame import current, trace_level

__all__ = ["JaxUsageError", "assert_jax_usage"]


class JaxUsageError(ValueError):
    """Raised if a function of Haiku is called inside a transform of JAX itself, such as `jax.jit`.

    Names and keys would be counted while JAX traces, and leave the trace. `hk.jit`, `hk.vmap` and the others carry them
    through. Only checked with `hk.config.check_jax_usage(True)`.

    >>> import unified.compat.haiku as hk
    >>> issubclass(hk.JaxUsageError, ValueError)
    True
    """

    __module__ = "haiku"


def assert_jax_usage(name: str) -> None:
    """Raise if the option is set and a transform of JAX runs that Haiku does not know."""
    if config.get("check_jax_usage") and current().traces[-1] != trace_level():
        raise JaxUsageError(
            f"hk.{name} was used inside of a transform of JAX, such as jax.jit or jax.vmap, within a hk.transform. Its "
            "effect would be lost or leak: use Haiku's own form of the transform (hk.jit, hk.vmap, hk.scan, ...)"
        )
