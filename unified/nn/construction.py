"""Construction of objects: which framework they are for, and what their first values follow from.

Values are made when the outermost constructor ends, because a variable's value follows from its path, and its path from
the attributes that lead to it.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from unified.core import backends, threefry
from unified.core import scope as scopes
from unified.core.backends import Backend
from unified.core.keys import as_key
from unified.core.pages import end_with_link

__all__ = [
    "Construction",
    "Place",
    "build",
    "current",
    "next_key",
    "objects_here",
    "objects_of",
    "path_below",
    "refuse_in_body",
    "run",
    "seed",
]

T = TypeVar("T")


class Place:
    """Where an object stands in the one that was made as a whole, and the key of that one's first values."""

    __slots__ = ("key", "path")

    def __init__(self, key: threefry.Key, path: str) -> None:
        self.key = key
        self.path = path


def path_below(prefix: str, path: str) -> str:
    """Return the path of a module below one; either may be the outermost, which has none."""
    return f"{prefix}/{path}" if prefix and path else prefix or path


class Construction:
    """The construction of one outermost object.

    Attributes:
        backend: the framework.
        key: of the first values; `None` until one is drawn.
        portable: whether random draws of calls are the same on every framework.
        running: the objects whose constructors run, the outermost first.
        specs: the layers that were made, each with its spec, by id.
    """

    def __init__(self, backend: Backend, rng: Any = None, portable: bool = False) -> None:
        self.backend = backend
        self.key = rng if rng is None or isinstance(rng, tuple) else as_key(rng)
        self.portable = portable
        self.running: list[Any] = []
        self.specs: dict[int, tuple[Any, Any]] = {}


class _Current(threading.local):
    def __init__(self) -> None:
        self.construction: Construction | None = None
        self.seed: threefry.Key | None = None
        self.objects = 0  # made since the seed was set


current = _Current()


def seed(rng: Any) -> None:
    """Set the seed of the objects that this thread makes without one: the next has this, those after it others.

    Without it a constructor that is called as it is, `Net(16)`, draws its seed from torch's generator on torch, and
    raises on a framework that has none.

    Args:
        rng: an integer or a JAX key.

    ```python
    nn.seed(0)
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)  # the values that they have in every run
    ```
    """
    current.seed, current.objects = as_key(rng), 0


def next_key(backend: Backend) -> threefry.Key:
    """Return the key of the next object for which no seed was passed."""
    if current.seed is None:
        return backend.objects.draw_key()
    number, current.objects = current.objects, current.objects + 1
    return current.seed if number == 0 else threefry.fold_in(current.seed, number)


def objects_here() -> Any:
    """Return the objects of the framework for which a constructor runs, or of the default one."""
    construction = current.construction
    return (backends.load(backends.default_name()) if construction is None else construction.backend).objects


def objects_of(value: object) -> Iterator[Any]:
    """Yield the objects of each framework from which a class of `value` comes, as `Backend.objects`."""
    modules = {cls.__module__ for cls in type(value).__mro__}
    for name in backends.known():
        ours = f"unified.backends.{name}."
        if name in sys.modules and any(m.partition(".")[0] == name or m.startswith(ours) for m in modules):
            objects = getattr(backends.load(name), "objects", None)
            if objects is not None:
                yield objects


def refuse_in_body(cls: Any) -> None:
    """Raise `TypeError` if an outermost object is made while a body of `unified.transform` runs, or a call on JAX.

    It would be for the default framework, and its variables none of the model's. The factory of `unified.wrap` may.
    """
    scope = scopes.current.scope
    frame = None if scope is None else scope.resolve().frame
    if frame is None or not frame.refuses_objects:
        return
    name = getattr(cls, "__name__", str(cls))
    if frame.runs_object:
        text = (
            f"an object of unified.nn, {name}, was made in a call of another one, which would not own its variables: "
            "make it an attribute in the constructor, or use a function of unified.functional"
        )
        raise TypeError(end_with_link(text, "objects"))
    raise TypeError(
        end_with_link(
            f"an object of unified.nn, {name}, was made in the body of a function of unified.transform, whose model "
            "would not own its variables. These are two styles: in a body, and in a unified.Module, write the layers "
            "of unified, as in u.Linear(2, 3)(x); layers of unified.nn are attributes of a class of unified.nn.Module, "
            "of which unified.build makes a network",
            "styles",
        )
    )


def run(construction: Construction, make: Callable[[], T]) -> T:
    """Return `make()`, whose objects belong to `construction`, with their first values."""
    outer, current.construction = current.construction, construction
    try:
        made = make()
    finally:
        current.construction = outer
    construction.backend.objects.complete(made, construction)
    return made


def build(
    cls: Callable[..., T],
    *args: Any,
    backend: str | None = None,
    rng: Any = None,
    portable: bool = False,
    **kwargs: Any,
) -> T:
    """Return `cls(*args, **kwargs)` for one framework and one seed: `unified.build`, which says what it raises.

    Args:
        cls: a class that derives from `unified.nn.Module`, or a function that returns an object of one.
        *args, **kwargs: arguments of the constructor.
        backend: `"torch"` or `"jax"`, by default as in `unified.transform`.
        rng: an integer or a JAX key, from which all first values follow; `None` takes `seed`'s.
        portable: whether random numbers during calls on torch equal those of JAX.

    >>> import unified.nn as nn
    >>> list(nn.build(nn.Linear, 3, 2, backend="torch", rng=0).state_dict())
    ['weight', 'bias']
    """
    if current.construction is not None:
        raise TypeError(
            end_with_link(
                "build was called in the constructor of another object: call the class, as in self.net = Net(16)",
                "objects",
            )
        )
    refuse_in_body(cls)
    framework = backends.load(backend or backends.default_name())
    construction = Construction(framework, next_key(framework) if rng is None else rng, portable)
    made = run(construction, lambda: cls(*args, **kwargs))
    if not construction.backend.objects.is_module(made):
        raise TypeError(
            f"build takes a class of unified.nn and its arguments, and {getattr(cls, '__name__', cls)!r} returned a "
            f"{type(made).__name__}"
        )
    return made
