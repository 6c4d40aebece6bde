"""The recurrent layers of `torch.nn`, with the same dropout between layers as on every backend."""

from typing import Any

import torch
from torch import _VF, nn
from torch.overrides import TorchFunctionMode

from unified.backends.torch.portable.drawing import drop

__all__ = ["FUNCTIONS", "LAYERS"]

KERNELS = (_VF.rnn_tanh, _VF.rnn_relu, _VF.lstm, _VF.gru)


class LayerByLayer(TorchFunctionMode):
    """A mode that runs torch's kernel one layer at a time, with dropout in between.

    The code around the kernel (checks, initial states, packed sequences) is torch's own.
    """

    def __init__(self, module: nn.RNNBase) -> None:
        super().__init__()
        self.module = module

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func not in KERNELS:
            return func(*args, **(kwargs or {}))
        module = self.module
        packed = isinstance(args[3], list)  # the second argument is then batch_sizes, and there is no batch_first
        input, batch_sizes = args[0], args[1:2] if packed else ()
        states = args[len(batch_sizes) + 1]
        states = states if isinstance(states, tuple) else (states,)
        weights = module._flat_weights
        count, directions = len(weights) // module.num_layers, 2 if module.bidirectional else 1
        finals = []
        for layer in range(module.num_layers):
            if layer:
                input = self._drop(input, packed)
            layer_states = tuple(state[layer * directions : (layer + 1) * directions] for state in states)
            input, *final = func(
                input,
                *batch_sizes,
                layer_states if len(layer_states) > 1 else layer_states[0],
                weights[layer * count : (layer + 1) * count],
                module.bias,
                1,
                0.0,
                True,
                module.bidirectional,
                *(() if packed else (module.batch_first,)),
            )
            finals.append(final)
        return input, *map(torch.cat, zip(*finals, strict=True))

    def _drop(self, input: torch.Tensor, packed: bool) -> torch.Tensor:
        """Apply dropout to the outputs of a layer; the mask is drawn with time as the first axis."""
        path, p = self.module.__dict__["_path"], self.module.dropout
        if packed or not self.module.batch_first:
            return drop(input, p, False, path)
        return drop(input.transpose(0, 1), p, False, path).transpose(0, 1)


class _Portable(nn.RNNBase):
    def forward(self, *inputs: Any, **options: Any) -> Any:
        if not self.training or self.dropout == 0 or self.num_layers == 1:
            return super().forward(*inputs, **options)
        with LayerByLayer(self):
            return super().forward(*inputs, **options)


class RNN(_Portable, nn.RNN):
    """`torch.nn.RNN`, with the masks drawn at the layer's path."""


class LSTM(_Portable, nn.LSTM):
    """`torch.nn.LSTM`, with the masks drawn at the layer's path."""


class GRU(_Portable, nn.GRU):
    """`torch.nn.GRU`, with the masks drawn at the layer's path."""


LAYERS: dict[str, type[nn.Module]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}

FUNCTIONS: dict[str, Any] = {}
