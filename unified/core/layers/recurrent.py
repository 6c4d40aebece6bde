"""Recurrent layers: networks over whole sequences, and the cells that take one step."""

import math
from collections.abc import Iterator
from numbers import Number
from typing import Any

from unified.core.initializers import uniform
from unified.core.layer import Layer, LayerVariable, Shape, parameter
from unified.core.layers.checks import check_sizes

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


def _check_nonlinearity(nonlinearity: str) -> None:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")


def _sequence_variables(
    gates: int,
    input_size: int,
    hidden_size: int,
    num_layers: int,
    bias: bool,
    batch_first: bool,
    dropout: float,
    bidirectional: bool,
    proj_size: int,
    dtype: Any,
) -> Iterator[LayerVariable]:
    """Yield the variables of each stacked layer and, within it, of each direction."""
    check_sizes(1, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    check_sizes(proj_size=proj_size)
    if proj_size >= hidden_size:
        raise ValueError(f"proj_size must be smaller than hidden_size {hidden_size}, got {proj_size}")
    if isinstance(dropout, bool) or not isinstance(dropout, Number) or not 0 <= dropout <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {dropout!r}")
    for name, value in (("bias", bias), ("batch_first", batch_first)):
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}")
    bound = 1 / math.sqrt(hidden_size)
    suffixes = ("", "_reverse") if bidirectional else ("",)
    output_size = proj_size or hidden_size
    for layer in range(num_layers):
        for suffix in suffixes:
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (gates * hidden_size, output_size * len(suffixes) if layer else input_size),
                "weight_hh": (gates * hidden_size, output_size),
            }
            if bias:
                shapes |= dict.fromkeys(("bias_ih", "bias_hh"), (gates * hidden_size,))
            if proj_size:
                shapes["weight_hr"] = (proj_size, hidden_size)
            for name, shape in shapes.items():
                yield parameter(f"{name}_l{layer}{suffix}", shape, uniform(-bound, bound), dtype)


class _Recurrent(Layer):
    @classmethod
    def flops(cls, arguments: dict[str, Any], inputs: list[Shape], outputs: list[Shape]) -> int:
        variables = cls._declaration.variables(**{**arguments, "input_size": inputs[0][-1]})
        matrices = sum(math.prod(variable.shape) for variable in variables if len(variable.shape) == 2)
        return 2 * math.prod(inputs[0][:-1]) * matrices


class _Sequence(_Recurrent):
    optional_sizes = ("input_size",)
    is_random = True

    @classmethod
    def is_random_with(cls, **arguments: Any) -> bool:
        return arguments["dropout"] > 0 and arguments["num_layers"] > 1

    @staticmethod
    def sizes(input: Any, hx: Any = None) -> dict[str, Any]:
        data = input[0] if isinstance(input, tuple) else input  # a PackedSequence is a tuple
        return {"input_size": data.shape[-1]}


