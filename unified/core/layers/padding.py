"""Padding: values added before and after the last dimensions."""

from collections.abc import Iterable
from typing import Any, ClassVar

from unified.core.layer import Layer, LayerVariable

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Layer):
    dimensions: ClassVar[int]
    mode: ClassVar[str]

    @classmethod
    def variables(cls, padding: Any) -> Iterable[LayerVariable]:
        check_padding(padding, cls.dimensions)
        return ()


class _ConstantPad(Layer):
    dimensions: ClassVar[int]
    mode: ClassVar[str] = "constant"

    @classmethod
    def variables(cls, padding: Any, value: float) -> Iterable[LayerVariable]:
        check_padding(padding, cls.dimensions)
        return ()


def check_padding(padding: Any, dimensions: int) -> None:
    """Raise `ValueError` unless `padding` is one width, or two for each dimension."""
    if not hasattr(padding, "__index__") and len(tuple(padding)) != 2 * dimensions:
        raise ValueError(f"padding must be one number, or {2 * dimensions}, the last dimension first, got {padding}")


class CircularPad1d(_Pad):
    """Padding before and after the last dimension with the values from the other end.

    Args:
        padding: one width for all sides, or a pair (before, after) for each dimension, the last dimension first;
            negative widths crop.

    Shapes: `(N, C, L)` or `(C, L)` to the same with longer dimensions.

    Source: `torch.nn.CircularPad1d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> net = u.transform(lambda x: u.CircularPad1d((1, 0))(x), backend="torch").init(x, rng=0)
    >>> net(x).tolist()
    [[3.0, 1.0, 2.0, 3.0]]
    """

    dimensions = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """Padding before and after the last two dimensions with the values from the other end.

    Args:
        padding: as in `CircularPad1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with longer dimensions.

    Source: `torch.nn.CircularPad2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2)
    >>> net = u.transform(lambda x: u.CircularPad2d((1, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 3]
    """

    dimensions = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """Padding before and after the last three dimensions with the values from the other end.

    Args:
        padding: as in `CircularPad1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with longer dimensions.

    Source: `torch.nn.CircularPad3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.CircularPad3d((1, 0, 0, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 3]
    """

    dimensions = 3
    mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Padding before and after the last dimension with `value`.

    Args:
        padding: one width for all sides, or a pair (before, after) for each dimension, the last dimension first;
            negative widths crop.
        value: the number that fills the new places.

    Shapes: `(N, C, L)` or `(C, L)` to the same with longer dimensions.

    Source: `torch.nn.ConstantPad1d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> net = u.transform(lambda x: u.ConstantPad1d((1, 0), 7.0)(x), backend="torch").init(x, rng=0)
    >>> net(x).tolist()
    [[7.0, 1.0, 2.0, 3.0]]
    """

    dimensions = 1


class ConstantPad2d(_ConstantPad):
    """Padding before and after the last two dimensions with `value`.

    Args:
        padding: as in `ConstantPad1d`.
        value: as in `ConstantPad1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ConstantPad2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2)
    >>> net = u.transform(lambda x: u.ConstantPad2d((1, 0, 0, 0), 7.0)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 3]
    """

    dimensions = 2


class ConstantPad3d(_ConstantPad):
    """Padding before and after the last three dimensions with `value`.

    Args:
        padding: as in `ConstantPad1d`.
        value: as in `ConstantPad1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ConstantPad3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.ConstantPad3d((1, 0, 0, 0, 0, 0), 7.0)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 3]
    """

    dimensions = 3


class ReflectionPad1d(_Pad):
    """Padding before and after the last dimension with the values mirrored at the edge, without the edge itself.

    Args:
        padding: one width for all sides, or a pair (before, after) for each dimension, the last dimension first;
            negative widths crop.

    Shapes: `(N, C, L)` or `(C, L)` to the same with longer dimensions.

    Source: `torch.nn.ReflectionPad1d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> net = u.transform(lambda x: u.ReflectionPad1d((1, 0))(x), backend="torch").init(x, rng=0)
    >>> net(x).tolist()
    [[2.0, 1.0, 2.0, 3.0]]
    """

    dimensions = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Padding before and after the last two dimensions with the values mirrored at the edge, without the edge itself.

    Args:
        padding: as in `ReflectionPad1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ReflectionPad2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2)
    >>> net = u.transform(lambda x: u.ReflectionPad2d((1, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 3]
    """

    dimensions = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Padding before and after the last three dimensions with the values mirrored at the edge, without the edge itself.

    Args:
        padding: as in `ReflectionPad1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ReflectionPad3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.ReflectionPad3d((1, 0, 0, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 3]
    """

    dimensions = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """Padding before and after the last dimension with the value at the edge.

    Args:
        padding: one width for all sides, or a pair (before, after) for each dimension, the last dimension first;
            negative widths crop.

    Shapes: `(N, C, L)` or `(C, L)` to the same with longer dimensions.

    Source: `torch.nn.ReplicationPad1d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> net = u.transform(lambda x: u.ReplicationPad1d((1, 0))(x), backend="torch").init(x, rng=0)
    >>> net(x).tolist()
    [[1.0, 1.0, 2.0, 3.0]]
    """

    dimensions = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """Padding before and after the last two dimensions with the value at the edge.

    Args:
        padding: as in `ReplicationPad1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ReplicationPad2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2)
    >>> net = u.transform(lambda x: u.ReplicationPad2d((1, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 3]
    """

    dimensions = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Padding before and after the last three dimensions with the value at the edge.

    Args:
        padding: as in `ReplicationPad1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ReplicationPad3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.ReplicationPad3d((1, 0, 0, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 3]
    """

    dimensions = 3
    mode = "replicate"


class ZeroPad1d(_Pad):
    """Padding before and after the last dimension with zeros.

    Args:
        padding: one width for all sides, or a pair (before, after) for each dimension, the last dimension first;
            negative widths crop.

    Shapes: `(N, C, L)` or `(C, L)` to the same with longer dimensions.

    Source: `torch.nn.ZeroPad1d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> net = u.transform(lambda x: u.ZeroPad1d((1, 0))(x), backend="torch").init(x, rng=0)
    >>> net(x).tolist()
    [[0.0, 1.0, 2.0, 3.0]]
    """

    dimensions = 1
    mode = "constant"


class ZeroPad2d(_Pad):
    """Padding before and after the last two dimensions with zeros.

    Args:
        padding: as in `ZeroPad1d`.

    Shapes: `(N, C, H, W)` or `(C, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ZeroPad2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2)
    >>> net = u.transform(lambda x: u.ZeroPad2d((1, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 3]
    """

    dimensions = 2
    mode = "constant"


class ZeroPad3d(_Pad):
    """Padding before and after the last three dimensions with zeros.

    Args:
        padding: as in `ZeroPad1d`.

    Shapes: `(N, C, D, H, W)` or `(C, D, H, W)` to the same with longer dimensions.

    Source: `torch.nn.ZeroPad3d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> net = u.transform(lambda x: u.ZeroPad3d((1, 0, 0, 0, 0, 0))(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2, 3]
    """

    dimensions = 3
    mode = "constant"
