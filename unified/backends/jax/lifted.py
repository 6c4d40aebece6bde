"""JAX's transforms of parts of a body: what the body reads, writes and draws goes in and out of each trace.

Variables that a part only reads are closed over. Those that it writes are known once it was traced: the first trace
finds them, and a second takes them through the transform (`_crossing`). Random keys are made within each trace, from
the root key and the numbers of the steps.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.frame import JaxFrame, trace_state
from unified.backends.jax.trees import TREES
from unified.core.errors import TransformBoundaryError
from unified.core.lifted.subfunction import Subfunction
from unified.core.stacks import StackedScope
from unified.core.trees import StaticTree

__all__ = ["JaxTransforms"]


class _UnthreadedError(Exception):
    """A part of a body wrote variables that its transform did not take through."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(paths)
        self.paths = paths


class _Inside:
    """A frame within one trace of a part of its body."""

    def __init__(self, frame: JaxFrame, notes: list[Any]) -> None:
        self.frame = frame
        self.start = dict(frame.written)
        self.notes = notes

    def changed(self, *known: dict[str, Any]) -> set[str]:
        """The paths that were written, which are all among the `known`."""
        written = self.frame.written
        changed = {path for path, value in written.items() if value is not self.start.get(path)}
        if beyond := [path for path in changed if not any(path in given for given in known)]:
            raise _UnthreadedError(sorted(beyond))
        return changed

    def captured(self) -> list[list[Any]]:
        """The arrays of intermediates that were captured."""
        return [[array for _, array in chosen] for _, chosen in self.notes]


@contextmanager
def _inside(frame: JaxFrame, given: dict[str, Any], *steps: Any) -> Iterator[_Inside]:
    """The frame within a trace that begins now, with the values of some variables."""
    outer = frame.written, frame.step_key, frame.trace
    frame.written, frame.step_key, frame.trace = {**frame.written, **given}, (None, None), trace_state()
    try:
        with frame.stepping(*steps), frame.buffered() as notes:
            yield _Inside(frame, notes)
    finally:
        frame.written, frame.step_key, frame.trace = outer


