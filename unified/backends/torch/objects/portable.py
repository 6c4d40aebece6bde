"""Objects whose random draws are the same on every framework: `u.build(..., portable=True)` on torch.

Each of a user's modules is called in a scope of its own, from whose path draws take their keys, as in a body.
"""

from typing import Any

import torch
from torch import nn

from unified.backends.torch import layers
from unified.backends.torch.container import Container
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.objects.calls import walk
from unified.core import threefry
from unified.core.record import NOT_RECORDED
from unified.core.scope import Scope, current, run_body
from unified.core.subclass import once_per_class

__all__ = ["RANDOM", "make_portable", "portable_class"]

RANDOM = "_random"  # the attribute of each module that refers to the state of random numbers


class ObjectFrame(TorchFrame):
    """One call of an object, whose modules are the nodes."""

    refuses_objects = False  # as in a call without portable draws, which has no frame

    def __init__(self, called: Any) -> None:
        super().__init__(called, called.training, portable=True)
        self.random = called.__dict__[RANDOM]

    def open(self, node: nn.Module) -> Any:
        return node, {}, NOT_RECORDED

    def record_of(self, node: nn.Module) -> Any:
        return None

    def _root_key(self, stream: str) -> tuple[Any, Any]:
        return self.random._buffers["key"], self.random._buffers["counter"]


@once_per_class
def portable_class(cls: Any, kind: type[nn.Module]) -> type[nn.Module]:
    """Return the class `kind` of a user's objects, with calls that enter a scope."""

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        outer: Any = current.scope
        path = self.__dict__["_place"].path
        if outer is None or type(outer.frame) is not ObjectFrame:
            frame = ObjectFrame(self)
            output = run_body(frame, _at(path, self), args, kwargs)
            frame.finish()
            return output
        return _at(path, self)(*args, **kwargs)

    def _at(path: str, module: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            outer: Any = current.scope
            current.scope = Scope(outer.frame, module, path)
            try:
                return super(portable, module).__call__(*args, **kwargs)
            finally:
                current.scope = outer

        return run

    members = {name: getattr(kind, name) for name in ("__module__", "__qualname__", "_user_class")}
    members["__doc__"] = kind.__dict__.get("__doc__")  # as it is written: that of a layer is completed when it is read
    meta: Any = type(kind)
    portable: Any = meta(kind.__name__, (kind,), {**members, "__call__": __call__, "_is_portable": True})
    return portable


def make_portable(root: nn.Module, key: threefry.Key) -> None:
    """Let the modules below `root` draw the same random numbers as on every framework.

    Raises `TypeError` for a random layer of torch alone, whose calls enter no scope.
    """
    is_ours = "_user_class" in type(root).__dict__
    store = Container("rng")
    store.register_buffer("key", torch.tensor(key, dtype=torch.int64).to(torch.uint32))
    store.register_buffer("counter", torch.zeros((), dtype=torch.uint32))
    draws = False
    found: list[Any] = list(walk(root))
    for path, module in found:
        if "_user_class" in type(module).__dict__:
            module.__class__ = portable_class(type(module)._user_class, type(module))
            object.__setattr__(module, RANDOM, store)
            continue
        before = type(module)
        layers.make_portable_one(module, path)
        draws = draws or type(module) is not before
    if draws and not is_ours:
        raise TypeError(
            f"portable=True was passed for a {type(root).__name__} of torch, whose draws need a key: build a class of "
            "your "
            "own that has it as a part"
        )
    if draws:
        nn.Module.register_module(root, "rng", store)
