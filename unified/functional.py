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


# One function for each name, its name written out: an attribute that is known when a function is compiled is found in
# a few nanoseconds, where `getattr(functional, name)` takes a hundred, as much as torch's own dispatch of small layers.
TEMPLATE = """
def {name}(input, *args, **kwargs):
    "`torch.nn.functional.{name}`, on the framework of the model or of the arguments."
    scope = current.scope
    functional = scope.functional if scope is not None else by_arguments("{name}", input, *args, *kwargs.values())
    return functional.{name}(input, *args, **kwargs) if args or kwargs else functional.{name}(input)
"""


def _dispatcher(name: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"__name__": __name__, "current": current, "by_arguments": _by_arguments}
    exec(compile(TEMPLATE.format(name=name), __file__, "exec"), names)
    return names[name]


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(
            f"unified.functional has no {name!r}: it offers {', '.join(NAMES)}. A function of one framework can be "
            "called by its own name, for a model of that framework"
        )
    function = globals()[name] = _dispatcher(name)  # made when first asked for, to import fast
    return function


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
