"""The parameters, state and keys of the running transform as one value, which JAX's transforms pass through."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.compat.haiku import frame as frames
from unified.compat.haiku.frame import current, local
from unified.compat.haiku.random import PRNGSequence

__all__ = [
    "InternalState",
    "StateChangedError",
    "assert_no_new_parameters",
    "assert_state_unchanged",
    "check_running",
    "difference",
    "fill_keys",
    "internal_state",
    "temporary_internal_state",
    "update_internal_state",
]


class InternalState(NamedTuple):
    """The parameters, state and keys that part of a function reads and writes."""

    params: Any
    state: Any
    rng: Any


class StateChangedError(AssertionError):
    """Raised where parameters, state or keys changed and must not."""


def internal_state(*, params: bool = True) -> InternalState:
    """Return copies of the parameters, state and keys as they are now."""
    frame = current()
    keys = None if frame.rng is None else frame.rng.internal_state
    state = {name: dict(bundle) for name, bundle in frame.state.items()}
    return InternalState(frames.copy_bundles(frame.params) if params else None, state, keys)


def _update(target: Any, source: Any) -> None:
    for key, value in source.items():
        if isinstance(value, Mapping):
            _update(target.setdefault(key, {}), value)
        elif value is not None:  # by which `difference` marks an unchanged value
            target[key] = value


def update_internal_state(new: InternalState) -> None:
    """Write the outputs of a transform back into the frame."""
    frame = current()
    if not frame.frozen and new.params is not None:
        _update(frame.params, new.params)
    _update(frame.state, new.state)
    if new.rng is not None:
        frame.rng.replace_internal_state(new.rng)  # type: ignore[union-attr]


class _Bundles(dict[str, Any]):
    """A dict of dicts that creates an inner dict when it is first read."""

    def __missing__(self, name: str) -> dict[str, Any]:
        bundle = self[name] = {}
        return bundle


@contextlib.contextmanager
def temporary_internal_state(state: InternalState, *, share_python_state: bool = False) -> Iterator[None]:
    """Use other values for a block; with `share_python_state`, names used within count outside too."""
    frame = current()
    params = frame.params if state.params is None else state.params
    keys = None if state.rng is None else PRNGSequence(state.rng)
    inner = frame.derive(
        _Bundles(frames.copy_bundles(params)),
        _Bundles(frames.copy_bundles(state.state)),
        keys,
        shared=share_python_state,
    )
    with frames.push(inner), inner.tracing():
        yield


def difference(before: InternalState, after: InternalState) -> InternalState:
    """Return `after`, with `None` in place of each value that is the same object as before."""

    def keep_changes(old: Any, new: Any, is_new: Callable[[Any, Any], bool]) -> Any:
        return {
            name: {
                key: value if key not in old.get(name, {}) or is_new(old[name][key], value) else None
                for key, value in bundle.items()
            }
            for name, bundle in new.items()
        }

    params = keep_changes(before.params, after.params, lambda a, b: a is not b)
    state = keep_changes(
        before.state, after.state, lambda a, b: a.initial is not b.initial or a.current is not b.current
    )
    same_keys = before.rng is not None and _are_identical(
        (before.rng[0], *before.rng[1]), (after.rng[0], *after.rng[1])
    )
    return InternalState(params, state, None if same_keys else after.rng)


def _are_identical(a: Any, b: Any) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def fill_keys() -> None:
    """Reserve keys up to the usual number, so that all steps and branches have equal structures."""
    keys = current().rng
    if keys is not None:
        keys.reserve_up_to_full()


def check_running(name: str, instead: str) -> None:
    """Raise unless a transform runs; `instead` is what to call outside of one."""
    if not local.frames:
        raise ValueError(
            f"hk.{name} carries the parameters, state and keys of a running transform, and none is running: call "
            f"{instead}"
        )


@contextlib.contextmanager
def assert_no_new_parameters() -> Iterator[None]:
    """Raise if the block creates parameters."""

    def names() -> set[tuple[str, str]]:
        return {(m, k) for m, bundle in current().params.items() if isinstance(bundle, Mapping) for k in bundle}

    before = names()
    yield
    new = names() - before
    if new:
        raise AssertionError(
            f"New parameters were created: {', '.join(f'{m}/{k}' for m, k in sorted(new))}, after the first step of a "
            "loop, which has to make all of them; call the same modules in each step"
        )


def _value_ids() -> Any:
    frame = current()
    keys = () if frame.rng is None else (frame.rng.internal_state[0], *frame.rng.internal_state[1])
    return (
        {id(v) for bundle in frame.params.values() for v in bundle.values()},
        {id(v) for bundle in frame.state.values() for v in bundle.values()},
        [id(key) for key in keys],
    )


@contextlib.contextmanager
def assert_state_unchanged() -> Iterator[None]:
    """Raise `StateChangedError` if the block changes parameters, state or keys."""
    before = _value_ids()
    yield
    if _value_ids() != before:
        raise StateChangedError(
            "parameters, state or keys changed where they may only be read; hk.get_parameter changes them if it makes "
            "one, hk.set_state and hk.next_rng_key always"
        )
