"""`MLP`: a multilayer perceptron."""

from collections.abc import Callable, Iterable
from typing import Any

from unified.compat.haiku.functions import dropout
from unified.compat.haiku.linear import Linear
from unified.compat.haiku.module import Module
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax import nn

__all__ = ["MLP"]


class MLP(Module):
    """Linear layers `linear_0`, `linear_1`, ... with an activation between them.

    Args:
        output_sizes: the output size of each layer.
        w_init: the initializer of weights.
        b_init: the initializer of biases.
        with_bias: whether the layers have biases.
        activation: the function between layers.
        activate_final: whether it follows the last layer too.
        name: the module's name.

    A call takes `(inputs, dropout_rate=None, rng=None)`; with a rate, a dropout follows each activation.

    Shapes: `[..., inputs]` to `[..., output_sizes[-1]]`. Parameters are those of its `Linear` layers.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.nets.MLP([8, 2])(x), backend="torch")
    >>> x = torch.ones(1, 3)
    >>> params = net.init(0, x)
    >>> list(params)
    ['mlp/~/linear_0', 'mlp/~/linear_1']
    >>> list(net.apply(params, None, x).shape)
    [1, 2]
    """

    def __init__(
        self, output_sizes: Iterable[int], w_init: Any = None, b_init: Any = None, with_bias: bool = True,
        activation: Callable[[Any], Any] = nn.relu, activate_final: bool = False, name: str | None = None,
    ) -> None:  # fmt: skip
        if not with_bias and b_init is not None:
            raise ValueError(
                "b_init must not be set for an hk.nets.MLP without biases: leave out b_init=, or with_bias=False"
            )
        super().__init__(name=name)
        self.with_bias, self.w_init, self.b_init = with_bias, w_init, b_init
        self.activation, self.activate_final = activation, activate_final
        sizes = tuple(output_sizes)
        self.layers = tuple(
            Linear(size, with_bias=with_bias, w_init=w_init, b_init=b_init, name=f"linear_{number}")
            for number, size in enumerate(sizes)
        )
        self.output_size = sizes[-1] if sizes else None

    def __call__(self, inputs: Any, dropout_rate: float | None = None, rng: Any = None) -> Any:
        """Return the output; `dropout_rate` adds dropout before each activation, with keys split from `rng`."""
        if dropout_rate is not None and rng is None:
            raise ValueError(
                f"{self.module_name} draws for dropout_rate={dropout_rate}, so that an rng key must be passed: "
                "rng=hk.next_rng_key()"
            )
        if dropout_rate is None and rng is not None:
            raise ValueError(
                f"{self.module_name} draws from rng= only when using dropout: pass dropout_rate=, or no rng"
            )
        keys = None if rng is None else PRNGSequence(rng)
        out = inputs
        for number, layer in enumerate(self.layers):
            out = layer(out)
            if number < len(self.layers) - 1 or self.activate_final:
                if keys is not None:
                    out = dropout(next(keys), dropout_rate, out)
                out = self.activation(out)
        return out

    def reverse(self, activate_final: bool | None = None, name: str | None = None) -> "MLP":
        """Return a new MLP with the sizes in reverse; this one must have been called before.

        Args:
            activate_final: whether the activation follows the last layer too; as here if `None`.
            name: the new module's name.
        """
        sizes = [layer.input_size for layer in reversed(self.layers)]
        if None in sizes:
            raise ValueError(
                f"the sizes of {self.module_name} in reverse end with that of its input, which its first call shows: "
                "call it before reverse()"
            )
        return MLP(
            sizes,  # type: ignore[arg-type]
            w_init=self.w_init, b_init=self.b_init, with_bias=self.with_bias, activation=self.activation,
            activate_final=self.activate_final if activate_final is None else activate_final,
            name=f"{self.name}_reversed" if name is None else name,
        )  # fmt: skip
