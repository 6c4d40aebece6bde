"""Recurrent networks."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.dropout import drop
from unified.backends.jax.functional.recurrent import KINDS, Kind, State, Weights, scan, step
from unified.backends.jax.layers.base import JaxLayer
from unified.core.distributions import Bernoulli

Pair = tuple[jax.Array, jax.Array]  # the hidden state and the cell


class _Recurrent(JaxLayer):
    """What layers over sequences and cells share."""

    proj_size = 0  # only an LSTM has the argument

    def _weights(self, suffix: str) -> Weights:
        def value(name: str, wanted: Any = True) -> Any:
            return getattr(self, name + suffix) if wanted else None

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
                f"{self._path!r} takes an input of {ranks[0]} or {ranks[1]} dimensions, of which the last is "
                f"{self.input_size}, got shape {input.shape}"
            )

    def _check_states(self, given: State | None, leading: tuple[int, ...], features: tuple[int, ...]) -> None:
        shapes = [(*leading, size) for size in features]
        if given is not None and [part.shape for part in given] != shapes:
            raise ValueError(
                f"{self._path!r} was given states of shapes {', '.join(str(part.shape) for part in given)}, and needs "
                f"{', '.join(map(str, shapes))}"
            )


class _Sequence(_Recurrent):
    """A layer over sequences."""

    def _run(self, kind: Kind, input: jax.Array, given: State | None) -> tuple[jax.Array, State]:
        """The outputs at all times, and the final states."""
        self._check_input(input, (2, 3))
        batch_first = self.batch_first and input.ndim == 3
        if batch_first:
            input = jnp.swapaxes(input, 0, 1)
        if not input.shape[0]:
            raise ValueError(f"{self._path!r} was given a sequence of length 0")
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"{self._path!r} has dropout={self.dropout} and one layer: dropout acts between layers", stacklevel=2
            )
        suffixes = ("", "_reverse") if self.bidirectional else ("",)
        features = (self.proj_size or self.hidden_size, self.hidden_size)[: kind.states]
        self._check_states(given, (self.num_layers * len(suffixes), *input.shape[1:-1]), features)
        finals: list[State] = []
        for layer in range(self.num_layers):
            if layer:
                input = self._dropped(input)
            outputs = []
            for suffix in suffixes:
                start = None if given is None else tuple(part[len(finals)] for part in given)
                output, final = scan(kind, input, start, self._weights(f"_l{layer}{suffix}"), bool(suffix))
                outputs.append(output)
                finals.append(final)
            input = outputs[0] if len(outputs) == 1 else jnp.concatenate(outputs, -1)
        states = tuple(jnp.stack(parts) for parts in zip(*finals, strict=True))
        return jnp.swapaxes(input, 0, 1) if batch_first else input, states

    def _dropped(self, input: jax.Array) -> jax.Array:
        """The outputs of a layer as the next one gets them."""
        if not self.training or self.dropout == 0:
            return input
        index = self._frame.draw_index(self._path)
        keep = self._frame.sample(Bernoulli(1 - self.dropout), input.shape, "bool", self._path, index)
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
    """A single step."""

    def _next(self, kind: Kind, input: jax.Array, given: State | None) -> State:
        """The states after an input."""
        self._check_input(input, (1, 2))
        self._check_states(given, input.shape[:-1], (self.hidden_size,) * kind.states)
        return step(kind, input, given, self._weights(""))


class RNNCell(_Cell):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> jax.Array:
        return self._next(KINDS[self.nonlinearity], input, None if hx is None else (hx,))[0]


class LSTMCell(_Cell):
    def forward(self, input: jax.Array, hx: Pair | None = None) -> Pair:
        hidden, cell = self._next(KINDS["lstm"], input, None if hx is None else tuple(hx))
        return hidden, cell


class GRUCell(_Cell):
    def forward(self, input: jax.Array, hx: jax.Array | None = None) -> jax.Array:
        return self._next(KINDS["gru"], input, None if hx is None else (hx,))[0]
