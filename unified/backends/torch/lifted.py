"""Transforms of a part of a body on torch: loops in Python, `torch.func` and `torch.utils.checkpoint`.

Layers change their buffers in place, and `set_state` is stored when the call ends (`TorchFrame.written`). A loop
therefore only needs to hold the slices of stacked variables in the modules' slots while a step runs. A function that
`torch.func` runs must not change tensors from outside: it gets copies of the layers' buffers, which are copied back.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.fx._symbolic_trace import is_fx_symbolic_tracing
from torch.utils import _pytree as pytree
from torch.utils.checkpoint import checkpoint

from unified.backends.torch import lanes
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.gradients import check_scalar, conjugated
from unified.backends.torch.slots import Slot, written_by_layer
from unified.backends.torch.stacked import cure, slices_of
from unified.backends.torch.substitution import recompute, stacked_slots, store_state, substitute, substitute_copies
from unified.backends.torch.trees import TREES, as_tensor, axes_of_leaves
from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError, TransformBoundaryError
from unified.core.lifted.recurrence import CellStep
from unified.core.lifted.subfunction import Subfunction
from unified.core.stacks import StackedScope
from unified.core.trees import StaticTree, in_order_of

__all__ = ["TorchTransforms"]

# What torch says of a kernel that torch.func cannot map: without a rule, and of cuDNN's, which reads memory.
NO_BATCHING_RULE = ("Batching rule not implemented", "Cannot access data pointer of Tensor that doesn't have storage")


def _has_saving_hooks() -> bool:
    """Return whether hooks on saved tensors are set, as in `torch.utils.checkpoint`, where torch.func does not work."""
    if torch.compiler.is_compiling():
        return False
    return torch._C._autograd._top_saved_tensors_default_hooks(False) is not None


def _autograd(fn: Any, argnums: tuple[int, ...], has_aux: bool) -> Any:
    """Return `torch.func.grad_and_value(fn, ...)` by autograd: torch.func does not work within a checkpoint."""

    def gradient(*args: Any) -> Any:
        tensors, static = TREES.partition(args)
        with torch.enable_grad():
            tensors = [t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in tensors]
            value, aux = fn(*TREES.combine(tensors, static))
            gradients = torch.autograd.grad(value, tensors, create_graph=True, allow_unused=True)
        filled = [torch.zeros_like(t) if g is None else g for t, g in zip(tensors, gradients, strict=True)]
        return TREES.combine(filled, static), (value, aux)

    return gradient


class _Intermediates:
    """The intermediate values of a function that `torch.func` runs, which returns their arrays."""

    def __init__(self) -> None:
        self.buffer: list[Any] = []

    def arrays(self, buffer: list[Any]) -> list[torch.Tensor]:
        """Keep the buffer of the function's values, and return their arrays as one list."""
        self.buffer = buffer
        return [array for _, entry in buffer for _, array in entry]

    def flush(self, frame: TorchFrame, arrays: list[torch.Tensor]) -> None:
        """Record the values in the frame, with the arrays that the transform returned."""
        remaining = iter(arrays)
        frame.flush(self.buffer, [[next(remaining) for _ in entry] for _, entry in self.buffer])