class _Out:
    """What the last trace of a part has found, besides arrays."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.notes: list[Any] = []

    def note(self, inner: _Inside, *known: dict[str, Any]) -> None:
        self.changed, self.notes = inner.changed(*known), inner.notes

    def bring(self, frame: JaxFrame, values: dict[str, Any], captured: list[list[Any]]) -> None:
        """Gives the frame what came out of the transform."""
        frame.written.update({path: value for path, value in values.items() if path in self.changed})
        frame.flush(self.notes, captured)


def _crossing(frame: JaxFrame, attempt: Callable[[dict[str, Any]], Any], but: Any = ()) -> Any:
    """`attempt(values)` with the values of the variables that are written within, once these are known."""
    draws = dict(frame.draws)
    recorder = frame.recorder
    mark = 0 if recorder is None else recorder.mark()
    while True:
        try:
            return attempt({path: frame.value("", "", path) for path in frame.crossing if path not in but})
        except _UnthreadedError as found:
            frame.crossing.update(dict.fromkeys(found.paths))
            frame.draws = dict(draws)
            if recorder is not None:
                recorder.rewind(mark)


def _stacked(frame: JaxFrame, stack: StackedScope | None) -> dict[str, tuple[Any, int]]:
    """The variables of all lanes, with the axes along which they are stacked."""
    found: dict[str, tuple[Any, int]] = {}
    for info in () if stack is None else frame.params._structure.infos:
        axis = stack.axis(info.path, info.collection)  # type: ignore[union-attr]
        if axis is not None:
            value = frame.value("", "", info.path)
            stack.check(info.path, value.shape, axis)  # type: ignore[union-attr]
            found[info.path] = value, axis
    return found


class JaxTransforms:
    """See `unified.core.protocol.Transforms`."""

    def scan(
        self,
        frame: JaxFrame,
        subfunction: Subfunction,
        carry: Any,
        xs: Any,
        length: int,
        *,
        reverse: bool,
        unroll: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> tuple[Any, Any]:
        found = _stacked(frame, stack)
        stacked = {path: jnp.moveaxis(value, axis, 0) for path, (value, axis) in found.items()}
        indices = np.arange(length, dtype=np.uint32) if split and "rng/key" in frame.params else None

        def attempt(shared: dict[str, Any]) -> tuple[Any, Any]:
            out = _Out()

            def step(state: Any, x: Any) -> Any:
                shared, carry = state
                index, own, x = x
                with _inside(frame, {**shared, **own}, number, *(() if index is None else (index,))) as inner:
                    carry, y = subfunction(carry, x)
                    out.note(inner, shared, own)
                    written = frame.written
                    own = {path: written[path] for path in own if path in out.changed}
                    return ({path: written[path] for path in shared}, carry), (y, own, inner.captured())

            (shared, carry_out), (ys, own, captured) = lax.scan(
                step, (shared, carry), (indices, stacked, xs), length, reverse, unroll
            )
            for path, value in own.items():
                shared[path] = jnp.moveaxis(value, 0, found[path][1])
            out.bring(frame, shared, captured)
            return carry_out, ys

        return _crossing(frame, attempt, stacked)

    def vmap(
        self,
        frame: JaxFrame,
        subfunction: Subfunction,
        args: tuple[Any, ...],
        in_axes: Any,
        out_axes: Any,
        *,
        size: int,
        axis_name: Any,
        spmd_axis_name: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> Any:
        found = {} if frame.initializing else _stacked(frame, stack)
        stacked = {path: value for path, (value, _) in found.items()}
        axes = {path: axis for path, (_, axis) in found.items()}
        draws = split and "rng/key" in frame.params
        indices = np.arange(size, dtype=np.uint32) if draws else None

        def attempt(shared: dict[str, Any]) -> Any:
            out = _Out()

            def run(index: Any, own: dict[str, Any], args: Any) -> Any:
                with _inside(frame, {**shared, **own}, number, *(() if index is None else (index,))) as inner:
                    output = subfunction(*args)
                    out.note(inner, shared, own)
                    changed = {path: frame.written[path] for path in out.changed}
                    new = {path: value for path, value in changed.items() if path in own}
                    return output, new, {p: v for p, v in changed.items() if p not in own}, inner.captured()

            mapped = jax.vmap(
                run,
                in_axes=(None if indices is None else 0, axes, in_axes),
                out_axes=(out_axes, 0, None, 0),
                axis_name=axis_name,
                axis_size=size,
                spmd_axis_name=spmd_axis_name,
            )
            try:
                output, own, shared_out, captured = mapped(indices, stacked, args)
            except ValueError as error:
                differing = sorted(out.changed - stacked.keys())
                if not differing or "None" not in str(error):
                    raise
                raise TransformBoundaryError(
                    f"u.vmap: the state {', '.join(map(repr, differing))} is set to values that differ from lane to "
                    "lane, and all lanes share it: stack it, as with variable_axes={'state': 0}, or make the values "
                    "equal, as a norm's axis_name= does"
                ) from error
            own = {path: jnp.moveaxis(value, 0, axes[path]) for path, value in own.items()}
            out.bring(frame, {**shared_out, **own}, captured)
            return output

        return _crossing(frame, attempt, stacked)

    def remat(
        self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any, policy: Any, prevent_cse: bool
    ) -> Any:
        arrays, rest = TREES.partition((args, kwargs))
        return self._pure(
            frame, subfunction, arrays, rest, lambda run: jax.checkpoint(run, policy=policy, prevent_cse=prevent_cse)
        )

    def jit(self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        arrays, rest = TREES.partition((args, kwargs))
        return self._pure(frame, subfunction, arrays, rest, lambda run: jax.jit(run, **options))

    def _pure(self, frame: JaxFrame, subfunction: Subfunction, arrays: Any, rest: StaticTree, transform: Any) -> Any:
        """The output of a part that is run once, transformed as a pure function of all that goes in."""

        def attempt(shared: dict[str, Any]) -> Any:
            out = _Out()

            def run(shared: dict[str, Any], arrays: list[Any]) -> Any:
                args, kwargs = TREES.combine(arrays, rest)
                with _inside(frame, shared) as inner:
                    output = subfunction(*args, **kwargs)
                    out.note(inner, shared)
                    return output, {path: frame.written[path] for path in shared}, inner.captured()

            output, shared, captured = transform(run)(shared, arrays)
            out.bring(frame, shared, captured)
            return output

        return _crossing(frame, attempt)

    def value_and_grad(
        self,
        frame: JaxFrame,
        subfunction: Subfunction,
        args: Any,
        kwargs: Any,
        argnums: Any,
        has_aux: bool,
        options: Any,
    ) -> tuple[Any, Any, Any]:
        def attempt(shared: dict[str, Any]) -> Any:
            out = _Out()

            def run(*args: Any) -> Any:
                with _inside(frame, shared) as inner:
                    output = subfunction(*args, **kwargs)
                    value, aux = output if has_aux else (output, None)
                    out.note(inner, shared)
                    return value, (aux, {path: frame.written[path] for path in shared}, inner.captured())

            (value, (aux, new, captured)), gradients = jax.value_and_grad(run, argnums, has_aux=True, **options)(*args)
            out.bring(frame, new, captured)
            return value, aux, gradients

        return _crossing(frame, attempt)

    def cond(self, frame: JaxFrame, pred: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        return self._choose(frame, subfunctions, operands, number, lambda runs, *given: lax.cond(pred, *runs, *given))

    def switch(self, frame: JaxFrame, index: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        return self._choose(frame, subfunctions, operands, number, lambda runs, *given: lax.switch(index, runs, *given))

    def _choose(self, frame: JaxFrame, subfunctions: list[Subfunction], operands: Any, number: int, choose: Any) -> Any:
        arrays, rest = TREES.partition(operands)

        def attempt(shared: dict[str, Any]) -> Any:
            changed: set[str] = set()

            def branch(subfunction: Subfunction) -> Callable[..., Any]:
                def run(shared: dict[str, Any], arrays: list[Any]) -> Any:
                    with _inside(frame, shared, number) as inner:
                        output = subfunction(*TREES.combine(arrays, rest))
                        changed.update(inner.changed(shared))
                        return output, {path: frame.written[path] for path in shared}

                return run

            output, shared = choose([branch(subfunction) for subfunction in subfunctions], shared, arrays)
            frame.written.update({path: value for path, value in shared.items() if path in changed})
            return output

        return _crossing(frame, attempt)

    def while_loop(self, frame: JaxFrame, test: Subfunction, body: Subfunction, carry: Any, number: int) -> Any:
        first = jnp.uint32(0) if "rng/key" in frame.params else None

        def attempt(shared: dict[str, Any]) -> Any:
            changed: set[str] = set()

            def goes_on(state: Any) -> Any:
                count, shared, carry = state
                with _inside(frame, shared, number, *(() if count is None else (count,))) as inner:
                    value = test(carry)
                    if inner.changed(shared):
                        raise TransformBoundaryError(
                            "u.while_loop: its condition sets state, which has no way out: set it in the body"
                        )
                    return value

            def step(state: Any) -> Any:
                count, shared, carry = state
                with _inside(frame, shared, number, *(() if count is None else (count,))) as inner:
                    carry = body(carry)
                    changed.update(inner.changed(shared))
                    following = None if count is None else count + np.uint32(1)
                    return following, {path: frame.written[path] for path in shared}, carry

            _, shared, carry_out = lax.while_loop(goes_on, step, (first, shared, carry))
            frame.written.update({path: value for path, value in shared.items() if path in changed})
            return carry_out

        return _crossing(frame, attempt)

    def eval_shape(self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any) -> Any:
        arrays, rest = TREES.partition((args, kwargs))

        def run(arrays: list[Any]) -> Any:
            args, kwargs = TREES.combine(arrays, rest)
            with _inside(frame, {}):
                return subfunction(*args, **kwargs)

        return jax.eval_shape(run, arrays)
