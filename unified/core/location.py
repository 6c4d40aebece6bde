"""`ModuleLocation`: where a module of a body stands."""

from typing import Any

from unified.core.frame import Frame
from unified.core.naming import Names

__all__ = ["ModuleLocation"]

NO_ARGUMENTS: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})


class ModuleLocation:
    """The path of a `unified.Module`, and its names at the end of its constructor, from which calls continue.

    Attributes:
        arguments: those of the constructor, positional ones and others.
    """

    __slots__ = ("arguments", "base", "cursor", "frame", "names", "node", "path")

    def __init__(self, frame: Frame[Any, Any], path: str, node: Any, base: str) -> None:
        self.frame = frame
        self.path = path
        self.node = node
        self.base = base
        self.cursor = 0
        self.names: Names | None = None
        self.arguments: tuple[tuple[Any, ...], dict[str, Any]] = NO_ARGUMENTS

    def __reduce__(self) -> Any:
        return _absent_location, (self.path, self.base, self.cursor, self.names)  # a frame does not outlive its call


def _absent_location(path: str, base: str, cursor: int, names: Names | None) -> ModuleLocation:
    """Return a location that belongs to no frame: calls find the node by its path."""
    location: Any = ModuleLocation(None, path, None, base)  # type: ignore[arg-type]
    location.cursor, location.names = cursor, names
    return location
