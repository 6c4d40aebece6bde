"""Where Haiku code is entered and left on torch: tensors become `Array`s, and tensors again if they were."""

from typing import Any

import torch

from unified.compat.jax.on_torch.array import Array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.transforms import enter, leave

__all__ = ["LABELLED", "enter", "enter_bundles", "explaining", "key_words", "leave", "trace_level"]

BEHAVIOUR = Behaviour(on_arrays=True)


LABELLED = False


def enter_bundles(tree: Any) -> Any:
    """A dict of dicts with an `Array` for each tensor."""
    return {
        name: {key: Array(value) if isinstance(value, torch.Tensor) else enter(value) for key, value in bundle.items()}
        if hasattr(bundle, "items")
        else bundle
        for name, bundle in tree.items()
    }


def trace_level() -> Any:
    """How many of `torch.func`'s transforms run."""
    return 0 if torch.compiler.is_compiling() else torch._C._functorch.maybe_current_level()


def key_words() -> int:
    """How many words of 32 bits a key has."""
    return 2


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: Any) -> None: ...


def explaining() -> Any:
    """Nothing: errors of torch say enough."""
    return _Nothing()
