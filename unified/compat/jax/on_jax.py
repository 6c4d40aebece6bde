"""What `unified.compat.jax` is on JAX: JAX itself, with the names that older JAX had."""

import contextlib
import importlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jax
from jax.extend.core import get_opaque_trace_state

from unified.compat.jax.pytrees import PARTIAL

__all__ = ["module"]

jax.tree_util.register_pytree_node(*PARTIAL)

OLDER = {
    "tree_all": jax.tree.all,
    "tree_flatten": jax.tree.flatten,
    "tree_leaves": jax.tree.leaves,
    "tree_map": jax.tree.map,
    "tree_reduce": jax.tree.reduce,
    "tree_structure": jax.tree.structure,
    "tree_transpose": jax.tree.transpose,
    "tree_unflatten": jax.tree.unflatten,
    "host_id": jax.process_index,
    "host_count": jax.process_count,
}


class _Top:
    """`jax`, with the names of older versions."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jax, name) if hasattr(jax, name) else _older(name)


def _older(name: str) -> Any:
    if name not in OLDER:
        raise AttributeError(f"jax has no attribute {name!r}")
    return OLDER[name]


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except jax.errors.UnexpectedTracerError as error:
        raise jax.errors.UnexpectedTracerError(
            "a traced value was used after its trace (see the error above). Modules store traced values if a transform "
            "of JAX runs them: where your function calls jax.vmap, jax.lax.scan or another on modules, you want to use "
            "the Haiku version of it, such as hk.vmap or hk.scan"
        ) from error


BOUNDARY = SimpleNamespace(
    LABELLED=True,
    enter=lambda tree: tree,
    enter_bundles=lambda tree: tree,
    leave=lambda tree, given: tree,
    trace_level=lambda: get_opaque_trace_state(convention="haiku"),
    explaining=_explaining,
    key_words=lambda: 4 if "rbg" in str(jax.config.jax_default_prng_impl) else 2,  # type: ignore[attr-defined]
)
OWN = {"boundary": BOUNDARY, "fused": SimpleNamespace()}


def module(name: str) -> Any:
    """Return the module `jax.<name>`; `jax` itself for an empty name."""
    if not name:
        return _Top()
    if name in OWN:
        return OWN[name]
    own = importlib.import_module(f"jax.{name}")
    if name == "nn":
        return SimpleNamespace(**{**vars(own), "normalize": jax.nn.standardize})
    return own
