"""What functions of `unified.numpy` return that is no array, and types of their arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

__all__ = [
    "QR",
    "SVD",
    "Axes",
    "Eigh",
    "FloatInfo",
    "IntegerInfo",
    "Norm",
    "Slogdet",
    "TopK",
    "UniqueAll",
    "UniqueCounts",
    "UniqueInverse",
]

T = TypeVar("T")

# One axis, several, or `None` for all.
Axes: TypeAlias = int | Sequence[int] | None

# Which of a Fourier transform and its inverse is divided by the size.
Norm: TypeAlias = Literal["backward", "ortho", "forward"]


@dataclass(frozen=True)
class FloatInfo:
    """The limits of a floating-point dtype; for a complex one, those of its parts."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Any


@dataclass(frozen=True)
class IntegerInfo:
    """The limits of a dtype of integers."""

    bits: int
    max: int
    min: int
    dtype: Any


class TopK(NamedTuple, Generic[T]):
    """The values of `top_k`, in order, and their positions."""

    values: T
    indices: T


class UniqueAll(NamedTuple, Generic[T]):
    """The result of `unique_all`."""

    values: T
    indices: T
    inverse_indices: T
    counts: T


class UniqueCounts(NamedTuple, Generic[T]):
    """The result of `unique_counts`."""

    values: T
    counts: T


class UniqueInverse(NamedTuple, Generic[T]):
    """The result of `unique_inverse`."""

    values: T
    inverse_indices: T


class Eigh(NamedTuple, Generic[T]):
    """The result of `linalg.eigh`."""

    eigenvalues: T
    eigenvectors: T


class QR(NamedTuple, Generic[T]):
    """The result of `linalg.qr`."""

    Q: T
    R: T


class SVD(NamedTuple, Generic[T]):
    """The result of `linalg.svd`."""

    U: T
    S: T
    Vh: T


class Slogdet(NamedTuple, Generic[T]):
    """The result of `linalg.slogdet`."""

    sign: T
    logabsdet: T
