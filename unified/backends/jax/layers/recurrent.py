"""Recurrent layers and cells."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.dropout import drop
from unified.backends.jax.functional.recurrent import KINDS, Kind, State, Weights, scan, step
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Bernoulli
from unified.core.draws import DROPOUT

Pair = tuple[jax.Array, jax.Array]  # the hidden state and the cell


class _Recurrent(JaxLayer):
    """The base of recurrent layers and cells."""

    proj_size = 0  # only an LSTM has this argument

    def _weights(self, suffix: str) -> Weights:
        """Return the variables whose names end in `suffix`."""

        def value(name: str, exists: Any = True) -> Any:
            return getattr(self, name + suffix) if exists else None

        return Weights(
            value("weight_ih"),
            value("weight_hh"),
            value("bias_ih", self.bias),
            value("bias_hh", self.bias),
            value("weight_hr", self.proj_size),
        )

    def _check_input(self, input: jax.Array, ranks: tuple[int, int]) -> None:
        if input.ndim not in ranks or input.shape[-1] != self.input_size:
            raise ValueError(
                f"{self._path!r} takes an input of {ranks[0]} or {ranks[1]} dimensions with a last one of "
                f"{self.input_size}, got shape {input.shape}"
            )

    def _check_states(self, states: State | None, leading: tuple[int, ...], features: tuple[int, ...]) -> None:
        shapes = [(*leading, size) for size in features]
        if states is not None and [state.shape for state in states] != shapes:
            raise ValueError(
                f"{self._path!r} takes states of shapes {', '.join(map(str, shapes))}, got "
                f"{', '.join(str(state.shape) for state in states)}"
            )


class _Sequence(_Recurrent):
    """A recurrent layer over sequences."""

    def _run(self, kind: Kind, input: jax.Array, initial: State | None) -> tuple[jax.Array, State]:
        """Return the outputs of all steps, and the final states."""
        self._check_input(input, (2, 3))
        batch_first = self.batch_first and input.ndim == 3
        if batch_first:
            input = jnp.swapaxes(input, 0, 1)
        if not input.shape[0]:
            raise ValueError(f"{self._path!r} takes a sequence of at least one step, got length 0")
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"{self._path!r} has dropout={self.dropout} and one layer: dropout acts between layers", stacklevel=2
            )
        suffixes = ("", "_reverse") if self.bidirectional else ("",)
        features = (self.proj_size or self.hidden_size, self.hidden_size)[: kind.states]
        self._check_states(initial, (self.num_layers * len(suffixes), *input.shape[1:-1]), features)
        finals: list[State] = []
        for layer in range(self.num_layers):
            if layer:
                input = self._drop(input)
            outputs = []
            for suffix in suffixes:
                start = None if initial is None else tuple(state[len(finals)] for state in initial)
                output, final = scan(kind, input, start, self._weights(f"_l{layer}{suffix}"), bool(suffix))
                outputs.append(output)
                finals.append(final)
            input = outputs[0] if len(outputs) == 1 else jnp.concatenate(outputs, -1)
        states = tuple(jnp.stack(layers) for layers in zip(*finals, strict=True))
        return jnp.swapaxes(input, 0, 1) if batch_first else input, states

    def _drop(self, input: jax.Array) -> jax.Array:
        """Return the outputs of a layer after dropout, in training."""
        if not self.training or self.dropout == 0:
            return input
        draw = self._frame.next_draw(self._path, DROPOUT)
        keep = self._frame.sample(Bernoulli(1 - self.dropout), input.shape, "bool", draw)
        return drop(input, keep, self.dropout)


class RNN(_Sequence):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> tuple[jax.Array, jax.Array]:
        output, (hidden,) = self._run(KINDS[self.nonlinearity], input, None if hx is None else (hx,))
        return output, hidden


class LSTM(_Sequence):
    def forward(self, input: jax.Array, hx: Pair | None = None) -> tuple[jax.Array, Pair]:
        output, (hidden, cell) = self._run(KINDS["lstm"], input, None if hx is None else tuple(hx))
        return output, (hidden, cell)


class GRU(_Sequence):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> tuple[jax.Array, jax.Array]:
        output, (hidden,) = self._run(KINDS["gru"], input, None if hx is None else (hx,))
        return output, hidden


class _Cell(_Recurrent):
    """A single step of a recurrent layer."""

    def _step(self, kind: Kind, input: jax.Array, states: State | None) -> State:
        """Return the states after one input."""
        self._check_input(input, (1, 2))
        self._check_states(states, input.shape[:-1], (self.hidden_size,) * kind.states)
        return step(kind, input, states, self._weights(""))


class RNNCell(_Cell):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> jax.Array:
        return self._step(KINDS[self.nonlinearity], input, None if hx is None else (hx,))[0]


class LSTMCell(_Cell):
    def forward(self, input: jax.Array, hx: Pair | None = None) -> Pair:
        hidden, cell = self._step(KINDS["lstm"], input, None if hx is None else tuple(hx))
        return hidden, cell


class GRUCell(_Cell):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> jax.Array:
        return self._step(KINDS["gru"], input, None if hx is None else (hx,))[0]
