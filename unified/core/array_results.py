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
    """The limits of a floating-point dtype; for a complex one, those of its parts.

    Attributes:
        bits: the size of a number.
        eps: the distance from 1 to the next number.
        max: the greatest finite number.
        min: the least finite number.
        smallest_normal: the least positive number of full precision.
        dtype: the dtype, of the framework.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Any


@dataclass(frozen=True)
class IntegerInfo:
    """The limits of a dtype of integers.

    Attributes:
        bits: the size of a number.
        max: the greatest number.
        min: the least number.
        dtype: the dtype, of the framework.
    """

    bits: int
    max: int
    min: int
    dtype: Any


class TopK(NamedTuple, Generic[T]):
    """The result of `top_k`.

    Attributes:
        values: the values, in order.
        indices: their positions.
    """

    values: T
    indices: T


class UniqueAll(NamedTuple, Generic[T]):
    """The result of `unique_all`.

    Attributes:
        values: the different values, sorted.
        indices: where each comes first, in the flat array.
        inverse_indices: the place of each element among the values, of the shape of the array.
        counts: how often each value comes.
    """

    values: T
    indices: T
    inverse_indices: T
    counts: T


class UniqueCounts(NamedTuple, Generic[T]):
    """The result of `unique_counts`.

    Attributes:
        values: the different values, sorted.
        counts: how often each comes.
    """

    values: T
    counts: T


class UniqueInverse(NamedTuple, Generic[T]):
    """The result of `unique_inverse`.

    Attributes:
        values: the different values, sorted.
        inverse_indices: the place of each element among the values, of the shape of the array.
    """

    values: T
    inverse_indices: T


class Eigh(NamedTuple, Generic[T]):
    """The result of `linalg.eigh`.

    Attributes:
        eigenvalues: in ascending order.
        eigenvectors: in columns.
    """

    eigenvalues: T
    eigenvectors: T


class QR(NamedTuple, Generic[T]):
    """The result of `linalg.qr`.

    Attributes:
        Q: orthonormal columns.
        R: upper triangular matrices.
    """

    Q: T
    R: T


class SVD(NamedTuple, Generic[T]):
    """The result of `linalg.svd`.

    Attributes:
        U: the left singular vectors, in columns.
        S: the singular values, in descending order.
        Vh: the right singular vectors, conjugated, in rows.
    """

    U: T
    S: T
    Vh: T


class Slogdet(NamedTuple, Generic[T]):
    """The result of `linalg.slogdet`.

    Attributes:
        sign: -1, 0 or 1, or a complex number of magnitude 1.
        logabsdet: the logarithms of the absolute values.
    """

    sign: T
    logabsdet: T