class TorchTransforms:
    """See `unified.core.protocol.Transforms`."""

    def scan(
        self,
        frame: TorchFrame,
        subfunction: Callable[..., Any],
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
        if stack is None and frame.recorder is None and (cell_step := _native_cell(subfunction)) is not None:
            return _run_cell(cell_step, carry, xs, reverse)
        slots = stacked_slots(frame, stack)
        if slots and is_fx_symbolic_tracing():
            error = BackendError(f"torch.fx cannot follow the stacked layers of {stack.path!r}: {cure()}")  # type: ignore[union-attr]
            raise error.with_page("pytorch#what-differs-and-why")
        slices = [slices_of(slot) for slot in slots]
        written = [position for position, slot in enumerate(slots) if written_by_layer(slot)]
        rows = _rows(xs, length)
        ys: list[Any] = [None] * length
        buffers: list[list[Any]] = [[]] * length
        order = range(length)[::-1] if reverse else range(length)
        if stack is None and frame.recorder is None:
            repeated = subfunction.repeated() if isinstance(subfunction, Subfunction) else nullcontext(subfunction)
            with frame.stepping(number), repeated as run:  # which put back what each step sets
                outer = frame.steps
                for step in order:
                    frame.steps, frame.draws = (*outer, step) if split else outer, {}
                    carry, ys[step] = run(carry, rows[step])
            return carry, TREES.stack(ys)
        for step in order:
            x = rows[step]
            counting = frame.counted(1 if step == order[0] else 0)
            with counting, frame.stepping(number, *((step,) if split else ())), frame.buffered() as buffers[step]:
                if stack is None:
                    carry, ys[step] = subfunction(carry, x)
                else:
                    tensors = [views[step] for views in slices]
                    for position in written:  # a write to a view would count for autograd as one to every slice
                        tensors[position] = tensors[position].clone()
                    with substitute(frame, slots, tensors):
                        carry, ys[step] = subfunction(carry, x)
                        store_state(frame, stack)
                    for position in written:
                        slices[position][step].copy_(tensors[position].detach())
        frame.flush(buffers[0], _stack_entries(buffers))
        return carry, TREES.stack(ys)

    def vmap(
        self,
        frame: TorchFrame,
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
        inputs, static = TREES.partition(args)
        axes = axes_of_leaves(in_axes, static.structure)
        axes = [axes[position] for position in static.positions]
        if frame.initializing:
            with frame.stepping(number):
                outputs, static = _partition_output(subfunction(*TREES.combine(_first_lane(inputs, axes), static)))
            return _move_mapped_axis([TREES.repeat(tensor, size) for tensor in outputs], static, out_axes)
        if is_fx_symbolic_tracing():
            raise BackendError("torch.fx cannot follow u.vmap").with_page("transforms#notes")
        if size == 0:  # for which kernels under torch.func.vmap look for a first lane
            return self._vmap_by_scan(
                frame, subfunction, inputs, static, axes, out_axes, size, axis_name, stack, split, number
            )
        slots = stacked_slots(frame, stack)
        # The kernels of norms write to statistics in place, which works only if they are contiguous, mapped axis first.
        copies = {
            position: slot.tensor.movedim(slot.axis, 0).clone(memory_format=torch.contiguous_format)
            for position, slot in enumerate(slots)
            if written_by_layer(slot)
        }
        stacked = [copies.get(position, slot.tensor) for position, slot in enumerate(slots)]
        stack_axes = [0 if position in copies else slot.axis for position, slot in enumerate(slots)]
        statics: list[StaticTree] = []
        intermediates = _Intermediates()

        def run(index: torch.Tensor, slices: list[torch.Tensor], tensors: list[torch.Tensor]) -> Any:
            steps = (number, index) if split else (number,)
            axis = lanes.mapped(axis_name, size, index)
            with axis, frame.stepping(*steps), frame.buffered() as buffer, substitute(frame, slots, slices):
                outputs, output_static = _partition_output(subfunction(*TREES.combine(tensors, static)))
                if stack is not None:
                    store_state(frame, stack)
                _check_not_mapped(frame)
                _check_unmapped(outputs, output_static, out_axes)
                statics[:] = [output_static]
                return outputs, intermediates.arrays(buffer)

        mapped = torch.func.vmap(
            run,
            in_dims=(0, stack_axes, axes),
            out_dims=(0, 0),
            randomness="different" if split else "same",
        )
        before = dict(frame.written)
        try:
            outputs, arrays = mapped(torch.arange(size, device=frame._device()), stacked, inputs)
        except RuntimeError as error:
            body_sets_state = any(
                "_record" in slot.module.__dict__ for slot in slots if slot.name in slot.module._buffers
            )
            if any(text in str(error) for text in NO_BATCHING_RULE) and not body_sets_state:
                frame.written = before
                return self._vmap_by_scan(
                    frame, subfunction, inputs, static, axes, out_axes, size, axis_name, stack, split, number
                )
            if "in-place" not in str(error) and "in place" not in str(error):
                raise
            raise TransformBoundaryError(
                "u.vmap: a layer or the body would set state that all lanes share to a value that differs from lane to "
                f"lane: stack it, as with variable_axes={{'state': 0}} ({error})"
            ) from error
        for position, copy in copies.items():
            slots[position].tensor.copy_(copy.movedim(0, slots[position].axis))
        intermediates.flush(frame, arrays)
        return _move_mapped_axis(outputs, statics[0], out_axes)

    def _vmap_by_scan(
        self,
        frame: TorchFrame,
        subfunction: Subfunction,
        inputs: list[torch.Tensor],
        static: StaticTree,
        axes: list[int | None],
        out_axes: Any,
        size: int,
        axis_name: Any,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> Any:
        """Return the outputs of `vmap`, by a loop: torch.func has no batching rule for some kernels, e.g. of LSTM.

        Without lanes, return outputs of the shapes of one of zeros.
        """
        rows = [None if axis is None else t.movedim(axis, 0) for t, axis in zip(inputs, axes, strict=True)]
        before = dict(frame.written)
        if size == 0:  # the outputs of a lane of zeros, none of which are taken
            slots = stacked_slots(frame, stack)
            slices = _first_lane([slot.tensor for slot in slots], [slot.axis for slot in slots])
            with (
                frame.stepping(number),
                frame.buffered(),
                substitute(frame, slots, slices),
                substitute_copies(frame, frame.layer_buffers()),  # of the slices, which are in the slots now
            ):
                outputs, static = _partition_output(subfunction(*TREES.combine(_first_lane(inputs, axes), static)))
            frame.written = before
            return _move_mapped_axis([TREES.repeat(tensor, 0) for tensor in outputs], static, out_axes)

        def step(carry: None, x: list[Any]) -> tuple[None, Any]:
            tensors = [t if row is None else row for t, row in zip(inputs, x, strict=True)]
            return carry, subfunction(*TREES.combine(tensors, static))

        with lanes.mapped(axis_name, size, None, is_loop=True):
            _, outputs = self.scan(
                frame, step, None, rows, size, reverse=False, unroll=1, stack=stack, split=split, number=number
            )
        shared = [path for path, entry in frame.written.items() if before.get(path) is not entry]
        if shared:
            raise TransformBoundaryError(
                f"{shared[0]!r}: state that all lanes share was set within u.vmap, which torch runs as a loop here (it "
                "has no batching rule for a kernel in it): stack the state, as with variable_axes={'state': 0}"
            )
        tensors, static = TREES.partition(outputs)
        _check_unmapped(tensors, static, out_axes, is_stacked=True)
        return _move_mapped_axis(tensors, static, out_axes)

    def remat(
        self, frame: TorchFrame, subfunction: Subfunction, args: Any, kwargs: Any, policy: Any, prevent_cse: bool
    ) -> Any:
        frame.recomputes = True
        compiling = torch.compiler.is_compiling()
        if not compiling and torch._C._functorch.peek_interpreter_stack() is not None:
            return subfunction(*args, **kwargs)  # within u.vmap or u.grad: torch.func refuses checkpoints
        if not torch.is_grad_enabled() or (
            compiling and not torch._dynamo.config.skip_fwd_side_effects_in_bwd_under_checkpoint
        ):
            return subfunction(*args, **kwargs)
        if compiling:
            return checkpoint(subfunction, *args, use_reentrant=False, **kwargs)
        snapshot = frame.snapshot()
        has_run = False

        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal has_run
            outer = frame.checkpointing
            frame.checkpointing = True
            try:
                if not has_run:
                    has_run = True
                    return subfunction(*args, **kwargs)
                mark = subfunction.scope.mark()
                try:
                    with recompute(frame, snapshot):
                        return subfunction(*args, **kwargs)
                finally:
                    subfunction.scope.reset(mark)
            finally:
                frame.checkpointing = outer

        return checkpoint(run, *args, use_reentrant=False, **kwargs)

    def jit(self, frame: TorchFrame, subfunction: Subfunction, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        return subfunction(*args, **kwargs)

    def value_and_grad(
        self,
        frame: TorchFrame,
        subfunction: Subfunction,
        args: Any,
        kwargs: Any,
        argnums: Any,
        has_aux: bool,
        options: Any,
    ) -> tuple[Any, Any, Any]:
        slots = [*frame.layer_buffers(), *frame.body_buffers()]
        positions = argnums if isinstance(argnums, tuple) else (argnums,)
        statics: list[StaticTree] = []
        intermediates = _Intermediates()
        written: list[Any] = []

        def run(*differentiated: Any) -> Any:
            arguments = list(args)
            for position, value in zip(positions, differentiated, strict=True):
                arguments[position] = value
            copies = [slot.tensor.clone() for slot in slots]
            before = dict(frame.written)
            with substitute(frame, slots, copies), frame.stepping(), frame.buffered() as buffer:
                output = subfunction(*arguments, **kwargs)
                value, aux = output if has_aux else (output, None)
                check_scalar(value)
                arrays = intermediates.arrays(buffer)
            for path, (state, new) in frame.written.items():  # store it in the buffer, not in its copy
                for slot, copy in zip(slots, copies, strict=True):
                    if state is copy:
                        frame.written[path] = slot.tensor, new
            aux_tensors, aux_static = TREES.partition(aux)
            statics[:] = [aux_static]
            written[:] = [path for path in frame.written if frame.written[path] is not before.get(path)]
            return value, (aux_tensors, copies, arrays, [frame.written[path][1] for path in written])

        gradient = _autograd if frame.checkpointing or _has_saving_hooks() else torch.func.grad_and_value
        gradients, (value, (aux, copies, arrays, states)) = gradient(run, tuple(range(len(positions))), has_aux=True)(
            *(args[position] for position in positions)
        )
        for path, state in zip(written, states, strict=True):
            frame.written[path] = frame.written[path][0], state.detach()
        for slot, copy in zip(slots, copies, strict=True):
            _copy_if_changed(slot.tensor, copy)
        intermediates.flush(frame, arrays)
        found, static = TREES.partition(gradients)
        gradients = TREES.combine(conjugated(found), static)
        return value, TREES.combine(aux, statics[0]), gradients if isinstance(argnums, tuple) else gradients[0]

    def cond(self, frame: TorchFrame, pred: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        index = torch.where(pred.bool(), 0, 1) if isinstance(pred, torch.Tensor) else 0 if pred else 1
        return self.switch(frame, index, subfunctions, operands, number)

    def switch(self, frame: TorchFrame, index: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        if isinstance(index, torch.Tensor):
            _refuse_tracing("u.cond or u.switch")
            if _has_no_value(index) or lanes.has_values_by_lane(index):
                return self._select(frame, index.clamp(0, len(subfunctions) - 1), subfunctions, operands, number)
        branch = subfunctions[min(max(int(index), 0), len(subfunctions) - 1)]
        with frame.stepping(number), frame.buffered():
            return branch(*operands)

    def _select(
        self, frame: TorchFrame, index: torch.Tensor, subfunctions: list[Subfunction], operands: Any, number: int
    ) -> Any:
        """Run all branches and return the output of one: torch.cond refuses bodies, because they count names."""
        slots = frame.layer_buffers()
        runs = [_run_apart(frame, slots, subfunction, operands, (number,)) for subfunction in subfunctions]

        def select(values: list[Any]) -> Any:
            if not isinstance(values[0], torch.Tensor):
                return values[0]
            result = values[0]
            for position, value in enumerate(values[1:], 1):
                result = torch.where(index == position, value, result)
            return result

        _store_selected(frame, slots, runs, select)
        first = pytree.tree_unflatten(runs[0].leaves, runs[0].structure)
        columns = zip(*(run.leaves_in_order_of(first) for run in runs), strict=True)
        return pytree.tree_unflatten([select(list(column)) for column in columns], runs[0].structure)

    def while_loop(self, frame: TorchFrame, test: Subfunction, body: Subfunction, carry: Any, number: int) -> Any:
        count, active = 0, None  # which lanes go on, once they differ
        while True:
            with frame.stepping(number, count), frame.buffered():
                before = dict(frame.written)
                condition = test(carry)
                if any(before.get(path) is not entry for path, entry in frame.written.items()):
                    raise TransformBoundaryError(
                        "u.while_loop: its condition sets state, which cannot leave the condition: set it in the body"
                    )
            if isinstance(condition, torch.Tensor):
                _refuse_tracing("u.while_loop")
                if condition.dim() or condition.dtype is not torch.bool:
                    kind = f"{dtype_name(condition.dtype)}{list(condition.shape)}"
                    raise TypeError(f"u.while_loop: the condition is a boolean scalar, got {kind}")
                if active is not None:
                    condition = active & condition
                reads_values = not (frame.computes_shapes or torch.compiler.is_compiling())
                if reads_values and lanes.has_values_by_lane(condition):
                    active = condition
                    if not lanes.values_of_all(active).any():
                        return carry
                    carry = self._step_lanes(frame, active, body, carry, (number, count))
                    count += 1
                    continue
            elif not isinstance(condition, (bool, np.bool_)):
                raise TypeError(f"u.while_loop: the condition is a boolean scalar, got {condition!r}")
            has_no_values = isinstance(condition, torch.Tensor) and (condition.is_meta or frame.computes_shapes)
            if not has_no_values and not condition:
                return carry
            with frame.stepping(number, count), frame.buffered():
                carry = body(carry)
            if has_no_values:
                return carry
            count += 1

    def _step_lanes(
        self, frame: TorchFrame, active: torch.Tensor, body: Subfunction, carry: Any, steps: tuple[int, ...]
    ) -> Any:
        """Run a step of `while_loop` in all lanes, and keep what it changes in those that are active."""
        slots = frame.layer_buffers()
        old = _Run([slot.tensor for slot in slots], dict(frame.written), *_flatten_numbers(carry))
        new = _run_apart(frame, slots, body, (carry,), steps)

        def select(values: list[Any]) -> Any:
            return torch.where(active, values[1], values[0]) if isinstance(values[1], torch.Tensor) else values[1]

        _store_selected(frame, slots, [old, new], select)
        leaves = [select(list(column)) for column in zip(old.leaves, new.leaves_in_order_of(carry), strict=True)]
        return pytree.tree_unflatten(leaves, old.structure)

    def eval_shape(self, frame: TorchFrame, subfunction: Subfunction, args: Any, kwargs: Any) -> Any:
        written, outer = dict(frame.written), frame.computes_shapes
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        args, kwargs = pytree.tree_map_only(torch.Tensor, lambda t: mode.from_tensor(t.detach()), (args, kwargs))
        with mode, frame.stepping(), frame.buffered(), substitute_copies(frame, frame.layer_buffers()):
            frame.computes_shapes = True
            try:
                output = subfunction(*args, **kwargs)
            finally:
                frame.computes_shapes = outer
        frame.written = written
        return pytree.tree_map_only(torch.Tensor, TREES.shape_of, output)


class _Run(NamedTuple):
    """A part of a body that was run on copies, and what it changed.

    Attributes:
        buffers: the copies of the buffers that layers may change.
        written: what is written in the frame after it.
        leaves, structure: the output.
    """

    buffers: list[torch.Tensor]
    written: dict[str, Any]
    leaves: list[Any]
    structure: Any

    def leaves_in_order_of(self, like: Any) -> list[Any]:
        """Return the leaves of the output, with the keys of its dicts in the order of those of `like`."""
        return pytree.tree_leaves(in_order_of(like, pytree.tree_unflatten(self.leaves, self.structure)))


def _flatten_numbers(tree: Any) -> tuple[list[Any], Any]:
    """Return the leaves of a tree, with tensors in place of numbers, and its structure."""
    return pytree.tree_flatten(pytree.tree_map(as_tensor, tree))


def _run_apart(
    frame: TorchFrame, slots: list[Slot], subfunction: Subfunction, operands: Any, steps: tuple[int, ...]
) -> _Run:
    """Run a part of the body that changes nothing but copies."""
    before, copies = frame.written, [slot.tensor.clone() for slot in slots]
    frame.written = dict(before)
    try:
        with substitute(frame, slots, copies), frame.stepping(*steps), frame.buffered():
            leaves, structure = _flatten_numbers(subfunction(*operands))
        return _Run(copies, frame.written, leaves, structure)
    finally:
        frame.written = before


def _store_selected(frame: TorchFrame, slots: list[Slot], runs: list[_Run], select: Any) -> None:
    """Store what `select` returns of the versions of each buffer, and of each state that the runs have set."""
    for slot, *versions in zip(slots, *(run.buffers for run in runs), strict=True):
        if not all(_is_unchanged(slot.tensor, version) for version in versions):
            slot.tensor.copy_(select(versions).detach())
    for path in dict.fromkeys(path for run in runs for path in run.written):
        entries = [run.written.get(path) for run in runs]
        state = next(entry[0] for entry in entries if entry is not None)
        if any(entry is not frame.written.get(path) for entry in entries):
            versions = [state.clone() if entry is None else entry[1] for entry in entries]
            frame.written[path] = state, select(versions)


def _is_unchanged(old: torch.Tensor, new: torch.Tensor) -> bool:
    """Return whether a buffer has no other value than before; false where values cannot be read."""
    if old is new:
        return True
    if _has_no_value(old) or _has_no_value(new):
        return False
    old, new = lanes.values_of_all(old), lanes.values_of_all(new)
    return old.shape == new.shape and torch.equal(old, new)


def _has_no_value(tensor: torch.Tensor) -> bool:
    """Return whether Python cannot read a value, because the running code is compiled or computes shapes alone."""
    return torch.compiler.is_compiling() or tensor.is_meta or isinstance(tensor, FakeTensor)


def _stack_entries(buffers: list[list[Any]]) -> list[list[torch.Tensor]]:
    """Return the arrays of each recorded value, those of all steps stacked."""
    values = ([[array for _, array in entry] for _, entry in steps] for steps in zip(*buffers, strict=True))
    return [[torch.stack(column) for column in zip(*steps, strict=True)] for steps in values]


def _first_lane(tensors: list[torch.Tensor], axes: Sequence[int | None]) -> list[torch.Tensor]:
    """Return the first slice of each tensor along its mapped axis; zeros if there is none."""
    return [
        t if axis is None else t.select(axis, 0) if t.shape[axis] else t.new_zeros(t.movedim(axis, 0).shape[1:])
        for t, axis in zip(tensors, axes, strict=True)
    ]


def _partition_output(output: Any) -> tuple[list[torch.Tensor], StaticTree]:
    """Partition the output of one element of the mapped axis, with tensors in place of plain numbers."""
    return TREES.partition(pytree.tree_map(as_tensor, output))


def _move_mapped_axis(stacked: list[torch.Tensor], static: StaticTree, out_axes: Any) -> Any:
    """Return the output of `vmap`, with the mapped axis, the first of each stacked tensor, moved to `out_axes`."""
    axes = axes_of_leaves(out_axes, static.structure)
    tensors = [
        t[0] if axes[position] is None else torch.movedim(t, 0, axes[position])
        for t, position in zip(stacked, static.positions, strict=True)
    ]
    return TREES.combine(tensors, static)


def _check_unmapped(tensors: list[torch.Tensor], static: StaticTree, out_axes: Any, is_stacked: bool = False) -> None:
    """Raise `ValueError` if an output differs from lane to lane, and `out_axes` says that it has no mapped axis."""
    if out_axes == 0 or torch.compiler.is_compiling():
        return
    axes = axes_of_leaves(out_axes, static.structure)
    for value, position in zip(tensors, static.positions, strict=True):
        if axes[position] is not None:
            continue
        if is_stacked:
            differs = not torch.equal(value, value[:1].expand_as(value))
        else:
            differs = lanes.is_mapped_here(value)
        if differs:
            raise ValueError(
                f"u.vmap: an output of shape {tuple(value.shape[is_stacked:])} differs from lane to lane, and out_axes "
                "says that it does not (None): give it an axis"
            )


def _refuse_tracing(what: str) -> None:
    if torch.jit.is_tracing() or is_fx_symbolic_tracing():
        raise BackendError(
            f"{what} depends on values, and TorchScript would record only the branches that the example inputs take: "
            "use torch.compile or torch.export"
        ).with_page("transforms#notes")


def _check_not_mapped(frame: TorchFrame) -> None:
    """Raise if state of the frame was set to a value for each lane of the innermost `vmap`."""
    if torch.compiler.is_compiling():
        return
    for path, (_, value) in frame.written.items():
        if lanes.is_mapped_here(value):
            raise TransformBoundaryError(
                f"{path!r}: state was set within u.vmap to a value that differs from lane to lane, and all share it: "
                "stack it, as with variable_axes={'state': 0}"
            )


def _rows(tree: Any, length: int) -> Sequence[Any]:
    """Return the slices of a tree along its first axis; what is no tensor is the same in each."""
    if isinstance(tree, torch.Tensor):
        return tree.unbind(0)
    if type(tree) is tuple and tree:
        return list(zip(*[_rows(part, length) for part in tree], strict=True))
    if tree is None:
        return (None,) * length
    leaves, structure = pytree.tree_flatten(tree)
    rows = [leaf.unbind(0) if isinstance(leaf, torch.Tensor) else (leaf,) * length for leaf in leaves]
    return [pytree.tree_unflatten([row[step] for row in rows], structure) for step in range(length)]


def _native_cell(subfunction: Any) -> CellStep | None:
    """Return a step that runs a cell of torch alone, which needs no scope, state or random numbers of a body."""
    part = subfunction.part if type(subfunction) is Subfunction else None
    return part if type(part) is CellStep and type(part.cell) in (nn.LSTMCell, nn.GRUCell, nn.RNNCell) else None


def _run_cell(step: CellStep, state: Any, inputs: Any, reverse: bool) -> tuple[Any, torch.Tensor]:
    """Return what a scan of the step returns, by the loop that one would write by hand.

    torch's cells keep the shape and dtype of their state or raise; under autocast they change the dtype, as by hand.
    """
    cell, initial, states = step.cell, step.initial, []
    xs = (inputs if initial is None else inputs[0]).unbind(0)
    xs = xs[::-1] if reverse else xs
    if initial is None:
        for x in xs:
            state = cell(x, state)
            states.append(state)
    else:
        where = torch.where
        masks = inputs[1].unbind(0)
        masks = masks[::-1] if reverse else masks
        if type(initial) is tuple:
            first, second = initial
            for x, mask in zip(xs, masks, strict=True):
                state = cell(x, (where(mask, first, state[0]), where(mask, second, state[1])))
                states.append(state)
        else:
            for x, mask in zip(xs, masks, strict=True):
                state = cell(x, where(mask, initial, state))
                states.append(state)
    ys = [state[0] for state in states] if type(state) is tuple else states
    return state, torch.stack(ys[::-1] if reverse else ys)


def _copy_if_changed(old: torch.Tensor, new: torch.Tensor) -> None:
    """Copy `new` to a layer's buffer unless they are equal."""
    if torch._C._functorch.peek_interpreter_stack() is not None or not torch.equal(old, new):
        old.copy_(new.detach())
