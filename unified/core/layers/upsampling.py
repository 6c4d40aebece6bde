"""Upsampling."""

from collections.abc import Iterable
from typing import Any

from unified.core.layer import Layer, LayerVariable
from unified.core.layouts import check_data_format

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]

MODES = ("nearest", "nearest-exact", "area", "linear", "bilinear", "trilinear", "bicubic")


class Upsample(Layer):
    """The input with all dimensions after the channels resized, to larger or smaller sizes.

    Args:
        size: the new sizes, or one size for all.
        scale_factor: the ratios of new to old sizes, or one ratio for all, in place of `size`.
        mode: `'nearest'`, `'nearest-exact'` (nearest to the centre of a pixel), `'area'` (the mean of the covered
            pixels), or `'linear'`, `'bilinear'`, `'bicubic'` and `'trilinear'` for one, two, two and three dimensions.
        align_corners: whether the centres of the corner pixels stay in place instead of the corners; for the linear
            and cubic modes.
        recompute_scale_factor: whether coordinates follow from the rounded sizes instead of `scale_factor`.
        data_format: `"channels_last"` for inputs `(N, ..., C)`.

    Shapes: `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)` to the same with new sizes.

    Source: `torch.nn.Upsample`; for bicubic, Keys (1981).

    >>> import torch, unified as u
    >>> net = u.transform(lambda x: u.Upsample(scale_factor=2)(x), backend="torch").init(torch.ones(1, 1, 2), rng=0)
    >>> net(torch.tensor([[[1.0, 3.0]]])).tolist()
    [[[1.0, 1.0, 3.0, 3.0]]]
    """

    own_options = ("data_format",)

    @staticmethod
    def variables(
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
        *,
        data_format: str | None = None,
    ) -> Iterable[LayerVariable]:
        check_data_format(data_format)
        if (size is None) == (scale_factor is None):
            raise ValueError(f"pass either size or scale_factor, got size={size!r} and scale_factor={scale_factor!r}")
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        return ()


class _Upsampling2d(Layer):
    own_options = ("data_format",)

    @staticmethod
    def variables(
        size: Any = None, scale_factor: Any = None, *, data_format: str | None = None
    ) -> Iterable[LayerVariable]:
        check_data_format(data_format, 2)
        return Upsample.variables(size, scale_factor)


class UpsamplingNearest2d(_Upsampling2d):
    """`Upsample(mode="nearest")` for images.

    Args:
        size, scale_factor, data_format: as in `Upsample`.

    Shapes: `(N, C, H, W)` to the same with new sizes.

    Source: `torch.nn.UpsamplingNearest2d`.

    >>> import torch, unified as u
    >>> x = torch.ones(1, 1, 1, 1)
    >>> net = u.transform(lambda x: u.UpsamplingNearest2d(size=2)(x), backend="torch").init(x, rng=0)
    >>> list(net(x).shape)
    [1, 1, 2, 2]
    """


class UpsamplingBilinear2d(_Upsampling2d):
    """`Upsample(mode="bilinear", align_corners=True)` for images.

    Args:
        size, scale_factor, data_format: as in `Upsample`.

    Shapes: `(N, C, H, W)` to the same with new sizes.

    Source: `torch.nn.UpsamplingBilinear2d`.

    >>> import torch, unified as u
    >>> x = torch.tensor([[[[0.0, 1.0]]]])
    >>> net = u.transform(lambda x: u.UpsamplingBilinear2d(size=3)(x), backend="torch").init(x, rng=0)
    >>> net(x)[0, 0, 0].tolist()
    [0.0, 0.5, 1.0]
    """
