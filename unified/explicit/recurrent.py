"""`LSTM` and `GRU` as recurrences: one step by a call, sequences by `apply`, and states whose parts have names."""

from typing import Any, ClassVar, NamedTuple

from unified.core import layers as declarations
from unified.core.annotations import Array, LayerInitFn, Metadata
from unified.core.layer import Layer
from unified.core.params import Params
from unified.explicit.frameworks import backend_of
from unified.explicit.graph import Graph
from unified.explicit.layer import LayerModule
from unified.explicit.rng import Rng
from unified.explicit.sequences import RecurrenceBase

__all__ = ["GRU", "LSTM", "GRUState", "LSTMState"]


class LSTMState(NamedTuple):
    """The state of an `LSTM`.

    Attributes:
        hidden: the output of the last step, an array of shape `(batch, hidden_size)`.
        cell: what the gates add to and keep, of the same shape.

    >>> import torch, unified.explicit as bx
    >>> list(bx.LSTMState(torch.zeros(2, 4), torch.zeros(2, 4)).cell.shape)
    [2, 4]
    """

    hidden: Array
    cell: Array


class GRUState(NamedTuple):
    """The state of a `GRU`.

    Attributes:
        hidden: an array of shape `(batch, hidden_size)`.

    >>> import torch, unified.explicit as bx
    >>> list(bx.GRUState(torch.zeros(2, 4)).hidden.shape)
    [2, 4]
    """

    hidden: Array


class _Recurrence(RecurrenceBase, LayerModule):
    """A cell of `torch.nn` as a recurrence."""

    state_class: ClassVar[type[LSTMState] | type[GRUState]]
    hidden_size: int

    def __init__(
        self,
        graph: Graph,
        input_size: int | None,
        hidden_size: int,
        bias: bool = True,
        *,
        is_static: bool = False,
        rng: Rng | None = None,
        init_fn: LayerInitFn | None = None,
        metadata: Metadata | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        LayerModule.__init__(
            self,
            graph,
            input_size,
            hidden_size,
            bias,
            device=device,
            dtype=dtype,
            rng=rng,
            init_fn=init_fn,
            metadata=metadata,
        )
        self.is_static = is_static
        self.hidden_size = hidden_size

    def initial_state(self, params: Params, inputs: Any) -> tuple[Any, Params]:
        """Return zeros for inputs of one step, and the params."""
        trees = backend_of(params, (inputs,)).trees
        zeros = trees.zeros((*inputs.shape[:-1], self.hidden_size), inputs)
        return self.state_class(*[zeros] * len(self.state_class._fields)), params

    def __call__(
        self, params: Params, inputs: Any, prev_state: Any, is_reset: Any = None, is_training: bool = False
    ) -> tuple[tuple[Any, Any], Params]:
        """Return `((output, state), params)` of one step; the output is `state.hidden`."""
        state = self.maybe_reset_state(params, prev_state, inputs, is_reset)
        hidden = tuple(state) if len(state) > 1 else state[0]
        new, params = LayerModule.__call__(self, params, inputs, hidden, is_training=is_training)
        new_state = self.state_class(*(new if isinstance(new, tuple) else (new,)))
        return (new_state.hidden, new_state), params


class LSTM(_Recurrence):
    """Long short-term memory as a recurrence; `unified.explicit.layers.LSTM` is the class of `torch.nn`.

    Args:
        graph: where it stands. Its variables are those of `unified.LSTMCell` there: `weight_ih`, `weight_hh`,
            `bias_ih`, `bias_hh`.
        input_size: features of the inputs; `None` takes them from the first.
        hidden_size: features of the state.
        bias: whether there are `bias_ih` and `bias_hh`.
        is_static: whether `apply` is a Python loop also on JAX.
        rng, init_fn, metadata, device, dtype: as in `LayerModule`.

    A call takes inputs `(batch, input_size)` and an `LSTMState`, `apply` inputs `(batch, time, input_size)`; outputs
    have `hidden_size` features.

    Source: `blox.LSTM`, which has one bias for each gate.

    >>> import torch, unified.explicit as bx
    >>> lstm = bx.LSTM(bx.Graph("net").child("lstm"), None, 4)
    >>> (outputs, state), params = lstm.apply(bx.params(seed=0), torch.ones(2, 5, 3))
    >>> list(outputs.shape), list(state.cell.shape)
    ([2, 5, 4], [2, 4])
    """

    _declaration: ClassVar[type[Layer]] = declarations.LSTMCell
    state_class = LSTMState


class GRU(_Recurrence):
    """Gated recurrent unit as a recurrence; `unified.explicit.layers.GRU` is the class of `torch.nn`.

    Args:
        graph: where it stands. Its variables are those of `unified.GRUCell` there: `weight_ih`, `weight_hh`, `bias_ih`,
            `bias_hh`.
        input_size: features of the inputs; `None` takes them from the first.
        hidden_size: features of the state.
        bias: whether there are `bias_ih` and `bias_hh`.
        is_static: whether `apply` is a Python loop also on JAX.
        rng, init_fn, metadata, device, dtype: as in `LayerModule`.

    A call takes inputs `(batch, input_size)` and a `GRUState`, `apply` inputs `(batch, time, input_size)`; outputs have
    `hidden_size` features.

    Source: `blox.GRU`, which applies the reset gate before the product with the weight of the state.

    >>> import torch, unified.explicit as bx
    >>> gru = bx.GRU(bx.Graph("net").child("gru"), None, 4)
    >>> (outputs, state), params = gru.apply(bx.params(seed=0), torch.ones(2, 5, 3))
    >>> list(outputs.shape), list(state.hidden.shape)
    ([2, 5, 4], [2, 4])
    """

    _declaration: ClassVar[type[Layer]] = declarations.GRUCell
    state_class = GRUState
