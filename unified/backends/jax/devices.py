"""Names of devices among the arguments of layers, which JAX itself never sees: it places arrays."""

from typing import Any

from unified.core.naming import closest

__all__ = ["check_device"]

# Those of torch, whose models these are too, and JAX's own.
NAMES = (
    "cpu", "cuda", "gpu", "tpu", "mps", "meta", "xpu", "xla", "hpu", "mtia", "maia", "rocm", "metal", "ipu", "mkldnn",
    "opengl", "opencl", "ideep", "hip", "ve", "fpga", "lazy", "vulkan", "privateuseone", "npu",
)  # fmt: skip


def check_device(path: str, device: Any) -> None:
    """Raise `ValueError` if `device` is a string that names none, as torch does; JAX's placement ignores the others."""
    name = device.partition(":")[0] if isinstance(device, str) else "cpu"
    if name not in NAMES:
        raise ValueError(
            f"{path!r}: device={device!r} is no device of torch or JAX, such as 'cpu', 'cuda' or 'cuda:0'"
            f"{closest(name, NAMES, 'names')}"
        )
