"""Streams of random numbers: the default one of a model, and others by name, each with a key and a counter of its own.

`rng=` is a seed, or a mapping from the names of streams to seeds. `params` makes first values, and `default` is for
draws of calls; each stands in for the other where it is left out, so that `{"params": n}` is `n`. A draw that names a
stream takes its numbers from that stream if the model has it, else from the default one. The variables of the default
stream are `rng/key` and `rng/counter`, those of a named one `rng/<name>/key` and `rng/<name>/counter`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from unified.core.keys import COUNTER, KEY, as_key
from unified.core.naming import check_name

__all__ = ["DEFAULT", "FIRST_VALUES", "Seeds", "check_stream", "seeds_of"]

DEFAULT = "default"
FIRST_VALUES = "params"

# What variables of the default stream are called, beside which no stream of that name could lie.
RESERVED = tuple(path.rpartition("/")[2] for path in (KEY, COUNTER))


class Seeds(NamedTuple):
    """The keys of a model: of its first values, of its default stream, and of the streams that have a name."""

    params: Any
    default: Any
    named: Mapping[str, Any]

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of all streams that calls draw from, the empty one of the default stream first."""
        return ("", *self.named)

    def of(self, stream: str) -> Any:
        """Return the key of a stream, whose name is empty for the default one."""
        return self.named[stream] if stream else self.default


def seeds_of(rng: Any, as_key: Callable[[Any], Any] = as_key) -> Seeds:
    """Return the keys that `rng` is, a seed for all or a mapping from the names of streams to seeds.

    Raises `ValueError` for a name that no stream can have, and without `params` and `default`.

    >>> seeds_of({"params": 1, "dropout": 2})
    Seeds(params=(0, 1), default=(0, 1), named={'dropout': (0, 2)})
    """
    if not isinstance(rng, Mapping):
        key = as_key(rng)
        return Seeds(key, key, {})
    keys = {check_stream(name): as_key(seed) for name, seed in rng.items()}
    named = {name: key for name, key in keys.items() if name not in (FIRST_VALUES, DEFAULT)}
    if len(named) == len(keys):
        raise ValueError(
            f"rng= has a seed for {', '.join(map(repr, keys)) or 'no stream'}, and none for first values: add "
            f"{FIRST_VALUES!r}, or {DEFAULT!r} for all streams without a seed of their own"
        )
    first = keys[FIRST_VALUES] if FIRST_VALUES in keys else keys[DEFAULT]
    return Seeds(first, keys.get(DEFAULT, first), dict(sorted(named.items())))


def check_stream(name: Any) -> str:
    """Return the name of a stream; raise if it can be none."""
    if not isinstance(name, str):
        raise TypeError(f"rng= maps the names of streams to seeds, got the name {name!r}")
    if name in RESERVED:
        raise ValueError(f"a stream cannot be called {name!r}, as a variable of the default stream is: rename it")
    return check_name(name)
