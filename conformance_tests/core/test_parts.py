"""Parts of initial values are the same parts of whole arrays."""

import numpy as np
import pytest

from unified.core import initializers, parts, threefry
from unified.core.derived import Derived, Source
from unified.core.filling import fill

ROOT = threefry.seed_key(7)

INITIALIZERS = {
    "uniform": initializers.uniform(-1, 1),
    "normal": initializers.normal(),
    "truncated": initializers.truncated_normal(),
    "zeros": initializers.zeros,
    "array": initializers.constant(np.arange(9.0)),
    "orthogonal": initializers.orthogonal(),
    "zero row": initializers.ZeroRow(initializers.normal(), -2),
}

# A shape, where a part of it begins, and the shape of the part.
PARTS = {
    "rows": ((40, 9), (10, 0), (20, 9)),
    "columns": ((40, 9), (0, 4), (40, 3)),
    "a box": ((5, 4, 9), (1, 2, 3), (3, 2, 4)),
    "of long rows": ((3, 2, 70000, 9), (1, 1, 5, 0), (2, 1, 40000, 9)),
    "the last row": ((40, 9), (39, 0), (1, 9)),
    "nothing": ((40, 9), (40, 0), (0, 9)),
    "all": ((40, 9), (0, 0), (40, 9)),
    "one element": ((40, 9), (38, 8), (1, 1)),
}


CASES = [
    (name, where, dtype)
    for name in INITIALIZERS
    for where in PARTS
    for dtype in ("float32", "float16", "float64")
    if where != "of long rows" or (name, dtype) in (("uniform", "float32"), ("normal", "float32"))
]


@pytest.mark.parametrize(("name", "where", "dtype"), CASES)
def test_parts(name: str, where: str, dtype: str) -> None:
    shape, start, size = PARTS[where]
    draw = INITIALIZERS[name].draw(shape)
    whole, part = np.empty(shape, dtype), np.full(size, np.nan, dtype)
    fill(ROOT, [(whole, "a/weight", draw)])
    parts.fill_part(ROOT, part, "a/weight", draw, shape, start)
    box = tuple(slice(first, first + count) for first, count in zip(start, size, strict=True))
    assert part.tobytes() == np.ascontiguousarray(whole[box]).tobytes()


def test_what_follows_from_another_variable() -> None:
    draw = Derived("norm", (Source("weight", (40, 9), initializers.normal()),), lambda weight: weight * 2)
    whole, part = np.empty((40, 9), np.float32), np.empty((3, 2), np.float32)
    fill(ROOT, [(whole, "a/norm", draw)])
    parts.fill_part(ROOT, part, "a/norm", draw, (40, 9), (30, 5))
    assert part.tolist() == whole[30:33, 5:7].tolist()


def test_scalars_and_positions_past_32_bits() -> None:
    part = np.empty((), np.float32)
    parts.fill_part(ROOT, part, "a/scale", initializers.normal().draw(()), (), ())
    whole = np.empty((), np.float32)
    fill(ROOT, [(whole, "a/scale", initializers.normal().draw(()))])
    assert part == whole
    start = (1 << 32) - 2
    key = threefry.fold_path(ROOT, "a/weight")
    expected = [np.bitwise_xor(*threefry.threefry2x32(key, divmod(start + i, 1 << 32))) for i in range(5)]
    positions = np.arange(start, start + 5, dtype=np.uint64)
    assert threefry.bits_at(key, positions).tolist() == expected == threefry.bits_chunk(key, start, 5).tolist()


def test_a_part_of_more_values_than_memory_holds() -> None:
    draw = initializers.uniform().draw((1 << 20, 1 << 20))
    part = np.empty((1, 1 << 10), np.float32)
    parts.fill_part(ROOT, part, "a/weight", draw, (1 << 20, 1 << 20), (1 << 19, 1 << 19))
    words = threefry.bits_chunk(threefry.fold_path(ROOT, "a/weight"), (1 << 39) + (1 << 19), 1 << 10)
    assert part.reshape(-1).tolist() == ((words >> 8) * 2.0**-24).tolist()
