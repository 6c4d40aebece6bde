"""Devices and dtypes among the arguments of layers: JAX itself never sees a device, for it places arrays."""

from typing import Any

import numpy as np

from unified.core.dtypes import dtype_name
from unified.core.naming import closest

__all__ = ["check_device", "check_dtype"]

# Those of torch, whose models these are too, and JAX's own.
NAMES = (
    "cpu", "cuda", "gpu", "tpu", "mps", "meta", "xpu", "xla", "hpu", "mtia", "maia", "rocm", "metal", "ipu", "mkldnn",
    "opengl", "opencl", "ideep", "hip", "ve", "fpga", "lazy", "vulkan", "privateuseone", "npu",
)  # fmt: skip
OWNERS = ("torch", "jax", "jaxlib", "unified")  # of classes of devices


def check_dtype(path: str, dtype: Any) -> None:
    """Raise `TypeError` if `dtype` is no dtype of JAX's."""
    try:
        np.dtype(dtype if dtype is None else dtype_name(dtype))
    except TypeError:
        raise TypeError(
            f"{path!r}: {dtype!r} is no dtype that JAX has: pass a name such as 'float32', or a dtype"
        ) from None


def check_device(path: str, device: Any) -> None:
    """Raise `ValueError` if `device` is a string that names none, as torch does; JAX's placement ignores the others.

    Raises `TypeError` for what is no device of any framework.
    """
    if not (device is None or isinstance(device, (str, int)) or type(device).__module__.partition(".")[0] in OWNERS):
        raise TypeError(f"{path!r}: device={device!r} is no device: pass a name such as 'cpu', or a framework's device")
    name = device.partition(":")[0] if isinstance(device, str) else "cpu"
    if name not in NAMES:
        raise ValueError(
            f"{path!r}: device={device!r} is no device of torch or JAX, such as 'cpu', 'cuda' or 'cuda:0'"
            f"{closest(name, NAMES, 'names')}"
        )
