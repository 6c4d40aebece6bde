"""`jax.experimental.multihost_utils` on torch, for one process."""

from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.array import as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.core.errors import BackendError

__all__ = ["assert_equal", "broadcast_one_to_all", "process_allgather", "sync_global_devices"]

BEHAVIOUR = Behaviour(on_arrays=True)


def _check_one_process(name: str) -> None:
    if torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1:
        raise BackendError(f"multihost_utils.{name} is for one process on torch: use torch.distributed").with_page(
            "haiku#pitfalls"
        )


def sync_global_devices(name: str) -> None:
    _check_one_process("sync_global_devices")


def broadcast_one_to_all(in_tree: Any, is_source: bool | None = None) -> Any:
    _check_one_process("broadcast_one_to_all")
    return tree_util.tree_map(lambda leaf: np.asarray(as_array(leaf)), in_tree)


def process_allgather(in_tree: Any, tiled: bool = False) -> Any:
    _check_one_process("process_allgather")
    return tree_util.tree_map(lambda leaf: np.asarray(as_array(leaf))[None if not tiled else ...], in_tree)


def assert_equal(in_tree: Any, fail_message: str = "") -> None:
    _check_one_process("assert_equal")
