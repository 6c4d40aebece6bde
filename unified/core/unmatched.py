"""Errors of filters and patterns that accept nothing, which else would change nothing in silence."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from unified.core.filters import Filter
from unified.core.naming import closest

__all__ = ["nothing_matches", "patterns_in"]


def patterns_in(filter: Filter) -> Iterator[str]:
    """Yield the patterns and names of collections that a filter is, or has in its lists."""
    if isinstance(filter, str):
        yield filter
    elif isinstance(filter, (list, tuple)):
        for item in filter:
            yield from patterns_in(item)


def nothing_matches(filters: Sequence[Filter], paths: Iterable[str], what: str = "variable") -> ValueError:
    """Return the error of filters that accept nothing, with the paths that patterns among them are most like.

    Args:
        filters: what the user gave.
        paths: the paths that there are.
        what: what they are paths of, for the message.

    >>> print(nothing_matches(("encodr/*",), ["encoder/weight", "head/weight"]))
    no variable matches 'encodr/*'; the closest known paths are 'encoder/weight'
    >>> print(nothing_matches(("encoder",), ["encoder/weight", "head/weight"]))
    no variable matches 'encoder': 'encoder/*' matches all below it
    """
    known, shown = list(paths), ", ".join(map(_text, filters))
    patterns = list(patterns_in(filters))
    for pattern in patterns:
        if any(path.startswith(f"{pattern}/") for path in known):
            return ValueError(f"no {what} matches {shown}: {f'{pattern}/*'!r} matches all below it")
    return ValueError(f"no {what} matches {shown}{_closest_to_pattern(patterns[0], known) if patterns else ''}")


def _text(filter: Filter) -> str:
    return f"any of {list(filter)!r}" if isinstance(filter, (list, tuple)) else repr(filter)


def _closest_to_pattern(pattern: str, paths: Sequence[str]) -> str:
    """Return a hint at the paths whose first names are most like those of the pattern, without its wildcards."""
    names = [name for name in pattern.split("/") if not set(name) & set("*?[")]
    if not names:
        return closest(pattern, paths)
    starts: dict[str, str] = {}
    for path in paths:
        path_parts = path.split("/")
        for start in range(len(path_parts) if pattern.startswith("*") else 1):
            starts.setdefault("/".join(path_parts[start : start + len(names)]), path)
    near = get_close_matches("/".join(names), list(starts), n=3, cutoff=0.5)
    found = [starts[start] for start in near]
    return f"; the closest known paths are {', '.join(map(repr, found))}" if found else ""
