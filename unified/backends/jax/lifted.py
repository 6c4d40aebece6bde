"""JAX's transforms of a part of a body, with its variables, random numbers and intermediates threaded through.

A transform closes over variables that the subfunction only reads. Variables that it writes are known after a trace: the
first trace collects them, and a second threads them through the transform (`_thread_variables`). Random keys are
computed within each trace, from the root key and the numbers of the steps.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.carries import typed_carry
from unified.backends.jax.frame import JaxFrame, trace_state
from unified.backends.jax.trees import TREES
from unified.core.errors import TransformBoundaryError
from unified.core.lifted.subfunction import Subfunction
from unified.core.stacks import StackedScope
from unified.core.trees import StaticTree

__all__ = ["JaxTransforms"]


class _UnthreadedError(Exception):
    """A subfunction wrote variables that were not threaded through its transform."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(paths)
        self.paths = paths


class _Trace:
    """One trace of a subfunction, and the frame within it."""

    def __init__(self, frame: JaxFrame, buffer: list[Any]) -> None:
        self.frame = frame
        self.start = dict(frame.written)
        self.buffer = buffer

    def changed_paths(self, *threaded: dict[str, Any]) -> set[str]:
        """Return the paths that the trace wrote; raise if one of them is not in `threaded`."""
        written = self.frame.written
        paths = {path for path, value in written.items() if value is not self.start.get(path)}
        if unthreaded := [path for path in paths if not any(path in variables for variables in threaded)]:
            raise _UnthreadedError(sorted(unthreaded))
        return paths

    def intermediates(self) -> list[list[Any]]:
        """Return the arrays of the captured intermediates."""
        return [[array for _, array in leaves] for _, leaves in self.buffer]


@contextmanager
def _enter_trace(frame: JaxFrame, variables: dict[str, Any], *steps: Any) -> Iterator[_Trace]:
    """Enter a trace that begins now; within it the frame has these values of `variables`."""
    outer = frame.written, frame.step_keys, frame.trace
    frame.written, frame.step_keys, frame.trace = {**frame.written, **variables}, (None, {}), trace_state()
    try:
        with frame.stepping(*steps), frame.buffered() as buffer:
            yield _Trace(frame, buffer)
    finally:
        frame.written, frame.step_keys, frame.trace = outer


class _Effects:
    """The effects of the last trace of a subfunction: the paths that it wrote, and its intermediates."""

    def __init__(self) -> None:
        self.changed_paths: set[str] = set()
        self.buffer: list[Any] = []

    def record(self, trace: _Trace, *threaded: dict[str, Any]) -> None:
        """Replace the effects by those of `trace`."""
        self.changed_paths, self.buffer = trace.changed_paths(*threaded), trace.buffer

    def write_back(self, frame: JaxFrame, values: dict[str, Any], intermediates: list[list[Any]]) -> None:
        """Write the transform's outputs back into the frame."""
        frame.written.update({path: value for path, value in values.items() if path in self.changed_paths})
        frame.flush(self.buffer, intermediates)


def _thread_variables(frame: JaxFrame, attempt: Callable[[dict[str, Any]], Any], stacked: Any = ()) -> Any:
    """Return `attempt(variables)`, called again until `variables` are all that it writes, except those in `stacked`."""
    draws = dict(frame.draws)
    recorder = frame.recorder
    mark = 0 if recorder is None else recorder.mark()
    while True:
        try:
            return attempt({path: frame.value("", "", path) for path in frame.threaded_paths if path not in stacked})
        except _UnthreadedError as error:
            frame.threaded_paths.update(dict.fromkeys(error.paths))
            frame.draws = dict(draws)
            if recorder is not None:
                recorder.rewind(mark)


def _stacked_variables(frame: JaxFrame, stack: StackedScope | None) -> dict[str, tuple[Any, int]]:
    """Return the stacked variables with the axes along which they are stacked."""
    variables: dict[str, tuple[Any, int]] = {}
    for info in () if stack is None else frame.params._structure.infos:
        axis = stack.axis(info.path, info.collection)  # type: ignore[union-attr]
        if axis is not None:
            value = frame.value("", "", info.path)
            stack.check(info.path, value.shape, axis)  # type: ignore[union-attr]
            variables[info.path] = value, axis
    return variables


