"""`ValueWatch`: notices when the body reads a value before init has filled the tensors."""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode, _get_current_function_mode

from unified.backends.torch.borrowed import Ownership

__all__ = ["NeedsValues", "ValueWatch"]


class NeedsValues(BaseException):
    """Raised when the body reads a value while tensors are unfilled: init runs it again, and fills each at once."""


# Functions that read the values of a tensor, or return an array whose shape depends on them.
READING_METHODS = (
    "__bool__ __int__ __float__ __complex__ __index__ __contains__ __array__ __repr__ __format__ item tolist numpy "
    "equal allclose is_nonzero nonzero argwhere masked_select unique unique_consecutive bincount data_ptr"
)
READING_FUNCTIONS = "equal allclose is_nonzero nonzero argwhere masked_select unique unique_consecutive bincount"
READS = frozenset(
    {getattr(torch.Tensor, name) for name in READING_METHODS.split(" ")}
    | {getattr(torch, name) for name in READING_FUNCTIONS.split(" ")}
)


class ValueWatch(TorchFunctionMode):
    """A mode that raises `NeedsValues` when values are read while the list `pending` of unfilled tensors has any.

    It also lets `ownership` check what the body uses.
    """

    def __init__(self, pending: list[Any], ownership: Ownership) -> None:
        super().__init__()
        self.pending = pending
        self.ownership = ownership
        self.pauses = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.pending and (func in READS or (func is torch.Tensor.__getitem__ and _is_mask(args[1]))):
            raise NeedsValues
        if self.pauses:
            return func(*args, **(kwargs or {}))
        return self.ownership.call(func, args, kwargs)

    def paused(self) -> "_Pause":
        """Return a context manager that turns the mode off, unless the body has entered modes on top of it."""
        return _Pause(self)


class _Pause:
    """See `ValueWatch.paused`."""

    __slots__ = ("is_on_top", "watch")

    def __init__(self, watch: ValueWatch) -> None:
        self.watch = watch
        self.is_on_top = False

    def __enter__(self) -> "_Pause":
        self.watch.pauses += 1
        self.is_on_top = _get_current_function_mode() is self.watch
        if self.is_on_top:
            self.watch.__exit__(None, None, None)
        return self

    def __exit__(self, *exception: Any) -> None:
        self.watch.pauses -= 1
        if self.is_on_top:
            self.watch.__enter__()


def _is_mask(index: Any) -> bool:
    """Return whether an index is, or contains, a boolean tensor."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, torch.Tensor) and part.dtype is torch.bool for part in parts)
