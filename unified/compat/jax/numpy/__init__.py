"""`jax.numpy` on either framework: JAX's own on JAX, its semantics on tensors on torch.

>>> import unified.compat.jax.numpy as jnp, unified as u
>>> u.set_backend("torch")
>>> x = jnp.arange(6).reshape(2, 3)
>>> x.at[:, 0].add(10), x.astype(jnp.float32).mean(axis=0)
(Array([[10,  1,  2],
       [13,  4,  5]], dtype=int32), Array([1.5, 2.5, 3.5], dtype=float32))
>>> u.set_backend(None)

Source: https://docs.jax.dev/en/latest/jax.numpy.html
"""

import typing as _typing
from typing import Any as _Any

import numpy as _np

from unified.compat.jax import dispatch as _dispatch
from unified.compat.jax import dtypes as _dtypes
from unified.compat.jax.array import Array as _Array
from unified.compat.jax.dtypes import finfo as finfo
from unified.compat.jax.dtypes import iinfo as iinfo
from unified.compat.jax.dtypes import issubdtype as issubdtype
from unified.compat.jax.numpy import fft, linalg

if _typing.TYPE_CHECKING:
    ndarray: _typing.TypeAlias = _Any  # the arrays of JAX and those on torch have no class in common
else:
    ndarray = _Array
dtype = _np.dtype
newaxis, pi, e, inf, nan, euler_gamma = None, _np.pi, _np.e, _np.inf, _np.nan, _np.euler_gamma
floating, integer, inexact, number, generic = _np.floating, _np.integer, _np.inexact, _np.number, _np.generic
signedinteger, unsignedinteger, complexfloating = _np.signedinteger, _np.unsignedinteger, _np.complexfloating
character, flexible, object_ = _np.character, _np.flexible, _np.object_
set_printoptions, get_printoptions, printoptions = _np.set_printoptions, _np.get_printoptions, _np.printoptions

globals().update(_dtypes.SCALARS)
bool = _dtypes.SCALARS["bool_"]
float_, int_, uint = _dtypes.SCALARS["float64"], _dtypes.SCALARS["int64"], _dtypes.SCALARS["uint64"]
double, single = _dtypes.SCALARS["float64"], _dtypes.SCALARS["float32"]


s_, index_exp = _np.s_, _np.index_exp


class _Grid:
    """Coordinates of a grid from slices, as `numpy.mgrid` and `numpy.ogrid` return them."""

    def __init__(self, numpy: _Any) -> None:
        self._numpy = numpy

    def __getitem__(self, key: _Any) -> _Any:
        found, make = self._numpy[key], _dispatch.function("numpy", "asarray")
        return [make(part) for part in found] if isinstance(found, list | tuple) else make(found)


mgrid, ogrid = _Grid(_np.mgrid), _Grid(_np.ogrid)


class ufunc:  # noqa: N801
    """A class for `isinstance`; functions here are no ufuncs."""


_dispatch.define_functions(globals(), "numpy")


def __getattr__(name: str) -> _Any:
    return _dispatch.jax_attribute("numpy", name)
