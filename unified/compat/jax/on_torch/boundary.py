"""The boundary of Haiku code on torch: tensors become `Array`s on entry and tensors again on exit."""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.errors import UnexpectedTracerError
from unified.compat.jax.on_torch.tracing import trace_state
from unified.compat.jax.on_torch.transforms import enter, leave

__all__ = ["LABELLED", "enter", "enter_bundles", "explaining", "key_words", "leave", "trace_level"]

BEHAVIOUR = Behaviour(on_arrays=True)


LABELLED = False


def enter_bundles(tree: Any) -> Any:
    """Return a dict of dicts with an `Array` for each tensor; `enter` converts other values."""
    return {
        name: {key: Array(value) if isinstance(value, torch.Tensor) else enter(value) for key, value in bundle.items()}
        if hasattr(bundle, "items")
        else bundle
        for name, bundle in tree.items()
    }


def trace_level() -> Any:
    """Return what tells the traces and transforms of `torch.func` that are active from others."""
    return trace_state()


def key_words() -> int:
    """Return the number of 32-bit words of a key."""
    return 2


class explaining:  # noqa: N801
    """Run the block, and say more of the error of a traced array that is used after its trace."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, UnexpectedTracerError):
            raise UnexpectedTracerError(
                f"{error}. Where your function calls jax.jit, jax.lax.scan or another transform of JAX on modules, you "
                "want to use the Haiku version of it, such as hk.jit or hk.scan"
            ) from error
