"""Names: snake case for classes, free names in a scope, and the check of names from users.

>>> snake_case("HTTPNet"), snake_case("BatchNorm2d"), snake_case("MLP")
('http_net', 'batch_norm2d', 'mlp')
>>> Names().take("linear"), numbered("linear", 2)
('linear', 'linear_2')
"""

import functools
import re
from collections.abc import Container, Iterable, Sequence
from typing import Any

__all__ = [
    "Names",
    "check_known",
    "check_name",
    "closest",
    "different_paths",
    "function_name",
    "join",
    "lacking",
    "name_or_number",
    "numbered",
    "path_names",
    "snake_case",
]


WITH_DOTS = "; names with dots are those of a state_dict, which params.from_state_dict(...) takes"
NUMBER = re.compile("0|[1-9][0-9]*")


def function_name(fn: Any) -> str:
    """Return the name of a function for messages; for a partial application, that of the wrapped function."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    return getattr(fn, "__name__", type(fn).__name__)


def join(path: str, name: str) -> str:
    """Return the path of `name` below `path`, which is empty for the root."""
    return f"{path}/{name}" if path else name


def snake_case(name: str) -> str:
    """Return the name of a class in snake case: `BatchNorm2d` becomes `batch_norm2d`."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def numbered(base: str, count: int) -> str:
    """Return the `count`-th candidate for a name with the base `base`: `base`, `base_1`, ..."""
    return base if count == 0 else f"{base}_{count}"


def check_name(name: object) -> str:
    """Return `name` if it is a Python identifier; raise `ValueError` otherwise."""
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(
            f"{name!r} cannot be a name: names are Python identifiers, such as 'encoder' or 'layer_1', "
            "so that a path joined by '/' or by '.' can always be split again"
        )
    return name


def name_or_number(name: object) -> str:
    """Return the name of a layer or module: an identifier, or an integer as it stands in a path."""
    if type(name) is int:
        if name < 0:
            raise ValueError(f"{name} cannot be a name: a number counts from 0")
        return str(name)
    return check_name(name)


def path_names(path: object) -> list[str]:
    """Return the names of a path, joined by `.` or `/`, of identifiers and numbers; raise `ValueError` for others."""
    if isinstance(path, str) and path.isidentifier():
        return [path]
    names = re.split(r"[./]", path) if isinstance(path, str) else [path]
    return [name if NUMBER.fullmatch(str(name)) and isinstance(name, str) else name_or_number(name) for name in names]


class Names:
    """The names assigned in one run of a scope."""

    __slots__ = ("bases", "counts")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.bases: dict[str, str] = {}  # by name

    def take(self, base: str, reserved: frozenset[str] | set[str] = frozenset()) -> str:
        """Assign and return the first free name among `base`, `base_1`, `base_2`, ..."""
        count = self.counts.get(base, 0)
        while (name := numbered(base, count)) in self.bases or name in reserved:
            count += 1
        self.counts[base] = count + 1
        self.bases[name] = base
        return name

    def release(self, name: str) -> None:
        """Free `name`, which can be assigned again unless a later name with its base is in use."""
        base = self.bases.pop(name, None)
        while base is not None and self.counts[base] and numbered(base, self.counts[base] - 1) not in self.bases:
            self.counts[base] -= 1

    def copy(self) -> "Names":
        """Return an independent copy."""
        names = Names()
        names.counts, names.bases = dict(self.counts), dict(self.bases)
        return names


def closest(path: str, paths: Any, what: str = "known paths") -> str:
    """Return a hint at the paths (or what else has names) most similar to `path`, for the end of an error message."""
    import difflib

    near = difflib.get_close_matches(path, list(paths), n=3, cutoff=0.4)
    return f"; the closest {what} are {', '.join(map(repr, near))}" if near else ""


# torch's compiler calls it for an error, and does not follow it into difflib.
closest._dynamo_marked_constant = True  # type: ignore[attr-defined]


def check_known(paths: Iterable[str], known: Container[str], model: str, names: Iterable[str]) -> None:
    """Raise `KeyError` for a path of a dict of arrays that a model would ignore in silence; it may have any `rng/*`.

    Args:
        paths: those of the dict.
        known: the paths that the model asks for, and their aliases.
        model: what the message calls it.
        names: the paths that the message may name.
    """
    path = next((path for path in paths if path not in known and not path.startswith("rng/")), None)
    if path is None:
        return
    raise KeyError(
        f"there is no variable {path!r} in {model}{closest(path, list(names))}. "
        f"Params({{{path!r}: ...}}) adds one that is not the model's"
    )


def lacking(path: str, paths: Iterable[str]) -> str:
    """Return what an error says of the path of a variable that params, with these paths, lack.

    >>> lacking("head/bias", ["haed/bias"])
    "'head/bias', which the params do not have; the closest known paths are 'haed/bias'"
    """
    paths = list(paths)
    hint = WITH_DOTS if path.replace("/", ".") in paths and "/" in path else closest(path, paths)
    return f"{path!r}, which the params do not have{hint}"


def different_paths(what: str, missing: Sequence[str], unexpected: Sequence[str], known: Container[str]) -> KeyError:
    """Return the error for arrays that are not those of a model: `what` says of what they were to be.

    >>> print(different_paths("other variables", [], ["haed/bias"], ["head/bias"]).args[0])
    other variables: missing nothing, unexpected ['haed/bias']; the closest known paths are 'head/bias'
    """
    hint = ""
    if unexpected and unexpected[0].replace(".", "/") in known:
        hint = WITH_DOTS
    elif unexpected:
        hint = closest(unexpected[0], missing or known)
    return KeyError(f"{what}: missing {missing or 'nothing'}, unexpected {unexpected or 'nothing'}{hint}")
