"""Recurrent cores whose products are convolutions.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#recurrent
"""

from collections.abc import Sequence
from typing import Any

from unified.compat.haiku.conv import ConvND
from unified.compat.haiku.docs import derived
from unified.compat.haiku.recurrent import LSTMState, RNNCore, add_batch, apply_gates
from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = ["Conv1DLSTM", "Conv2DLSTM", "Conv3DLSTM", "ConvNDLSTM"]


class ConvNDLSTM(RNNCore):
    """An LSTM whose products are convolutions.

    Source: Shi et al., "Convolutional LSTM network" (2015), https://arxiv.org/abs/1506.04214

    Args:
        num_spatial_dims: the number of spatial axes.
        input_shape: the sizes of the spatial axes.
        output_channels: the number of channels of the state.
        kernel_shape: the size of the kernels.
        name: the module's name.

    Shapes: `[N, *input_shape, channels]` and an `LSTMState` of two `[N, *input_shape, output_channels]` to an output
    and a state of these. Parameters are those of the convolutions `input_to_hidden` and `hidden_to_hidden`: `w` and
    `b`, with `4 * output_channels` outputs.
    """

    def __init__(
        self, num_spatial_dims: int, input_shape: Sequence[int], output_channels: int, kernel_shape: Any,
        name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        self.num_spatial_dims, self.input_shape = num_spatial_dims, tuple(input_shape)
        self.output_channels, self.kernel_shape = output_channels, kernel_shape

    def __call__(self, inputs: Any, state: LSTMState) -> tuple[Any, LSTMState]:
        inputs = jnp.asarray(inputs)
        state = tree_util.tree_map(jnp.asarray, state)
        options = (self.num_spatial_dims, 4 * self.output_channels, self.kernel_shape)
        from_input = ConvND(*options, name="input_to_hidden")
        from_state = ConvND(*options, name="hidden_to_hidden")
        return apply_gates(from_input(inputs) + from_state(state.hidden), state)

    def initial_state(self, batch_size: int | None) -> LSTMState:
        shape = (*self.input_shape, self.output_channels)
        return add_batch(LSTMState(jnp.zeros(shape), jnp.zeros(shape)), batch_size)


class Conv1DLSTM(ConvNDLSTM):
    __doc__ = derived(
        ConvNDLSTM,
        "An LSTM over one spatial axis, whose products are convolutions.",
        """Shapes: `[N, *input_shape, channels]` and an `LSTMState` of two `[N, *input_shape, output_channels]` to an
        output and a state of these. Parameters are those of the convolutions `input_to_hidden` and `hidden_to_hidden`.

        Source: Shi et al., "Convolutional LSTM network" (2015), https://arxiv.org/abs/1506.04214

        >>> import torch, unified.compat.haiku as hk
        >>> def step(x):
        ...     core = hk.Conv1DLSTM([4], output_channels=2, kernel_shape=3)
        ...     return core(x, core.initial_state(1))
        >>> net = hk.transform(step, backend="torch")
        >>> x = torch.ones(1, 4, 3)
        >>> list(net.apply(net.init(0, x), None, x)[0].shape)
        [1, 4, 2]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(self, input_shape: Any, output_channels: int, kernel_shape: Any, name: str | None = None) -> None:
        super().__init__(1, input_shape, output_channels, kernel_shape, name)


class Conv2DLSTM(ConvNDLSTM):
    __doc__ = derived(
        ConvNDLSTM,
        "An LSTM over two spatial axes, whose products are convolutions.",
        """Shapes: `[N, *input_shape, channels]` and an `LSTMState` of two `[N, *input_shape, output_channels]` to an
        output and a state of these. Parameters are those of the convolutions `input_to_hidden` and `hidden_to_hidden`.

        Source: Shi et al., "Convolutional LSTM network" (2015), https://arxiv.org/abs/1506.04214

        >>> import torch, unified.compat.haiku as hk
        >>> def step(x):
        ...     core = hk.Conv2DLSTM([4, 4], output_channels=2, kernel_shape=3)
        ...     return core(x, core.initial_state(1))
        >>> net = hk.transform(step, backend="torch")
        >>> x = torch.ones(1, 4, 4, 3)
        >>> list(net.apply(net.init(0, x), None, x)[0].shape)
        [1, 4, 4, 2]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(self, input_shape: Any, output_channels: int, kernel_shape: Any, name: str | None = None) -> None:
        super().__init__(2, input_shape, output_channels, kernel_shape, name)


class Conv3DLSTM(ConvNDLSTM):
    __doc__ = derived(
        ConvNDLSTM,
        "An LSTM over three spatial axes, whose products are convolutions.",
        """Shapes: `[N, *input_shape, channels]` and an `LSTMState` of two `[N, *input_shape, output_channels]` to an
        output and a state of these. Parameters are those of the convolutions `input_to_hidden` and `hidden_to_hidden`.

        Source: Shi et al., "Convolutional LSTM network" (2015), https://arxiv.org/abs/1506.04214

        >>> import torch, unified.compat.haiku as hk
        >>> def step(x):
        ...     core = hk.Conv3DLSTM([4, 4, 4], output_channels=2, kernel_shape=3)
        ...     return core(x, core.initial_state(1))
        >>> net = hk.transform(step, backend="torch")
        >>> x = torch.ones(1, 4, 4, 4, 3)
        >>> list(net.apply(net.init(0, x), None, x)[0].shape)
        [1, 4, 4, 4, 2]
        """,
        without=("num_spatial_dims",),
    )

    def __init__(self, input_shape: Any, output_channels: int, kernel_shape: Any, name: str | None = None) -> None:
        super().__init__(3, input_shape, output_channels, kernel_shape, name)
