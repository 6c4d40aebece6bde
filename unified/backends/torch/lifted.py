"""Parts of a body on torch: loops in Python, `torch.func` and `torch.utils.checkpoint`.

Layers change their buffers in place, and `set_state` is stored when the call ends (`TorchFrame.written`), so that a
loop needs no more than the slices of what is stacked: they stand in the modules while a step runs. What `torch.func`
runs must not change tensors from outside: the buffers of layers are copies there, and are copied back.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx._symbolic_trace import is_fx_symbolic_tracing
from torch.utils import _pytree as pytree
from torch.utils.checkpoint import checkpoint

from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.slots import (
    again,
    copied,
    holding,
    is_written,
    layer_buffers,
    set_by_body,
    slices_of,
    stacked_slots,
    store,
)
from unified.backends.torch.trees import TREES, as_tensor, axis_of_each
from unified.core.errors import BackendError, TransformBoundaryError
from unified.core.lifted.subfunction import Subfunction
from unified.core.stacks import StackedScope
from unified.core.trees import StaticTree

__all__ = ["TorchTransforms"]


def _autograd(fn: Any, argnums: tuple[int, ...], has_aux: bool) -> Any:
    """`torch.func.grad_and_value` by autograd itself, within a checkpoint, whose hooks torch.func does not take."""

    def gradient(*args: Any) -> Any:
        tensors, static = TREES.partition(args)
        with torch.enable_grad():
            tensors = [t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in tensors]
            value, aux = fn(*TREES.combine(tensors, static))
            found = torch.autograd.grad(value, tensors, create_graph=True, allow_unused=True)
        zeros = [torch.zeros_like(t) if g is None else g for t, g in zip(tensors, found, strict=True)]
        return TREES.combine(zeros, static), (value, aux)

    return gradient


class _Captured:
    """Intermediates on their way out of `torch.func`."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def take(self, notes: list[Any]) -> list[torch.Tensor]:
        """The arrays of all notes in one list."""
        self.notes = notes
        return [array for _, chosen in notes for _, array in chosen]

    def bring(self, frame: TorchFrame, arrays: list[torch.Tensor]) -> None:
        """Has them kept."""
        given = iter(arrays)
        frame.flush(self.notes, [[next(given) for _ in chosen] for _, chosen in self.notes])


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
        slots = stacked_slots(frame, stack)
        if slots and is_fx_symbolic_tracing():
            raise BackendError(f"torch.fx cannot follow the stacked layers of {stack.path!r}")  # type: ignore[union-attr]
        slices = [slices_of(slot) for slot in slots]
        changing = [position for position, slot in enumerate(slots) if is_written(slot)]
        leaves, structure = pytree.tree_flatten(xs)
        rows = [leaf.unbind(0) if isinstance(leaf, torch.Tensor) else (leaf,) * length for leaf in leaves]
        ys: list[Any] = [None] * length
        notes: list[list[Any]] = [[]] * length
        order = range(length)[::-1] if reverse else range(length)
        for step in order:
            x = pytree.tree_unflatten([row[step] for row in rows], structure)
            first = frame.counted(1 if step == order[0] else 0)
            with first, frame.stepping(number, *((step,) if split else ())), frame.buffered() as notes[step]:
                if stack is None:
                    carry, ys[step] = subfunction(carry, x)
                else:
                    tensors = [lane[step] for lane in slices]
                    for position in changing:  # in place: autograd must not take that for a change of other lanes
                        tensors[position] = tensors[position].clone()
                    with holding(frame, slots, tensors):
                        carry, ys[step] = subfunction(carry, x)
                        store(frame, stack)
                    for position in changing:
                        slices[position][step].copy_(tensors[position].detach())
        arrays = [[torch.stack(column) for column in zip(*chosen, strict=True)] for chosen in _columns(notes)]
        frame.flush(notes[0], arrays)
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
        axes = axis_of_each(in_axes, static.structure)
        axes = [axes[position] for position in static.positions]
        if frame.initializing:
            with frame.stepping(number):
                first = [t if axis is None else t.select(axis, 0) for t, axis in zip(inputs, axes, strict=True)]
                outputs, static = _partition_output(subfunction(*TREES.combine(first, static)))
            return _with_out_axes([TREES.repeat(tensor, size) for tensor in outputs], static, out_axes)
        if is_fx_symbolic_tracing():
            raise BackendError("torch.fx cannot follow u.vmap")
        slots = stacked_slots(frame, stack)
        # Kernels of norms write to statistics in place, which reaches them only if they are contiguous and lanes first.
        copies = {
            position: slot.tensor.movedim(slot.axis, 0).clone(memory_format=torch.contiguous_format)
            for position, slot in enumerate(slots)
            if is_written(slot)
        }
        stacked = [copies.get(position, slot.tensor) for position, slot in enumerate(slots)]
        own_axes = [0 if position in copies else slot.axis for position, slot in enumerate(slots)]
        statics: list[StaticTree] = []
        captured = _Captured()

        def run(lane: torch.Tensor, slices: list[torch.Tensor], tensors: list[torch.Tensor]) -> Any:
            steps = (number, lane) if split else (number,)
            with frame.stepping(*steps), frame.buffered() as notes, holding(frame, slots, slices):
                outputs, output_static = _partition_output(subfunction(*TREES.combine(tensors, static)))
                if stack is not None:
                    store(frame, stack)
                _check_equal_lanes(frame)
                statics[:] = [output_static]
                return outputs, captured.take(notes)

        mapped = torch.func.vmap(
            run,
            in_dims=(0, own_axes, axes),
            out_dims=(0, 0),
            randomness="different" if split else "same",
        )
        before = dict(frame.written)
        try:
            outputs, arrays = mapped(torch.arange(size), stacked, inputs)
        except RuntimeError as error:
            stateless = not any(
                "_record" in slot.module.__dict__ for slot in slots if slot.name in slot.module._buffers
            )
            if "Batching rule not implemented" in str(error) and stateless:
                frame.written = before
                return self._lane_by_lane(
                    frame, subfunction, inputs, static, axes, out_axes, size, stack, split, number
                )
            if "in-place" not in str(error) and "in place" not in str(error):
                raise
            raise TransformBoundaryError(
                "u.vmap: a layer or the body would set state that all lanes share to a value that differs from lane to "
                f"lane: stack it, as with variable_axes={{'state': 0}} ({error})"
            ) from error
        for position, copy in copies.items():
            slots[position].tensor.copy_(copy.movedim(0, slots[position].axis))
        captured.bring(frame, arrays)
        return _with_out_axes(outputs, statics[0], out_axes)

    def _lane_by_lane(
        self,
        frame: TorchFrame,
        subfunction: Subfunction,
        inputs: list[torch.Tensor],
        static: StaticTree,
        axes: list[int | None],
        out_axes: Any,
        size: int,
        stack: StackedScope | None,
        split: bool,
        number: int,
    ) -> Any:
        """What `vmap` gives, by a loop: torch.func has no rule for some kernels, such as those of LSTM."""
        rows = [None if axis is None else t.movedim(axis, 0) for t, axis in zip(inputs, axes, strict=True)]
        before = dict(frame.written)

        def step(carry: None, x: list[Any]) -> tuple[None, Any]:
            tensors = [t if row is None else row for t, row in zip(inputs, x, strict=True)]
            return carry, subfunction(*TREES.combine(tensors, static))

        _, outputs = self.scan(
            frame, step, None, rows, size, reverse=False, unroll=1, stack=stack, split=split, number=number
        )
        if any(before.get(path) is not entry for path, entry in frame.written.items()):
            raise TransformBoundaryError(
                "u.vmap: torch runs these lanes one by one, and all would set state they share"
            )
        return _with_out_axes(*TREES.partition(outputs), out_axes)

    def remat(
        self, frame: TorchFrame, subfunction: Subfunction, args: Any, kwargs: Any, policy: Any, prevent_cse: bool
    ) -> Any:
        compiling = torch.compiler.is_compiling()
        if not compiling and torch._C._functorch.peek_interpreter_stack() is not None:
            return subfunction(*args, **kwargs)  # within u.vmap or u.grad: torch.func takes no checkpoint
        if not torch.is_grad_enabled() or (
            compiling and not torch._dynamo.config.skip_fwd_side_effects_in_bwd_under_checkpoint
        ):
            return subfunction(*args, **kwargs)
        if compiling:
            return checkpoint(subfunction, *args, use_reentrant=False, **kwargs)
        before, held = frame.remember(), frame.holding
        started = False

        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal started
            outer = frame.saving
            frame.saving = True
            try:
                if not started:
                    started = True
                    return subfunction(*args, **kwargs)
                mark = subfunction.scope.mark()
                try:
                    with again(frame, before, held):
                        return subfunction(*args, **kwargs)
                finally:
                    subfunction.scope.reset(mark)
            finally:
                frame.saving = outer

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
        buffers = [*layer_buffers(frame), *set_by_body(frame)]
        chosen = argnums if isinstance(argnums, tuple) else (argnums,)
        statics: list[StaticTree] = []
        captured = _Captured()
        written: list[Any] = []

        def run(*differentiated: Any) -> Any:
            arguments = list(args)
            for position, value in zip(chosen, differentiated, strict=True):
                arguments[position] = value
            copies = [slot.tensor.clone() for slot in buffers]
            before = dict(frame.written)
            with holding(frame, buffers, copies), frame.stepping(), frame.buffered() as notes:
                output = subfunction(*arguments, **kwargs)
                value, aux = output if has_aux else (output, None)
                arrays = captured.take(notes)
            for path, (state, new) in frame.written.items():  # which is to be stored where the copies stand no more
                for slot, copy in zip(buffers, copies, strict=True):
                    if state is copy:
                        frame.written[path] = slot.tensor, new
            aux_tensors, aux_static = TREES.partition(aux)
            statics[:] = [aux_static]
            written[:] = [path for path in frame.written if frame.written[path] is not before.get(path)]
            return value, (aux_tensors, copies, arrays, [frame.written[path][1] for path in written])

        gradient = _autograd if frame.saving else torch.func.grad_and_value
        gradients, (value, (aux, copies, arrays, states)) = gradient(run, tuple(range(len(chosen))), has_aux=True)(
            *(args[position] for position in chosen)
        )
        for path, state in zip(written, states, strict=True):
            frame.written[path] = frame.written[path][0], state.detach()
        for slot, copy in zip(buffers, copies, strict=True):
            _update(slot.tensor, copy)
        captured.bring(frame, arrays)
        return value, TREES.combine(aux, statics[0]), gradients if isinstance(argnums, tuple) else gradients[0]

    def cond(self, frame: TorchFrame, pred: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        index = torch.where(pred, 0, 1) if isinstance(pred, torch.Tensor) else 0 if pred else 1
        return self.switch(frame, index, subfunctions, operands, number)

    def switch(self, frame: TorchFrame, index: Any, subfunctions: list[Subfunction], operands: Any, number: int) -> Any:
        if isinstance(index, torch.Tensor):
            _refuse_tracing("u.cond or u.switch")
            if torch.compiler.is_compiling() or index.is_meta:
                return self._select(frame, index.clamp(0, len(subfunctions) - 1), subfunctions, operands, number)
        chosen = min(max(int(index), 0), len(subfunctions) - 1)
        with frame.stepping(number), frame.buffered():
            return subfunctions[chosen](*operands)

    def _select(
        self, frame: TorchFrame, index: torch.Tensor, subfunctions: list[Subfunction], operands: Any, number: int
    ) -> Any:
        """The output of the chosen piece, after all have run: torch.cond does not take bodies, which count names."""
        before, buffers = frame.written, layer_buffers(frame)
        outputs, copies, written = [], [], []
        for subfunction in subfunctions:
            frame.written = dict(before)
            copies.append([slot.tensor.clone() for slot in buffers])
            with holding(frame, buffers, copies[-1]), frame.stepping(number), frame.buffered():
                outputs.append(pytree.tree_flatten(pytree.tree_map(as_tensor, subfunction(*operands))))
            written.append(frame.written)
        frame.written = before

        def choose(values: list[torch.Tensor]) -> torch.Tensor:
            chosen = values[0]
            for position, value in enumerate(values[1:], 1):
                chosen = torch.where(index == position, value, chosen)
            return chosen

        for slot, *versions in zip(buffers, *copies, strict=True):
            slot.tensor.copy_(choose(versions).detach())
        for path in {path for each in written for path in each}:
            entries = [each.get(path) for each in written]
            state = next(entry[0] for entry in entries if entry is not None)
            before[path] = state, choose([state.clone() if entry is None else entry[1] for entry in entries])
        columns = zip(*(leaves for leaves, _ in outputs), strict=True)
        chosen = [choose(list(column)) if column[0] is not None else None for column in columns]
        return pytree.tree_unflatten(chosen, outputs[0][1])

    def while_loop(self, frame: TorchFrame, test: Subfunction, body: Subfunction, carry: Any, number: int) -> Any:
        count = 0
        while True:
            with frame.stepping(number, count), frame.buffered():
                before = dict(frame.written)
                goes_on = test(carry)
                if any(before.get(path) is not entry for path, entry in frame.written.items()):
                    raise TransformBoundaryError(
                        "u.while_loop: its condition sets state, which has no way out: set it in the body"
                    )
                if isinstance(goes_on, torch.Tensor):
                    _refuse_tracing("u.while_loop")
                shapes_alone = isinstance(goes_on, torch.Tensor) and goes_on.is_meta
                if not shapes_alone and not goes_on:
                    return carry
                carry = body(carry)
                if shapes_alone:
                    return carry
            count += 1

    def eval_shape(self, frame: TorchFrame, subfunction: Subfunction, args: Any, kwargs: Any) -> Any:
        written = dict(frame.written)
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        args, kwargs = pytree.tree_map_only(torch.Tensor, lambda t: mode.from_tensor(t.detach()), (args, kwargs))
        with mode, frame.stepping(), frame.buffered(), copied(frame, layer_buffers(frame)):
            output = subfunction(*args, **kwargs)
        frame.written = written
        return pytree.tree_map_only(torch.Tensor, TREES.shape_of, output)


def _columns(notes: list[list[Any]]) -> Iterator[list[list[torch.Tensor]]]:
    """For each note of a step, the arrays of it in all steps."""
    for same in zip(*notes, strict=True):
        yield [[array for _, array in chosen] for _, chosen in same]


def _partition_output(output: Any) -> tuple[list[torch.Tensor], StaticTree]:
    """Partition the output for one element of a mapped axis; its plain numbers become tensors, one for each element."""
    return TREES.partition(pytree.tree_map(as_tensor, output))


def _with_out_axes(stacked: list[torch.Tensor], static: StaticTree, out_axes: Any) -> Any:
    """Return the output of a map: `stacked` has the mapped axis first, and goes to where `out_axes` says."""
    axes = axis_of_each(out_axes, static.structure)
    tensors = [
        t[0] if axes[position] is None else torch.movedim(t, 0, axes[position])
        for t, position in zip(stacked, static.positions, strict=True)
    ]
    return TREES.combine(tensors, static)


def _refuse_tracing(what: str) -> None:
    if torch.jit.is_tracing() or is_fx_symbolic_tracing():
        raise BackendError(
            f"{what} depends on values, and TorchScript would keep the one way that it takes for the example inputs: "
            "use torch.compile or torch.export"
        )


def _check_equal_lanes(frame: TorchFrame) -> None:
    for path, (_, value) in frame.written.items():
        if torch._C._functorch.is_batchedtensor(value):
            raise TransformBoundaryError(
                f"{path!r}: state was set within u.vmap to a value that differs from lane to lane, and all share it: "
                "stack it, as with variable_axes={'state': 0}"
            )


def _update(old: torch.Tensor, new: torch.Tensor) -> None:
    """Copies state back that a layer has changed."""
    if torch._C._functorch.peek_interpreter_stack() is not None or not torch.equal(old, new):
        old.copy_(new.detach())
