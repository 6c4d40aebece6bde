"""Recording of a model's calls: each frame gets a recorder, and hooks report the calls of layers to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from torch import nn

from unified.backends.torch.container import layers_below
from unified.backends.torch.frame import TorchFrame
from unified.core.recorder import Recorder

__all__ = ["record"]

RecorderT = TypeVar("RecorderT", bound=Recorder)


@contextmanager
def record(
    model: nn.Module, make_recorder: Callable[[TorchFrame], RecorderT], *, inner_layers: bool
) -> Iterator[list[RecorderT]]:
    """Record each call of a `TorchModel` with the recorder that `make_recorder(frame)` returns.

    Yields the list of these recorders, one for each call. `inner_layers` records the layers within layers too.
    """
    recorders: list[RecorderT] = []

    def begin(frame: TorchFrame) -> None:
        recorder = make_recorder(frame)
        recorders.append(recorder)
        frame.recorder = recorder

    def hook(path: str) -> Callable[..., None]:
        return lambda module, args, kwargs, output: recorders[-1].record_call(path, (*args, *kwargs.values()), output)

    layers = dict(layers_below(model))
    if inner_layers:
        layers = {
            f"{path}/{name.replace('.', '/')}" if name else path: inner
            for path, module in layers.items()
            for name, inner in module.named_modules()
        }
    handles = [module.register_forward_hook(hook(path), with_kwargs=True) for path, module in layers.items()]
    model.__dict__["_capturing"] = begin
    try:
        yield recorders
    finally:
        del model.__dict__["_capturing"]
        for handle in handles:
            handle.remove()
