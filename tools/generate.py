"""Writes everything that is generated: `python -m tools.generate`; with `--check` it says what is out of date instead.

Each of `WRITERS` returns the text of its files by their paths. `make generate` runs this, and `make lint` the check.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from conformance_tests.parity import layer_table
from tools import (
    array_functions,
    compat,
    explicit,
    functional,
    haiku_names,
    jax_names,
    layers,
    notebooks,
    objects,
    tree_layers,
)

__all__ = ["WRITERS", "main", "outdated"]

ROOT = Path(__file__).parents[1]
WRITERS: tuple[Callable[[], dict[Path, str]], ...] = (
    layers.files,
    explicit.files,
    tree_layers.files,
    objects.files,
    functional.files,
    array_functions.files,
    compat.files,
    jax_names.files,
    haiku_names.files,
    layer_table.files,
    notebooks.files,
)


def outdated() -> dict[Path, str]:
    """What the files should hold that hold something else."""
    texts = {path: text for files in WRITERS for path, text in files().items()}
    return {path: text for path, text in texts.items() if not path.exists() or path.read_text() != text}


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check = parser.parse_args(arguments).check
    found = outdated()
    for path, text in found.items():
        print(f"{path.relative_to(ROOT)} is out of date: run `make generate`" if check else path.relative_to(ROOT))
        if not check:
            path.write_text(text)
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
