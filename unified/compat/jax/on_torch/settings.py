"""Options of `jax.config` that are settings of the process in torch."""

from typing import Any

import torch

from unified.core.errors import BackendError

__all__ = ["apply", "matmul_precision"]

# JAX's words for the precision of products of float32, and torch's.
PRECISIONS = {
    "default": "highest", "fastest": "medium", "bfloat16": "medium", "bfloat16_3x": "high", "high": "high",
    "tensorfloat32": "high", "highest": "highest", "float32": "highest",
}  # fmt: skip


def matmul_precision(value: object) -> str:
    """Return torch's word for a precision of JAX's; raise `BackendError` if it has none."""
    found = PRECISIONS.get("default" if value is None else str(value))
    if found is None:
        raise BackendError(
            f"torch has no precision {value!r} of products: use one of {', '.join(PRECISIONS)}"
        ).with_page("haiku#pitfalls")
    return found


def apply(name: str, value: Any) -> None:
    """Make torch follow an option.

    Raises:
        BackendError: it cannot.
    """
    if name == "jax_default_matmul_precision":
        torch.set_float32_matmul_precision(matmul_precision(value))
    elif name == "jax_default_device":
        torch.set_default_device(getattr(value, "torch_device", value))
    elif value:
        kinds = {"cuda" if kind in ("gpu", "cuda") else kind for kind in str(value).split(",")}
        if torch.get_default_device().type in kinds:
            return
        if "cuda" in kinds and torch.cuda.is_available():
            torch.set_default_device("cuda")
        elif "cpu" in kinds:
            torch.set_default_device("cpu")
        else:
            raise BackendError(f"{name}: torch has no device {value!r} here").with_page("haiku#pitfalls")
