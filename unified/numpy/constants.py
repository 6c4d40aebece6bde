"""Constants, dtypes, and what the standard asks of a namespace about itself."""

import math
from typing import Any, Final

from unified.core.array_functions import functions_of
from unified.core.dtypes import NamedDType
from unified.core.scope import current

__all__ = [
    "__array_api_version__",
    "__array_namespace_info__",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "e",
    "float16",
    "float32",
    "float64",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "nan",
    "newaxis",
    "pi",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

__array_api_version__: Final = "2024.12"

e: Final = math.e
inf: Final = math.inf
nan: Final = math.nan
newaxis: Final = None
pi: Final = math.pi

bool: Final = NamedDType("bool")
int8: Final = NamedDType("int8")
int16: Final = NamedDType("int16")
int32: Final = NamedDType("int32")
int64: Final = NamedDType("int64")
uint8: Final = NamedDType("uint8")
uint16: Final = NamedDType("uint16")
uint32: Final = NamedDType("uint32")
uint64: Final = NamedDType("uint64")
float16: Final = NamedDType("float16")
bfloat16: Final = NamedDType("bfloat16")
float32: Final = NamedDType("float32")
float64: Final = NamedDType("float64")
complex64: Final = NamedDType("complex64")
complex128: Final = NamedDType("complex128")


def __array_namespace_info__() -> Any:
    """Return what the standard says of a namespace: its devices, its dtypes, and the defaults of both.

    Source: array API standard 2024.12, `__array_namespace_info__`.

    >>> import unified.numpy as unp
    >>> "float32" in unp.__array_namespace_info__().dtypes()
    True
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of()).info()
