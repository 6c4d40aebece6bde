"""The file of `unified compare`: two functions that make the sides, the inputs, layouts, tolerances and a mapping."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unified.compare.comparison import compare
from unified.compare.mapping import Mapping
from unified.compare.report import Report
from unified.compare.side import Side
from unified.core.errors import ExplainedError

__all__ = ["Config", "ConfigError"]

OPTIONS = {
    "training": bool,
    "rtol": float,
    "atol": float,
    "gradients": bool,
    "steps": int,
    "learning_rate": float,
    "dtype": str,
}
KEYS = {"first": str, "second": str, "inputs": str, "mapping": str, **OPTIONS}


class ConfigError(ExplainedError, ValueError):
    """Raised if a file is no configuration of a comparison: the message names the key."""

    page = "compare"


@dataclass(frozen=True)
class Config:
    """A comparison.

    Attributes:
        folder: the folder of the file; what it names is imported from there, and paths begin there.
        first, second: `module:function` of functions that return a side, as those of `unified.testing.sides`.
        inputs: `module:function` of one that returns the tuple of inputs, or a dict of those by keyword.
        mapping: the file of the mapping, which is found if it is not there, and written if the sides agree.
        layouts: as `compare` takes them.
        options: `rtol`, `atol`, `tolerances`, `training`, `gradients`, `steps`, ..., as `compare` takes them.
    """

    folder: Path
    first: str
    second: str
    inputs: str
    mapping: str | None
    layouts: MappingABC[int | str, str]
    options: MappingABC[str, Any]

    @staticmethod
    def load(path: str | Path) -> Config:
        """Return the configuration of a file.

        Raises:
            ConfigError: a key is missing, unknown or of another type.
        """
        path = Path(path)
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from None
        layouts = table.pop("layouts", {})
        if not isinstance(layouts, dict) or not all(isinstance(layout, str) for layout in layouts.values()):
            raise ConfigError(f'{path}: layouts is a table, as 0 = "NCHW->NHWC"')
        tolerances = _tolerances(path, table.pop("tolerances", {}))
        for key, value in table.items():
            if key not in KEYS:
                raise ConfigError(
                    f"{path}: unknown key {key!r}; there are {', '.join((*KEYS, 'layouts', 'tolerances'))}"
                )
            wanted = KEYS[key]
            if isinstance(value, bool) != (wanted is bool) or not isinstance(
                value, (wanted, int) if wanted is float else wanted
            ):
                raise ConfigError(f"{path}: {key} must be a {wanted.__name__}, got {value!r}")
        if missing := [key for key in ("first", "second", "inputs") if key not in table]:
            raise ConfigError(f'{path}: {missing[0]} is missing: the name of a function, as "package.module:function"')
        options: dict[str, Any] = {key: table[key] for key in OPTIONS if key in table}
        if tolerances:
            options["tolerances"] = tolerances
        names = (table["first"], table["second"], table["inputs"])
        return Config(path.absolute().parent, *names, table.get("mapping"), layouts, options)

    def run(self, depth: bool = False) -> Report:
        """Return the report of the comparison; write the mapping if its file is not there and the sides agree.

        A mapping found while they differ may be wrong: it is written beside the file, as `mapping.unverified.toml`.

        Args:
            depth: as `compare` takes it.

        Raises:
            ConfigError: a function cannot be imported, or returns something else.
            SideError, MappingError: as `compare`.
        """
        sides = [self._side(name) for name in (self.first, self.second)]
        inputs = self._function(self.inputs)()
        args, kwargs = ((), inputs) if isinstance(inputs, dict) else (inputs, {})
        if not isinstance(args, tuple):
            args = (args,)
        file = None if self.mapping is None else self.folder / self.mapping
        mapping = Mapping.load(file) if file is not None and file.exists() else None
        options = {**self.options, "layouts": self.layouts, "mapping": mapping, "depth": depth}
        report = compare(*sides, *args, kwargs=kwargs, **options)
        if file is None or mapping is not None:
            return report
        if report.agrees:
            report.mapping.save(file)
            return report
        draft = file.with_name(f"{file.stem}.unverified{file.suffix}")
        report.mapping.save(draft)
        return report.with_note(
            f"the mapping was not kept as {file.name}, but written to {draft.name}: read it, mend it, and rename it to "
            f"{file.name} to compare by it"
        )

    def _side(self, name: str) -> Side:
        side = self._function(name)()
        if not isinstance(side, Side):
            raise ConfigError(
                f"{name} returned a {type(side).__name__}: it must return a side, as sides.torch(module) is"
            )
        return side

    def _function(self, name: str) -> Any:
        module, colon, function = name.partition(":")
        if not colon or not module or not function:
            raise ConfigError(f'{name!r} must name a function as "package.module:function"')
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        try:
            return getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"{name}: {error}; it is looked for in {self.folder} and on the path") from error


def _tolerances(path: Path, table: Any) -> dict[str, tuple[float, float]]:
    """Return the tolerances by pattern, of a table such as `"*.norm" = [1e-3, 1e-4]`.

    Raises:
        ConfigError: it is no such table.
    """
    pairs = isinstance(table, dict) and all(isinstance(pair, list) and len(pair) == 2 for pair in table.values())
    if not pairs or not all(isinstance(n, int | float) and n >= 0 for pair in table.values() for n in pair):
        raise ConfigError(f'{path}: tolerances is a table of [rtol, atol] by pattern, as "*.norm" = [1e-3, 1e-4]')
    return {pattern: (float(pair[0]), float(pair[1])) for pattern, pair in table.items()}
