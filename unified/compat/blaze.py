"""blaze's API: the public names of `blaze-torch`, and no others, for models on PyTorch.

    import unified.compat.blaze as bl            # was: import blaze as bl

Every name has blaze's signature and meaning: `transform` passes all its keyword arguments on to the function, raw
variables are float32 unless a dtype is given, and a `Module` adds its name to the scope in which it is called. The
names in a `state_dict` are blaze's, and `load_state_dict` reads blaze's checkpoints.

>>> import torch
>>> import unified.compat.blaze as bl
>>> def forward(x, width):
...     x = bl.ReLU()(bl.Linear(x.shape[-1], width)(x))
...     return bl.Linear(width, 1)(x)
>>> model = bl.transform(forward, width=8).init(torch.randn(4, 10))
>>> isinstance(model, bl.BlazeModule), list(model.state_dict())[:2], model(torch.randn(4, 10)).shape
(True, ['linear.weight', 'linear.bias'], torch.Size([4, 1]))

Where it differs from blaze:

* Initial values have the distributions of `torch.nn`, and come from a seed that `init` draws from torch's generator:
  the same `torch.manual_seed` does not give the bits that blaze gives.
* Names must be Python identifiers: `name="layer.0"` is a `ValueError`.
* A raw variable is `scale` in a `state_dict`, where blaze writes `scale.param` or `scale.buf`. Both load.
* A subclass of `ReLU` or `SiLU` has the name of its own class by default, as a subclass of any other layer.
* Parameters come in the order of the modules, and in blaze in the order of the calls: the state of an optimizer, which
  counts them, cannot be moved from one to the other.
* A layer that is an argument of another layer (`TransformerEncoder(layer, 2)`) belongs to that layer alone.

`import unified as bl` runs most blaze code too, with more names and unified's own rules; see `unified.Module`.

Source: https://github.com/baosws/blaze
"""

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import nn

