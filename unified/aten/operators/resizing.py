"""Resizing and sampling of images."""

from typing import Any

import jax

from unified.aten.table import operator
from unified.backends.jax import functional as F


def _enter(name: str, mode: str, corners: bool, antialias: bool = False) -> None:
    def resize(x: jax.Array, size: Any, *options: Any) -> jax.Array:
        """Resize to a size, or by factors. The options are `align_corners`, and one factor or list of factors."""
        factors: Any = [factor for factor in options[int(corners) :] if factor is not None]
        if len(factors) == 1 and isinstance(factors[0], (list, tuple)):
            factors = list(factors[0])
        if factors and size is not None:  # coordinates follow from the factors, and the size from both
            size = None
        return F.interpolate(
            x,
            None if size is None else tuple(size),
            factors if size is None else None,
            mode,
            bool(options[0]) if corners else None,
            antialias=antialias,
        )

    operator(f"{name}.vec", f"{name}.default")(resize)


for _axes, _linear in ((1, "linear"), (2, "bilinear"), (3, "trilinear")):
    _enter(f"upsample_nearest{_axes}d", "nearest", False)
    _enter(f"_upsample_nearest_exact{_axes}d", "nearest-exact", False)
    _enter(f"upsample_{_linear}{_axes}d", _linear, True)
_enter("upsample_bicubic2d", "bicubic", True)
_enter("_upsample_bilinear2d_aa", "bilinear", True, antialias=True)
_enter("_upsample_bicubic2d_aa", "bicubic", True, antialias=True)

MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


@operator("grid_sampler_2d.default", "grid_sampler_3d.default", "grid_sampler.default")
def grid_sampler(x: jax.Array, grid: jax.Array, mode: int, padding: int, align_corners: bool) -> jax.Array:
    """Return the values of an image at the points of a grid."""
    return F.grid_sample(x, grid, MODES[mode], PADDINGS[padding], align_corners)
