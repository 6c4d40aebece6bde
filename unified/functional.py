"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model, and in a JAX model a function of the same
name, arguments and values on JAX arrays. Outside a model the type of the arguments decides.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from collections.abc import Callable
from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.scope import current

NAMES = (
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "conv1d",
    "conv2d",
    "conv3d",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "layer_norm",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "one_hot",
    "pad",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
)

__all__ = list(NAMES)


def _by_arguments(name: str, *arguments: Any) -> Any:
    """The functions of the framework that one of `arguments` belongs to."""
    for argument in arguments:
        backend = backends.of_array(argument)
        if backend is not None:
            return backend.functional
    raise BackendError(
        f"unified.functional.{name} was called outside a model, on {', '.join(type(a).__name__ for a in arguments)}: "
        "pass an array of an installed framework"
    )


def _dispatcher(name: str) -> Callable[..., Any]:
    def function(input: Any, *args: Any, **kwargs: Any) -> Any:
        scope = current.scope
        functional = scope.functional if scope is not None else _by_arguments(name, input, *args, *kwargs.values())
        return getattr(functional, name)(input, *args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`torch.nn.functional.{name}`, on the framework of the model or of the arguments."
    return function


globals().update({name: _dispatcher(name) for name in NAMES})


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"unified.functional has no {name!r}: it offers {', '.join(NAMES)}. A function of one framework can be called "
        "by its own name, for a model of that framework"
    )