def _numbers(count: Any) -> Any:
    """Return the numbers of steps or lanes, of which there may be a symbolic number in a program of `jax.export`."""
    return (np.arange if type(count) is int else jnp.arange)(count, dtype=np.uint32)


class JaxTransforms:
    """JAX's transforms of parts of a body; see `unified.core.protocol.Transforms`."""

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
        variables = _stacked_variables(frame, stack)
        stacked = {path: jnp.moveaxis(value, axis, 0) for path, (value, axis) in variables.items()}
        indices = _numbers(length) if split and "rng/key" in frame.params else None
        known = length if type(length) is int else None  # a symbol of jax.export is taken from `rows` alone

        def attempt(shared: dict[str, Any]) -> tuple[Any, Any]:
            effects = _Effects()

            def step(state: Any, x: Any) -> Any:
                shared, carry = state
                index, slices, x = x
                with _enter_trace(frame, {**shared, **slices}, number, *(() if index is None else (index,))) as trace:
                    carry, y = subfunction(carry, x)
                    effects.record(trace, shared, slices)
                    written = frame.written
                    slices = {path: written[path] for path in slices if path in effects.changed_paths}
                    return ({path: written[path] for path in shared}, carry), (y, slices, trace.intermediates())

            rows = (indices, stacked, xs)
            first = typed_carry(lambda state: step(state, jax.tree.map(lambda row: row[0], rows))[0], (shared, carry))
            (shared, carry_out), (ys, stacks, intermediates) = lax.scan(step, first, rows, known, reverse, unroll)
            for path, value in stacks.items():
                shared[path] = jnp.moveaxis(value, 0, variables[path][1])
            effects.write_back(frame, shared, intermediates)
            return carry_out, ys

        return _thread_variables(frame, attempt, stacked)

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
        variables = {} if frame.initializing else _stacked_variables(frame, stack)
        stacked = {path: value for path, (value, _) in variables.items()}
        axes = {path: axis for path, (_, axis) in variables.items()}
        draws = split and "rng/key" in frame.params
        indices = _numbers(size) if draws else None

        def attempt(shared: dict[str, Any]) -> Any:
            effects = _Effects()

            def run(index: Any, slices: dict[str, Any], args: Any) -> Any:
                with _enter_trace(frame, {**shared, **slices}, number, *(() if index is None else (index,))) as trace:
                    output = subfunction(*args)
                    effects.record(trace, shared, slices)
                    changes = {path: frame.written[path] for path in effects.changed_paths}
                    new_slices = {path: value for path, value in changes.items() if path in slices}
                    new_shared = {path: value for path, value in changes.items() if path not in slices}
                    return output, new_slices, new_shared, trace.intermediates()

            mapped = jax.vmap(
                run,
                in_axes=(None if indices is None else 0, axes, in_axes),
                out_axes=(out_axes, 0, None, 0),
                axis_name=axis_name,
                axis_size=size,
                spmd_axis_name=spmd_axis_name,
            )
            try:
                output, stacks, new_shared, intermediates = mapped(indices, stacked, args)
            except ValueError as error:
                paths = sorted(effects.changed_paths - stacked.keys())
                if not paths or "None" not in str(error):
                    raise
                raise TransformBoundaryError(
                    f"u.vmap: the state {', '.join(map(repr, paths))} is set to values that differ from lane to "
                    "lane, and all lanes share it: stack it, as with variable_axes={'state': 0}, or make the values "
                    "equal, as a norm's axis_name= does"
                ) from error
            stacks = {path: jnp.moveaxis(value, 0, axes[path]) for path, value in stacks.items()}
            effects.write_back(frame, {**new_shared, **stacks}, intermediates)
            return output

        return _thread_variables(frame, attempt, stacked)

    def remat(
        self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any, policy: Any, prevent_cse: bool
    ) -> Any:
        arrays, rest = TREES.partition((args, kwargs))
        return self._transform_pure(
            frame, subfunction, arrays, rest, lambda run: jax.checkpoint(run, policy=policy, prevent_cse=prevent_cse)
        )

    def jit(self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        arrays, rest = TREES.partition((args, kwargs))
        return self._transform_pure(frame, subfunction, arrays, rest, lambda run: jax.jit(run, **options))

    def _transform_pure(
        self, frame: JaxFrame, subfunction: Subfunction, arrays: Any, rest: StaticTree, transform: Any
    ) -> Any:
        """Return the output of a subfunction, transformed as a pure function of its arguments and its variables."""

        def attempt(shared: dict[str, Any]) -> Any:
            effects = _Effects()

            def run(shared: dict[str, Any], arrays: list[Any]) -> Any:
                args, kwargs = TREES.combine(arrays, rest)
                with _enter_trace(frame, shared) as trace:
                    output = subfunction(*args, **kwargs)
                    effects.record(trace, shared)
                    return output, {path: frame.written[path] for path in shared}, trace.intermediates()

            output, shared, intermediates = transform(run)(shared, arrays)
            effects.write_back(frame, shared, intermediates)
            return output

        return _thread_variables(frame, attempt)

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
            effects = _Effects()

            def run(*args: Any) -> Any:
                with _enter_trace(frame, shared) as trace:
                    output = subfunction(*args, **kwargs)
                    value, aux = output if has_aux else (output, None)
                    effects.record(trace, shared)
                    return value, (aux, {path: frame.written[path] for path in shared}, trace.intermediates())

            gradient_fn = jax.value_and_grad(run, argnums, has_aux=True, **options)
            (value, (aux, new, intermediates)), gradients = gradient_fn(*args)
            effects.write_back(frame, new, intermediates)
            return value, aux, gradients

        return _thread_variables(frame, attempt)

    def cond(self, frame: JaxFrame, pred: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        return self._choose(
            frame, subfunctions, operands, number, lambda branches, *args: lax.cond(pred, *branches, *args)
        )

    def switch(self, frame: JaxFrame, index: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        return self._choose(
            frame, subfunctions, operands, number, lambda branches, *args: lax.switch(index, branches, *args)
        )

    def _choose(self, frame: JaxFrame, subfunctions: list[Subfunction], operands: Any, number: int, choose: Any) -> Any:
        """Return the output of one of the subfunctions, which `choose(branches, *args)` runs."""
        arrays, rest = TREES.partition(operands)

        def attempt(shared: dict[str, Any]) -> Any:
            changed_paths: set[str] = set()

            def branch(subfunction: Subfunction) -> Callable[..., Any]:
                def run(shared: dict[str, Any], arrays: list[Any]) -> Any:
                    with _enter_trace(frame, shared, number) as trace:
                        output = subfunction(*TREES.combine(arrays, rest))
                        changed_paths.update(trace.changed_paths(shared))
                        return output, {path: frame.written[path] for path in shared}

                return run

            output, shared = choose([branch(subfunction) for subfunction in subfunctions], shared, arrays)
            frame.written.update({path: value for path, value in shared.items() if path in changed_paths})
            return output

        return _thread_variables(frame, attempt)

    def while_loop(self, frame: JaxFrame, test: Subfunction, body: Subfunction, carry: Any, number: int) -> Any:
        first = jnp.uint32(0) if "rng/key" in frame.params else None

        def attempt(shared: dict[str, Any]) -> Any:
            changed_paths: set[str] = set()

            def condition(state: Any) -> Any:
                count, shared, carry = state
                with _enter_trace(frame, shared, number, *(() if count is None else (count,))) as trace:
                    value = test(carry)
                    if trace.changed_paths(shared):
                        raise TransformBoundaryError(
                            "u.while_loop: its condition sets state, which has no way out: set it in the body"
                        )
                    return value

            def step(state: Any) -> Any:
                count, shared, carry = state
                with _enter_trace(frame, shared, number, *(() if count is None else (count,))) as trace:
                    carry = body(carry)
                    changed_paths.update(trace.changed_paths(shared))
                    next_count = None if count is None else count + np.uint32(1)
                    return next_count, {path: frame.written[path] for path in shared}, carry

            start = typed_carry(step, (first, shared, carry))
            _, shared, carry_out = lax.while_loop(condition, step, start)
            frame.written.update({path: value for path, value in shared.items() if path in changed_paths})
            return carry_out

        return _thread_variables(frame, attempt)

    def eval_shape(self, frame: JaxFrame, subfunction: Subfunction, args: Any, kwargs: Any) -> Any:
        arrays, rest = TREES.partition((args, kwargs))

        def run(arrays: list[Any]) -> Any:
            args, kwargs = TREES.combine(arrays, rest)
            with _enter_trace(frame, {}):
                return subfunction(*args, **kwargs)

        return jax.eval_shape(run, arrays)
