"""Lazy layers: `torch.nn`'s names for layers whose input size is taken from the first input.

`LazyLinear(64)` is `Linear(None, 64)` on every backend: once the model is initialised, the layer is a plain `Linear`.

>>> import torch, unified as u
>>> net = u.transform(lambda x: u.LazyLinear(4)(x), backend="torch").init(torch.ones(2, 3), rng=0)
>>> net.lazy_linear
Linear(in_features=3, out_features=4, bias=True)
"""

import re
from typing import Any

from unified.core.layer import Layer, Spec
from unified.core.layers import conv, conv_transpose, group_norm, linear, norm

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


def _lazy(plain: type[Layer], **defaults: Any) -> Any:
    """Return the layer `plain` without its first argument, the size of the input, and with `defaults` for others."""
    size, *others = plain.own_signature.parameters.values()
    others = [other.replace(default=defaults.get(other.name, other.default)) for other in others]

    def spec(cls: type[Layer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
        bound = cls.own_signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return plain.spec((None, *bound.args), bound.kwargs)

    name = f"Lazy{plain.__name__}"
    members = {
        "__doc__": _doc(plain, name, size.name),
        "__module__": __name__,
        "own_signature": plain.own_signature.replace(parameters=others),
        "variable_names": plain.variable_names,
        "native_name": plain.native_name,
        "optional_sizes": (size.name,),
        "own_options": plain.own_options,
        "spec": classmethod(spec),
        "variables": staticmethod(plain.variables),
    }
    return type(name, (Layer,), members)


def _doc(plain: type[Layer], name: str, size: str) -> str:
    """Return the docstring of a lazy layer, of that of `plain`, without the size."""
    written = vars(plain)["__doc__"]
    if not written:
        return ""  # Python's option -OO leaves none
    _, _, rest = written.partition("    Shapes:")
    rest = re.sub(r"torch\.nn\.\w+`", f"torch.nn.{name}`", rest)
    rest = re.sub(rf"u\.{plain.__name__}\(\w+(, )?", f"u.{name}(", rest)
    rest = rest.replace(f"net.{plain.base_name}.", f"net.lazy_{plain.base_name}.")
    return (
        f"`{plain.__name__}(None, ...)`, which takes `{size}` from the first input.\n\n"
        f"    Args:\n        others: those of `{plain.__name__}`.\n\n    Shapes:{rest}"
    )


LazyLinear = _lazy(linear.Linear)
LazyConv1d = _lazy(conv.Conv1d)
LazyConv2d = _lazy(conv.Conv2d)
LazyConv3d = _lazy(conv.Conv3d)
LazyConvTranspose1d = _lazy(conv_transpose.ConvTranspose1d)
LazyConvTranspose2d = _lazy(conv_transpose.ConvTranspose2d)
LazyConvTranspose3d = _lazy(conv_transpose.ConvTranspose3d)
LazyBatchNorm1d = _lazy(norm.BatchNorm1d)
LazyBatchNorm2d = _lazy(norm.BatchNorm2d)
LazyBatchNorm3d = _lazy(norm.BatchNorm3d)
LazyInstanceNorm1d = _lazy(group_norm.InstanceNorm1d, affine=True, track_running_stats=True)
LazyInstanceNorm2d = _lazy(group_norm.InstanceNorm2d, affine=True, track_running_stats=True)
LazyInstanceNorm3d = _lazy(group_norm.InstanceNorm3d, affine=True, track_running_stats=True)