class RNN(_Sequence):
    """A plain recurrent network: `h[t] = tanh(x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh)`.

    Args:
        input_size: features of the input; `None` takes them from the first input.
        hidden_size: features of the hidden state `h`.
        num_layers: number of stacked layers, each over the outputs of the one before.
        nonlinearity: `"tanh"` or `"relu"`.
        bias: whether there are `b_ih` and `b_hh`.
        batch_first: whether input and output are `(N, T, C)` instead of `(T, N, C)`; states are the same.
        dropout: probability of zeroing an output of any layer but the last, in training.
        bidirectional: whether each layer also runs from the end to the start; it then concatenates both outputs.

    A call takes `(input, hx=None)`, where `hx` holds the initial states, zeros by default. It returns the outputs of
    the last layer at all times, and the final states.

    Shapes: with `D = 2` if bidirectional and else 1, `(T, N, input_size)` to `(T, N, D * hidden_size)`, and states
    `(num_layers * D, N, hidden_size)`; without a batch, no shape has `N`. Variables are `weight_ih_l0`,
    `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, those of the reverse direction (`weight_ih_l0_reverse`, ...), then those
    of layer 1, and start uniform within `1 / sqrt(hidden_size)`.

    On torch the input may be a `PackedSequence`. JAX has fixed shapes and no such type: pad the input and mask the
    outputs.

    Source: Elman (1990); `torch.nn.RNN`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.RNN(None, 4)(x), backend="torch").init(torch.ones(5, 2, 3), rng=0)
    >>> outputs, states = net(torch.ones(5, 2, 3))
    >>> list(outputs.shape), list(states.shape)
    ([5, 2, 4], [1, 2, 4])
    """

    @staticmethod
    def variables(
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        assert input_size is not None
        _check_nonlinearity(nonlinearity)
        yield from _sequence_variables(
            1, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype
        )


class LSTM(_Sequence):
    """Long short-term memory: a cell state `c` that gates add to, keep and read.

    With the gates `i, f, g, o = x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh` in this order,
    `c[t] = sigmoid(f) * c[t - 1] + sigmoid(i) * tanh(g)` and `h[t] = sigmoid(o) * tanh(c[t])`.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional: as in `RNN`.
        proj_size: if not 0, `h` is multiplied by `weight_hr` of shape `(proj_size, hidden_size)` at each step.

    A call takes `(input, hx=None)`, where `hx` is the initial `(h, c)`, zeros by default. It returns the outputs of the
    last layer at all times, and the final `(h, c)`.

    Shapes: with `D = 2` if bidirectional and else 1, `(T, N, input_size)` to `(T, N, D * hidden_size)`, and states
    `(num_layers * D, N, hidden_size)`; with `proj_size`, outputs and `h` have `proj_size` features; without a batch, no
    shape has `N`. Variables are those of `RNN`, with the first dimension `4 * hidden_size`, and start uniform within
    `1 / sqrt(hidden_size)`. Only torch takes a `PackedSequence`.

    Source: Hochreiter and Schmidhuber (1997), Sak et al. (2014) for the projection; `torch.nn.LSTM`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LSTM(None, 4)(x), backend="torch").init(torch.ones(5, 2, 3), rng=0)
    >>> list(net.lstm.weight_ih_l0.shape)
    [16, 3]
    """

    @staticmethod
    def variables(
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        assert input_size is not None
        yield from _sequence_variables(
            4, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype
        )


class GRU(_Sequence):
    """Gated recurrent unit: gates decide how much of the old state is read, and how much is kept.

    With the three parts `r, z, n` of `x[t] @ W_ih.T + b_ih` and of `h[t - 1] @ W_hh.T + b_hh`, in this order:
    `r = sigmoid(r_i + r_h)`, `z = sigmoid(z_i + z_h)`, `n = tanh(n_i + r * n_h)`, `h[t] = (1 - z) * n + z * h[t - 1]`.
    In the paper `r` multiplies the state before the product with its weight, not after it.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional: as in `RNN`.

    A call takes `(input, hx=None)`, where `hx` holds the initial states, zeros by default. It returns the outputs of
    the last layer at all times, and the final states.

    Shapes: with `D = 2` if bidirectional and else 1, `(T, N, input_size)` to `(T, N, D * hidden_size)`, and states
    `(num_layers * D, N, hidden_size)`; without a batch, no shape has `N`. Variables are those of `RNN`, with the first
    dimension `3 * hidden_size`, and start uniform within `1 / sqrt(hidden_size)`. Only torch takes a `PackedSequence`.

    Source: Cho et al. (2014); `torch.nn.GRU`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.GRU(3, 4, bidirectional=True)(x), backend="torch").init(torch.ones(5, 3), rng=0)
    >>> outputs, states = net(torch.ones(5, 3))
    >>> list(outputs.shape), list(states.shape)
    ([5, 8], [2, 4])
    """

    @staticmethod
    def variables(
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        assert input_size is not None
        yield from _sequence_variables(
            3, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype
        )


def _cell_variables(
    gates: int, input_size: int | None, hidden_size: int, bias: bool, dtype: Any
) -> Iterator[LayerVariable]:
    """Yield the variables of a cell."""
    assert input_size is not None
    check_sizes(input_size=input_size, hidden_size=hidden_size)
    bound = 1 / math.sqrt(hidden_size) if hidden_size > 0 else 0.0
    yield parameter("weight_ih", (gates * hidden_size, input_size), uniform(-bound, bound), dtype)
    yield parameter("weight_hh", (gates * hidden_size, hidden_size), uniform(-bound, bound), dtype)
    if bias:
        yield parameter("bias_ih", (gates * hidden_size,), uniform(-bound, bound), dtype)
        yield parameter("bias_hh", (gates * hidden_size,), uniform(-bound, bound), dtype)


class _Cell(_Recurrent):
    variable_names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    optional_sizes = ("input_size",)

    @staticmethod
    def sizes(input: Any, hx: Any = None) -> dict[str, Any]:
        return {"input_size": input.shape[-1]}


class RNNCell(_Cell):
    """One step of an `RNN`: the next state from an input and the state, zeros by default.

    Args:
        input_size: features of the input; `None` takes them from the first input.
        hidden_size: features of the state.
        bias: whether there are `bias_ih` and `bias_hh`.
        nonlinearity: `"tanh"` or `"relu"`.

    Shapes: `(N, input_size)` and `(N, hidden_size)` to `(N, hidden_size)`; all may lack `N`.

    `weight_ih` is `(hidden_size, input_size)`, `weight_hh` `(hidden_size, hidden_size)`, `bias_ih` and `bias_hh` are
    `(hidden_size,)`; all start uniform within `1 / sqrt(hidden_size)`.

    Source: `torch.nn.RNNCell`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.RNNCell(None, 4)(x), backend="torch").init(torch.ones(2, 3), rng=0)
    >>> list(net(torch.ones(2, 3)).shape)
    [2, 4]
    """

    @staticmethod
    def variables(
        input_size: int | None,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> Iterator[LayerVariable]:
        _check_nonlinearity(nonlinearity)
        yield from _cell_variables(1, input_size, hidden_size, bias, dtype)


class LSTMCell(_Cell):
    """One step of an `LSTM`: the next `(h, c)` from an input and `(h, c)`, zeros by default.

    Args:
        input_size, hidden_size, bias: as in `RNNCell`.

    Shapes: `(N, input_size)` and two `(N, hidden_size)` to two `(N, hidden_size)`; all may lack `N`.

    `weight_ih` is `(4 * hidden_size, input_size)`, `weight_hh` `(4 * hidden_size, hidden_size)`, `bias_ih` and
    `bias_hh` are `(4 * hidden_size,)`; all start uniform within `1 / sqrt(hidden_size)`.

    Source: `torch.nn.LSTMCell`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.LSTMCell(None, 4)(x), backend="torch").init(torch.ones(2, 3), rng=0)
    >>> [list(state.shape) for state in net(torch.ones(2, 3))]
    [[2, 4], [2, 4]]
    """

    @staticmethod
    def variables(
        input_size: int | None, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> Iterator[LayerVariable]:
        yield from _cell_variables(4, input_size, hidden_size, bias, dtype)


class GRUCell(_Cell):
    """One step of a `GRU`: the next state from an input and the state, zeros by default.

    Args:
        input_size, hidden_size, bias: as in `RNNCell`.

    Shapes: `(N, input_size)` and `(N, hidden_size)` to `(N, hidden_size)`; all may lack `N`.

    `weight_ih` is `(3 * hidden_size, input_size)`, `weight_hh` `(3 * hidden_size, hidden_size)`, `bias_ih` and
    `bias_hh` are `(3 * hidden_size,)`; all start uniform within `1 / sqrt(hidden_size)`.

    Source: `torch.nn.GRUCell`.

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.GRUCell(None, 4)(x), backend="torch").init(torch.ones(3), rng=0)
    >>> list(net.gru_cell.weight_hh.shape)
    [12, 4]
    """

    @staticmethod
    def variables(
        input_size: int | None, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> Iterator[LayerVariable]:
        yield from _cell_variables(3, input_size, hidden_size, bias, dtype)
