"""The index of a checkpoint in several files."""

from pathlib import Path
from typing import Any

from unified.core.checkpoint.header import parse_json
from unified.core.errors import CheckpointError

__all__ = ["INDEX", "files_of", "read_index"]

INDEX = ".index.json"
MAX_BYTES = 1 << 28  # of an index, which is more than any model needs


def read_index(path: Path) -> tuple[dict[str, str], dict[str, Path]]:
    """Return the metadata of an index, and the file of each variable.

    Raises `CheckpointError` if the index is not valid, or names a file outside its folder.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(f"{path} is too large for an index")
        content: Any = parse_json(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise CheckpointError(f"{path} is not UTF-8 text: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise CheckpointError(f"{path} is not the index of a checkpoint: it names no files")
    files = {}
    for variable, name in content["files"].items():
        if type(name) is not str or name in ("", ".", "..") or any(c in name for c in "/\\:\0"):
            raise CheckpointError(f"{path} names a file {name!r}, which is not one beside it")
        files[variable] = path.with_name(name)
    return {key: value for key, value in content.items() if type(value) is str}, files


def files_of(path: Path) -> set[Path]:
    """Return the files that an index names; none if it cannot be read."""
    try:
        return set(read_index(path)[1].values())
    except CheckpointError:
        return set()
