"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model, and in a JAX model a function of the same
name, arguments and values on JAX arrays. Outside a model the type of the arguments decides.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.scope import current  # noqa: F401  (read by the functions that are made below)

# Parameters and defaults are torch's, so that positions mean the same.
SIGNATURES = {
    "adaptive_avg_pool2d": "input, output_size",
    "avg_pool2d": "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, "
    "divisor_override=None",
    "batch_norm": "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05",
    "bilinear": "input1, input2, weight, bias=None",
    "conv1d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "conv2d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "conv3d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "cross_entropy": "input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, "
    "reduction='mean', label_smoothing=0.0",
    "dropout": "input, p=0.5, training=True, inplace=False",
    "embedding": "input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, "
    "sparse=False",
    "gelu": "input, approximate='none'",
    "layer_norm": "input, normalized_shape, weight=None, bias=None, eps=1e-05",
    "linear": "input, weight, bias=None",
    "log_softmax": "input, dim=None, _stacklevel=3, dtype=None",
    "max_pool2d": "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
    "mse_loss": "input, target, size_average=None, reduce=None, reduction='mean', weight=None",
    "one_hot": "tensor, num_classes=-1",
    "pad": "input, pad, mode='constant', value=None",
    "relu": "input, inplace=False",
    "sigmoid": "input",
    "silu": "input, inplace=False",
    "softmax": "input, dim=None, _stacklevel=3, dtype=None",
    "softplus": "input, beta=1.0, threshold=20.0",
    "tanh": "input",
}

NAMES = tuple(SIGNATURES)

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


# A function for each name, written out: a name and parameters that are known when a function is compiled cost a few
# nanoseconds at a call, where `getattr(functional, name)(*args, **kwargs)` takes a hundred, which a small layer shows.
# For the same reason there is no module-level `__getattr__`: Python does not cache attributes of a module that has one.
TEMPLATE = """
def {name}({parameters}):
    "`torch.nn.functional.{name}`, on the framework of the model or of the arguments."
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("{name}", {names})
    return functional.{name}({arguments})
"""


def _source(name: str, parameters: str) -> str:
    names = [parameter.partition("=")[0] for parameter in parameters.split(", ")]
    arguments = [names[0], *(f"{other}={other}" for other in names[1:])]
    return TEMPLATE.format(name=name, parameters=parameters, names=", ".join(names), arguments=", ".join(arguments))


exec(compile("".join(_source(*item) for item in SIGNATURES.items()), __file__, "exec"))