import unified
from unified import (
    CELU,
    ELU,
    GELU,
    GRU,
    LSTM,
    RNN,
    SELU,
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AlphaDropout,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    Bilinear,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    Embedding,
    EmbeddingBag,
    Flatten,
    GroupNorm,
    GRUCell,
    Hardsigmoid,
    Hardswish,
    Identity,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    Linear,
    LogSoftmax,
    LSTMCell,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Mish,
    MultiheadAttention,
    PixelShuffle,
    PixelUnshuffle,
    ReLU,
    RMSNorm,
    RNNCell,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    SyncBatchNorm,
    Tanh,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    Unflatten,
    Upsample,
)
from unified.backends.torch.model import TorchModel
from unified.core.layers import activation, threshold
from unified.core.scope import current_scope

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "BlazeModule",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "GRUCell",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Mish",
    "Module",
    "MultiheadAttention",
    "PReLU",
    "PixelShuffle",
    "PixelUnshuffle",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "SyncBatchNorm",
    "Tanh",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "Unflatten",
    "Upsample",
    "get_parameter",
    "get_state",
    "set_state",
    "transform",
    "wrap",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def transform(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> "BlazeModule":
    """Return a model that runs `fn`.

    Args:
        fn: the function. It must use the same layers in every call.
        *args, **kwargs: applied to `fn` before the arguments of each call, whatever their names.

    >>> net = transform(lambda x, width: Linear(4, width)(x), width=3).init(torch.ones(2, 4))
    >>> net(torch.ones(2, 4)).shape
    torch.Size([2, 3])
    """
    if not callable(fn):
        raise TypeError(f"transform takes a function, got {fn!r}")
    return BlazeModule(functools.partial(fn, *args, **kwargs) if args or kwargs else fn)


class BlazeModule(TorchModel):
    """A model made by `transform`: an `nn.Module` that has its layers once `init` has run.

    >>> import torch, unified.compat.blaze as bl
    >>> model = bl.transform(lambda x: bl.Linear(2, 3)(x)).init(torch.ones(2))
    >>> isinstance(model, bl.BlazeModule), list(model.state_dict())
    (True, ['linear.weight', 'linear.bias'])
    """

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> "BlazeModule":
        """Run the function to find its layers, and return the model.

        As in blaze, this counts as a call in training: running statistics and other state are updated once.

        Args:
            *args, **kwargs: example inputs of the function.
            rng: an integer or a JAX key for the initial values; by default a seed from torch's generator.
        """
        super().init(*args, rng=rng, **kwargs)
        mode = self.training
        self.train()
        try:
            with torch.no_grad():
                self(*args, **kwargs)
        finally:
            self.train(mode)
        return self

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        for name in self.state_dict(prefix=prefix):
            for suffix in (".param", ".buf"):  # of blaze's raw variables
                if name not in state_dict and name + suffix in state_dict:
                    state_dict[name] = state_dict.pop(name + suffix)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


class LeakyReLU(activation.LeakyReLU):
    base_name = "leaky_re_lu"


class PReLU(activation.PReLU):
    base_name = "p_re_lu"


class ReLU6(threshold.ReLU6):
    base_name = "re_lu6"


for _layer in (LeakyReLU, PReLU, ReLU6):
    _layer._declaration = _layer  # a layer, and not a user's subclass of one
    _layer.__doc__ = vars(_layer.__base__)["__doc__"]  # which is completed when it is read


class _Scope(unified.Module):
    """A scope of a `Module`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = unified.current_path().rpartition("/")[2]

    def __call__(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


class Module:
    """Base class for a group of layers, which have the module's name in front of theirs.

    A subclass writes its layers in `__call__`. They are in the module's scope, below the scope in which it is called;
    those of `__init__` and of other methods are in the scope of their caller. A subclass with an `__init__` must call
    `super().__init__()`, which takes the next free name.

    Args:
        name: the name; by default the name of the class in snake case.
        init_fn: is called with the module during `init`, and not in later calls.

    >>> class Block(Module):
    ...     def __call__(self, x):
    ...         return Linear(x.shape[-1], 3)(x)
    >>> model = transform(lambda x: Block()(Block()(x))).init(torch.ones(2, 4))
    >>> sorted([name for name, _ in model.named_parameters()])
    ['block.linear.bias', 'block.linear.weight', 'block_1.linear.bias', 'block_1.linear.weight']
    """

    _scope_class: ClassVar[type[_Scope]] = _Scope

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        place = {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}._scope_class"}  # for pickle
        cls._scope_class = type(cls.__name__, (_Scope,), place)
        if "__call__" in cls.__dict__:
            cls.__call__ = _in_scope(cls.__dict__["__call__"])  # type: ignore[method-assign]

    def __init__(self, name: str | None = None, init_fn: Callable[[Any], Any] | None = None) -> None:
        scope = self._scope_class(name=name)
        self._name = scope.name
        self._scopes = {unified.current_path(): scope}  # by the path of the scope in which the module is called
        if init_fn is not None and unified.is_initializing():
            with current_scope("Module").frame.customizing():
                init_fn(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __call__: write its layers there")


def _in_scope(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a module's `__call__` so that it runs in the module's scope."""

    @functools.wraps(fn)
    def call(self: Module, *args: Any, **kwargs: Any) -> Any:
        path = unified.current_path()
        if path not in self._scopes:
            self._scopes[path] = self._scope_class(name=self._name)
        return self._scopes[path](fn, self, *args, **kwargs)

    return call


def get_parameter(
    name: str,
    shape: tuple[int, ...],
    init_fn: Callable[..., Any] | None = None,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """Return a trainable variable of the current scope, as `unified.get_parameter` does.

    Args:
        name: a Python identifier.
        shape: sizes.
        init_fn: a function of `(shape, dtype=)`, such as `torch.ones`; zeros by default.
        dtype: torch's.

    >>> import torch, unified.compat.blaze as bl
    >>> model = bl.transform(lambda x: x * bl.get_parameter("scale", (2,), torch.ones)).init(torch.ones(2))
    >>> model(torch.ones(2)).tolist()
    [1.0, 1.0]
    """
    return unified.get_parameter(name, shape, init_fn, dtype)


def get_state(
    name: str,
    shape: tuple[int, ...],
    init_fn: Callable[..., Any] | None = None,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """Return a buffer of the current scope.

    Args:
        name: a Python identifier.
        shape: sizes.
        init_fn: a function of `(shape, dtype=)`, such as `torch.ones`; zeros by default.
        dtype: torch's.

    >>> import torch, unified.compat.blaze as bl
    >>> model = bl.transform(lambda x: x + bl.get_state("shift", (2,), torch.ones)).init(torch.ones(2))
    >>> model(torch.ones(2)).tolist()
    [2.0, 2.0]
    """
    return unified.get_state(name, shape, init_fn, dtype)


def set_state(name: str, value: torch.Tensor) -> None:
    """Store a new value in a buffer of the current scope.

    Args:
        name: the name that `get_state` was called with.
        value: a tensor of its shape.

    >>> import torch, unified.compat.blaze as bl
    >>> def count(x):
    ...     n = bl.get_state("n", ())
    ...     bl.set_state("n", n + 1)
    ...     return n
    >>> model = bl.transform(count).init(torch.ones(2))  # counts as a call
    >>> model(torch.ones(2)).item()
    1.0
    """
    unified.set_state(name, value)


def wrap(fn: Callable[[], nn.Module], *, name: str | None = None) -> nn.Module:
    """Return the module that `fn` makes during `init`, the same one in every call.

    Args:
        fn: a function without arguments that makes it.
        name: its name in the scope; `wrapped` by default.

    >>> import torch, unified.compat.blaze as bl
    >>> model = bl.transform(lambda x: bl.wrap(lambda: torch.nn.Linear(2, 3))(x)).init(torch.ones(2))
    >>> list(model.state_dict())
    ['wrapped.weight', 'wrapped.bias']
    """
    return unified.wrap(fn, name=name)
