"""`jax.dtypes` and the scalar types of `jax.numpy`: each is a dtype, and makes arrays of it when it is called.

>>> import unified.compat.jax.numpy as jnp
>>> jnp.issubdtype(jnp.float32, jnp.floating), jnp.dtype(jnp.int8) == jnp.int8
(True, True)

`bfloat16` and the types of 8 bits are those of the package `ml_dtypes`, which JAX comes with.
"""

import copyreg
from typing import Any

import numpy as np

from unified.compat.jax.active_backend import backend_for
from unified.compat.jax.implementations import implementation

__all__ = [
    "KEY_DTYPE",
    "SCALARS",
    "KeyDtype",
    "TypePromotionError",
    "bfloat16",
    "canonicalize_dtype",
    "extended",
    "finfo",
    "float0",
    "iinfo",
    "issubdtype",
    "itemsize_bits",
    "prng_key",
    "result_type",
    "scalar_type_of",
    "small_float",
]

EXTENDED = ("bfloat16", "float8_e4m3fn", "float8_e5m2")


def small_float(name: str) -> Any:
    """Return a dtype that NumPy lacks."""
    try:
        import ml_dtypes
    except ImportError as error:
        raise ImportError(f"the dtype {name} needs the package ml_dtypes: pip install ml_dtypes") from error
    return getattr(ml_dtypes, name)


class _Scalar(type):
    """The metaclass of scalar types, which equal NumPy's of the same name and return arrays when they are called."""

    name: str

    @property
    def dtype(cls) -> np.dtype:
        return np.dtype(small_float(cls.name) if cls.name in EXTENDED else cls.name)

    def __call__(cls, value: Any = 0) -> Any:
        return implementation(backend_for(value).name, "numpy").asarray(value, dtype=cls.dtype)

    def __eq__(cls, other: object) -> bool:
        try:
            return cls.dtype == np.dtype(other)  # type: ignore[call-overload]
        except (TypeError, ImportError):
            return NotImplemented

    def __hash__(cls) -> int:
        return hash(cls.dtype.type)

    def __repr__(cls) -> str:
        return f"<class 'jax.numpy.{cls.name}'>"


NAMES = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", *EXTENDED,
)  # fmt: skip
SCALARS = {name: _Scalar(name, (), {"name": name, "__module__": "jax.numpy"}) for name in NAMES}
SCALARS["bool_"] = _Scalar("bool_", (), {"name": "bool", "__module__": "jax.numpy"})
bfloat16 = SCALARS["bfloat16"]


def _scalar(name: str) -> Any:
    return SCALARS[name]


# By their own names a pickle would hold JAX's classes, as in the definition of a model of Flax.
copyreg.pickle(_Scalar, lambda cls: (_scalar, (cls.__name__,)))
float0 = np.dtype([("float0", np.void, 0)])


class extended(np.generic):  # noqa: N801
    """Dtypes that are no NumPy dtypes, such as those of typed keys."""


class prng_key(extended):  # noqa: N801
    """The kind of the dtypes of typed keys, which `jax.random.key` makes."""


class KeyDtype:
    """The dtype of typed keys of Threefry, the generator that torch has."""

    __slots__ = ()
    name, itemsize, type = "key<fry>", 8, prng_key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyDtype)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return "KEY_DTYPE"


KEY_DTYPE = KeyDtype()


def issubdtype(a: Any, b: Any) -> bool:
    """Return whether the dtype `a` is `b`, or of the kind `b`, such as `jnp.floating`."""
    if isinstance(a, KeyDtype):
        return a == b or (isinstance(b, type) and issubclass(prng_key, b))
    if isinstance(b, type) and issubclass(b, extended):
        import sys

        if isinstance(a, type) and issubclass(a, extended):
            return issubclass(a, b)
        if "jax" in sys.modules:
            own = sys.modules["jax"].dtypes
            return bool(own.issubdtype(a, getattr(own, "prng_key" if b is prng_key else "extended")))
        return False
    a = a.dtype if isinstance(a, _Scalar) else a
    b = b.dtype if isinstance(b, _Scalar) else b
    try:
        own = np.dtype(a)
    except TypeError:
        return False
    if own.name in EXTENDED:
        if isinstance(b, type) and issubclass(b, np.generic):
            return b in (np.floating, np.inexact, np.number, np.generic) or b is own.type
        return own == np.dtype(b)
    return bool(np.issubdtype(own, b))


def finfo(dtype: Any) -> Any:
    """Return the limits of a floating-point dtype."""
    own = np.dtype(dtype)
    if own.name in EXTENDED:
        import ml_dtypes

        return ml_dtypes.finfo(own)
    return np.finfo(own)


def iinfo(dtype: Any) -> Any:
    """Return the limits of an integer dtype."""
    return np.iinfo(np.dtype(dtype))


def canonicalize_dtype(dtype: Any, allow_extended_dtype: bool = False) -> Any:
    """Return the dtype of arrays that are asked for in `dtype`: a 32-bit one unless `jax_enable_x64` is set."""
    from unified.compat.jax import config

    if isinstance(dtype, KeyDtype):
        if not allow_extended_dtype:
            raise ValueError(f"{dtype} is no dtype of numbers; allow_extended_dtype=True allows it")
        return dtype
    own = np.dtype(dtype)
    narrow = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}
    return own if config.x64() else np.dtype(narrow.get(own.name, own))


class TypePromotionError(ValueError):
    """Two dtypes have no dtype in common."""


def itemsize_bits(dtype: Any) -> int:
    """Return the number of bits of a number."""
    return 64 if isinstance(dtype, KeyDtype) else 8 * np.dtype(dtype).itemsize


def scalar_type_of(x: Any) -> type:
    """Return the type of Python's numbers that the values of an array are like."""
    kind = np.dtype(x.dtype if hasattr(x, "dtype") else type(x))
    if kind.name in EXTENDED:
        return float
    found = {"b": bool, "i": int, "u": int, "f": float, "c": complex}.get(kind.kind)
    if found is None:
        raise TypeError(f"no numbers of Python are like {kind}")
    return found


def result_type(*values: Any) -> np.dtype:
    """Return the dtype to which values and dtypes are promoted."""
    return implementation(backend_for(values).name, "numpy").result_type(*values)
