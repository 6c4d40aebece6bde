"""Recurrent cells that `torch.nn` lacks: convolutional cells, and combinations of cells."""

from collections.abc import Sequence
from typing import Any, ClassVar

from unified.core.layers import Conv1d, Conv2d, Conv3d
from unified.core.lifted.recurrence import RecurrentCell, as_cell
from unified.core.lifted.subfunction import scope_of

__all__ = ["ConvLSTM1dCell", "ConvLSTM2dCell", "ConvLSTM3dCell", "DeepRNN", "ResidualCell"]


class _ConvLSTMCell(RecurrentCell):
    """A long short-term memory cell with convolutions in place of matrix products.

    Args:
        in_channels: the number of input channels; `None` to infer it from the first input.
        hidden_channels: the number of channels of the state and the output.
        kernel_size: an odd number, or a tuple of odd numbers, so that the state has the spatial size of the inputs.
        bias: whether the gates have biases.

    Shapes: `(batch, in_channels, *size)` and a state of two `(batch, hidden_channels, *size)` to
    `(batch, hidden_channels, *size)` and the next state. Variables are those of the convolutions `input` and `hidden`,
    with the gates in `torch.nn.LSTM`'s order.

    Source: Shi et al., "Convolutional LSTM network" (2015), without its peepholes; `haiku.Conv2DLSTM`.
    """

    dimensions: ClassVar[int]
    layer: ClassVar[Any]

    def __init__(self, in_channels: int | None, hidden_channels: int, kernel_size: Any, bias: bool = True) -> None:
        kernel = (kernel_size,) * self.dimensions if isinstance(kernel_size, int) else tuple(kernel_size)
        if any(size % 2 == 0 for size in kernel):
            raise ValueError(f"kernel_size of a convolutional LSTM must have odd sizes, got {kernel_size}")
        self.hidden_channels = hidden_channels
        padding = tuple(size // 2 for size in kernel)
        gates = 4 * hidden_channels
        self.input_layer = self.layer(in_channels, gates, kernel, padding=padding, bias=bias, name="input")
        self.hidden_layer = self.layer(hidden_channels, gates, kernel, padding=padding, bias=False, name="hidden")

    def initial_state(self, x: Any) -> Any:
        """Return zeros."""
        trees = scope_of("ConvLSTM").frame.backend.trees
        zeros = trees.zeros((*x.shape[: -self.dimensions - 1], self.hidden_channels, *x.shape[-self.dimensions :]), x)
        return zeros, zeros

    def __call__(self, x: Any, state: Any) -> tuple[Any, Any]:
        functional = scope_of("ConvLSTM").functional
        hidden, cell = state
        gates = self.input_layer(x) + self.hidden_layer(hidden)
        size = self.hidden_channels
        rest = (slice(None),) * self.dimensions
        add, keep, new, read = (gates[(..., slice(n * size, (n + 1) * size), *rest)] for n in range(4))
        cell = functional.sigmoid(keep) * cell + functional.sigmoid(add) * functional.tanh(new)
        hidden = functional.sigmoid(read) * functional.tanh(cell)
        return hidden, (hidden, cell)


class ConvLSTM1dCell(_ConvLSTMCell):
    __doc__ = f"""{_ConvLSTMCell.__doc__ or ""}
    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.unroll(u.ConvLSTM1dCell(2, 3, kernel_size=3), x)[0]
    >>> x = torch.ones(4, 1, 2, 5)
    >>> list(u.transform(forward, backend="torch").init(x, rng=0)(x).shape)
    [4, 1, 3, 5]
    """
    dimensions = 1
    layer = Conv1d


class ConvLSTM2dCell(_ConvLSTMCell):
    __doc__ = f"""{_ConvLSTMCell.__doc__ or ""}
    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.unroll(u.ConvLSTM2dCell(2, 3, kernel_size=3), x)[0]
    >>> x = torch.ones(4, 1, 2, 5, 5)
    >>> list(u.transform(forward, backend="torch").init(x, rng=0)(x).shape)
    [4, 1, 3, 5, 5]
    """
    dimensions = 2
    layer = Conv2d


class ConvLSTM3dCell(_ConvLSTMCell):
    __doc__ = f"""{_ConvLSTMCell.__doc__ or ""}
    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.unroll(u.ConvLSTM3dCell(2, 3, kernel_size=3), x)[0]
    >>> x = torch.ones(4, 1, 2, 3, 3, 3)
    >>> list(u.transform(forward, backend="torch").init(x, rng=0)(x).shape)
    [4, 1, 3, 3, 3, 3]
    """
    dimensions = 3
    layer = Conv3d


class DeepRNN(RecurrentCell):
    """A sequence of cells as one cell: each takes the outputs of the previous one.

    Args:
        cells: cells, also those of `torch.nn`, and functions of one argument, such as `unified.functional.relu`.
        skip_connections: whether each cell but the first also takes the inputs, and the output consists of the outputs
            of all cells, both concatenated along the last axis (`haiku.deep_rnn_with_skip_connections`).

    The state is a tuple of the cells' states.

    Source: `haiku.DeepRNN`.

    Shapes: those of the first cell's input to those of the last one's output; with `skip_connections`, to the sum of
    their features.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.unroll(u.DeepRNN([u.GRUCell(3, 4), u.functional.relu, u.LSTMCell(4, 5)]), x)[0]
    >>> list(u.transform(forward, backend="torch").init(torch.ones(6, 2, 3), rng=0)(torch.ones(6, 2, 3)).shape)
    [6, 2, 5]
    """

    def __init__(self, cells: Sequence[Any], skip_connections: bool = False) -> None:
        scope = scope_of("DeepRNN")

        def is_function(cell: Any) -> bool:
            return not hasattr(cell, "initial_state") and scope.frame.path_of(cell) is None

        self.parts = [cell if is_function(cell) else as_cell(cell, "DeepRNN") for cell in cells]
        self.is_cell = [not is_function(cell) for cell in cells]
        self.skip_connections = skip_connections
        if skip_connections and not all(self.is_cell):
            raise ValueError("a DeepRNN with skip connections takes only cells, no functions")

    def initial_state(self, x: Any) -> Any:
        """Return the initial states of all cells."""
        trees = scope_of("DeepRNN").frame.backend.trees
        states: list[Any] = []
        inputs = x
        for position, (part, is_cell) in enumerate(zip(self.parts, self.is_cell, strict=True)):
            if not is_cell:
                x = part(x)
                continue
            states.append(part.initial_state(x))
            if position < len(self.parts) - 1:
                x, _ = part(x, states[-1])
                if self.skip_connections:
                    x = trees.concatenate([inputs, x])
        return tuple(states)

    def __call__(self, x: Any, state: Any) -> tuple[Any, Any]:
        trees = scope_of("DeepRNN").frame.backend.trees
        old_states = iter(state)
        states: list[Any] = []
        outputs: list[Any] = []
        inputs = x
        for part, is_cell in zip(self.parts, self.is_cell, strict=True):
            if not is_cell:
                x = part(x)
                continue
            if self.skip_connections and outputs:
                x = trees.concatenate([inputs, x])
            x, new = part(x, next(old_states))
            states.append(new)
            outputs.append(x)
        return (trees.concatenate(outputs) if self.skip_connections else x), tuple(states)


class ResidualCell(RecurrentCell):
    """A cell whose inputs are added to its outputs.

    Source: `haiku.deep_rnn_with_residual_connections`, which wraps its cells like this.

    Args:
        cell: a cell whose outputs have the shape of its inputs, also one of `torch.nn`.

    Shapes: those of the cell.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.unroll(u.ResidualCell(u.GRUCell(3, 3)), x)[0]
    >>> list(u.transform(forward, backend="torch").init(torch.ones(6, 2, 3), rng=0)(torch.ones(6, 2, 3)).shape)
    [6, 2, 3]
    """

    def __init__(self, cell: Any) -> None:
        self.cell = as_cell(cell, "ResidualCell")

    def initial_state(self, x: Any) -> Any:
        """Return the initial state of the cell."""
        return self.cell.initial_state(x)

    def __call__(self, x: Any, state: Any) -> tuple[Any, Any]:
        y, state = self.cell(x, state)
        return x + y, state
