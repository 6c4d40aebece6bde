"""`jax.ad_checkpoint` on torch, which recomputes all of a checkpointed function or nothing."""

from typing import Any

from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["checkpoint_name", "checkpoint_policies"]

BEHAVIOUR = Behaviour(on_arrays=True)


def checkpoint_name(x: Any, name: str) -> Any:
    return x


class _Policies:
    """Policies by JAX's names. They change what is kept, and no values: torch does not call them."""

    PLAIN = (
        "checkpoint_dots", "checkpoint_dots_with_no_batch_dims", "dots_saveable", "dots_with_no_batch_dims_saveable",
        "everything_saveable", "nothing_saveable",
    )  # fmt: skip
    FACTORIES = (
        "offload_dot_with_no_batch_dims", "save_and_offload_only_these_names", "save_any_names_but_these",
        "save_anything_except_these_names", "save_from_both_policies", "save_only_these_names",
    )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        def policy(*args: Any, **kwargs: Any) -> bool:
            return name == "everything_saveable"

        if name in self.PLAIN:
            return policy
        if name in self.FACTORIES:
            return lambda *args, **kwargs: policy
        raise AttributeError(f"jax.checkpoint_policies has no policy {name!r}")


checkpoint_policies = _Policies()
