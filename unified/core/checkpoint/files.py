"""Files that are there whole or not at all, and safetensors within them."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unified.core.errors import CheckpointError

__all__ = ["numpy_dtype", "open_tensors", "replacing", "restored", "write_tensors"]

# What safetensors writes as NumPy's; anything else is written as its bytes, and the header says what they are.
WRITTEN = frozenset(
    [
        "bool",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "uint32",
        "int32",
        "uint64",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
    ]
)


def numpy_dtype(name: str) -> np.dtype:
    """The NumPy dtype of that name, which may be one of ml_dtypes; raises `CheckpointError` if there is none."""
    try:
        return np.dtype(name)
    except TypeError:
        try:
            import ml_dtypes

            return np.dtype(getattr(ml_dtypes, name))
        except (ImportError, AttributeError, TypeError):
            raise CheckpointError(f"there is no dtype {name!r} here (bfloat16 and float8 need ml_dtypes)") from None


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`: what is written there takes its place at the end, on disk and all at once."""
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        with contextlib.suppress(OSError):  # not every system opens folders
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)


def write_tensors(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str] | None) -> None:
    """Writes a safetensors file; raises `OSError` if the disk does not take it."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({name: _writable(array) for name, array in arrays.items()}, path, metadata)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _writable(array: np.ndarray) -> np.ndarray:
    return array if array.dtype.name in WRITTEN else np.frombuffer(array.tobytes(), np.uint8)


def restored(array: np.ndarray, dtype: str, shape: tuple[int, ...], where: str) -> np.ndarray:
    """An array as the header describes it; raises `CheckpointError` if it is another."""
    if dtype not in WRITTEN and array.dtype == np.uint8 and array.ndim == 1:
        wanted = numpy_dtype(dtype)
        if array.size != wanted.itemsize * math.prod(shape):
            raise CheckpointError(f"{where} has {array.size} bytes, and the header says {dtype}{list(shape)}")
        array = array.view(wanted).reshape(shape)
    if (array.dtype.name, array.shape) != (dtype, shape):
        raise CheckpointError(f"{where} is {array.dtype}{list(array.shape)}, and the header says {dtype}{list(shape)}")
    return array


def open_tensors(path: Path, values: bool = True) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a safetensors file, if `values` are wanted, and its metadata.

    Raises `CheckpointError` for what is no such file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            names = file.keys() if values else ()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise CheckpointError(f"{path} is no whole safetensors file: {error}") from None
