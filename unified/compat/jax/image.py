"""`jax.image` on either framework."""

import enum as _enum
from typing import Any as _Any

from unified.compat.jax import dispatch as _dispatch


class ResizeMethod(str, _enum.Enum):
    """A way to interpolate. Its value is the name that `resize` takes too."""

    NEAREST = "nearest"
    LINEAR = "linear"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    CUBIC = "cubic"


_dispatch.define_functions(globals(), "image")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("image", name)
