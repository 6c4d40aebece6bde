"""JAX's devices on torch: one, torch's default."""

from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["Device", "default", "torch_device_of"]

BEHAVIOUR = Behaviour(on_arrays=True)


class Device:
    """A device of torch, as JAX code sees it. `torch_device` is torch's own."""

    __slots__ = ("torch_device",)

    def __init__(self, torch_device: torch.device) -> None:
        self.torch_device = torch_device

    @property
    def platform(self) -> str:
        return "gpu" if self.torch_device.type == "cuda" else self.torch_device.type

    @property
    def device_kind(self) -> str:
        is_cuda = self.torch_device.type == "cuda"
        return torch.cuda.get_device_name(self.torch_device) if is_cuda else self.torch_device.type

    @property
    def id(self) -> int:
        return self.torch_device.index or 0

    @property
    def process_index(self) -> int:
        return torch.distributed.get_rank() if torch.distributed.is_initialized() else 0

    @property
    def local_hardware_id(self) -> int:
        return self.id

    host_id = process_index

    def memory_stats(self) -> dict[str, int] | None:
        if self.torch_device.type != "cuda":
            return None
        stats = torch.cuda.memory_stats(self.torch_device)
        return {
            "bytes_in_use": stats["allocated_bytes.all.current"],
            "peak_bytes_in_use": stats["allocated_bytes.all.peak"],
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.platform, self.id) == (other.platform, other.id)

    def __hash__(self) -> int:
        return hash((self.platform, self.id))

    def __repr__(self) -> str:
        return f"{self.platform}:{self.id}"


def default() -> Device:
    return Device(torch.get_default_device())


def torch_device_of(device: Any) -> torch.device | None:
    """Return torch's device for a device or sharding of JAX code, or for torch's own; `None` for other values."""
    if isinstance(device, (torch.device, str)):
        return torch.device(device)
    found = getattr(device, "torch_device", None)
    if found is None:
        devices = list(getattr(device, "device_set", ()))
        one = devices[0] if devices else device
        found = getattr(one, "torch_device", None)
        if found is None and hasattr(one, "platform"):  # a device of JAX itself
            found = torch.device("cuda", one.id) if one.platform == "gpu" else torch.device(one.platform)
    return found
