"""Layers on torch whose sizes follow from their first inputs, for all layers that may leave a size out."""

from typing import Any, NoReturn

import torch
from torch import nn

from unified.backends.torch import layers
from unified.backends.torch.first_values import first_values
from unified.core.layer import Spec
from unified.core.naming import join
from unified.core.pages import end_with_link
from unified.core.pending import pending_variables
from unified.nn.construction import Place

__all__ = ["LazyLayer"]


class LazyLayer(nn.Module):
    """A layer without sizes, which becomes a layer of `torch.nn` in its first call."""

    _place: Place | None = None

    def __init__(self, spec: Spec, init_fn: Any) -> None:
        super().__init__()
        self.__dict__["_lazy"] = spec, init_fn

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Become the layer that fits these inputs, and call it."""
        if any(torch._C._functorch.is_functorch_wrapped_tensor(x) for x in inputs if isinstance(x, torch.Tensor)):
            self._refuse()
        place = self.__dict__["_place"]
        lazy, init_fn = self.__dict__["_lazy"]
        spec = lazy.with_sizes(inputs).with_initializers(init_fn)
        arguments = {name: value for name, value in spec.arguments.items() if (name, value) != ("device", None)}
        device = next((x.device for x in inputs if isinstance(x, torch.Tensor)), None)
        with torch.device("cpu" if device is None else device):
            layer = layers.construct(
                spec.declaration, layers.native_class(spec.declaration, False, (), arguments), (), arguments
            )
        pending = pending_variables(spec)
        named = dict((*layer.named_parameters(), *layer.named_buffers()))
        names = [name.replace(".", "/") for name in named]
        wanted = [pending[name].first_value(join(place.path, name)) for name in names]
        with torch.no_grad():
            for tensor, value in zip(named.values(), first_values(place.key, wanted), strict=True):
                tensor.copy_(value)
        layer.train(self.training)
        hooks = {name: value for name, value in self.__dict__.items() if "hooks" in name}
        for name in ("_place", "_lazy"):
            del self.__dict__[name]
        self.__dict__.update({**layer.__dict__, **hooks})
        self.__class__ = type(layer)  # type: ignore[assignment]
        return self.forward(*inputs, **kwargs)

    def _refuse(self) -> NoReturn:
        place = self.__dict__["_place"]
        raise ValueError(
            end_with_link(
                f"the layer {place.path!r} has a size of None, which follows from its first call: call the network "
                "once, net(x), before a pure call or a transform",
                "objects",
            )
        )

    def extra_repr(self) -> str:
        return f"{self.__dict__['_lazy'][0].declaration.__name__}, its sizes follow from the first call"
