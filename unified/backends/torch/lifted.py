"""Parts of a body on torch: loops in Python, `torch.func` and `torch.utils.checkpoint`.

Layers change their buffers in place, and `set_state` is stored when the call ends (`TorchFrame.written`), so that a
loop needs no more than the slices of what is stacked: they stand in the modules while a step runs. What `torch.func`
runs must not change tensors from outside: the buffers of layers are copies there, and are copied back.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx._symbolic_trace import is_fx_symbolic_tracing
from torch.utils import _pytree as pytree
from torch.utils.checkpoint import checkpoint

from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.slots import (
    again,
    changes,
    copied,
    holding,
    lanes_of,
    layer_buffers,
    set_by_body,
    stacked_slots,
    store,
)
from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError, TransformBoundaryError
from unified.core.lanes import Lanes
from unified.core.lifted.piece import Piece

__all__ = ["TorchTransforms"]


def _autograd(fn: Any, argnums: tuple[int, ...], has_aux: bool) -> Any:
    """`torch.func.grad_and_value` by autograd itself, within a checkpoint, whose hooks torch.func does not take."""

    def gradient(*args: Any) -> Any:
        given = _Static(args)
        with torch.enable_grad():
            tensors = [t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in given.tensors]
            value, aux = fn(*given.merge(tensors))
            found = torch.autograd.grad(value, tensors, create_graph=True, allow_unused=True)
        zeros = [torch.zeros_like(t) if g is None else g for t, g in zip(tensors, found, strict=True)]
        return given.merge(zeros), (value, aux)

    return gradient


class _Static:
    """A tree taken apart into its tensors and the rest, which is not given to torch.func."""

    def __init__(self, tree: Any) -> None:
        self.leaves, self.spec = pytree.tree_flatten(tree)
        self.places = [place for place, leaf in enumerate(self.leaves) if isinstance(leaf, torch.Tensor)]

    @property
    def tensors(self) -> list[torch.Tensor]:
        return [self.leaves[place] for place in self.places]

    def merge(self, tensors: Any) -> Any:
        """The tree with other tensors."""
        leaves = list(self.leaves)
        for place, tensor in zip(self.places, tensors, strict=True):
            leaves[place] = tensor
        return pytree.tree_unflatten(leaves, self.spec)


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

    def flatten(self, tree: Any) -> tuple[list[str], list[Any], Any]:
        found, structure = pytree.tree_flatten_with_path(tree)
        return [pytree.keystr(keys) for keys, _ in found], [leaf for _, leaf in found], structure

    def unflatten(self, structure: Any, leaves: list[Any]) -> Any:
        return pytree.tree_unflatten(leaves, structure)

    def kind(self, leaf: Any) -> tuple[tuple[int, ...], str | None] | None:
        if isinstance(leaf, np.ndarray):
            raise BackendError("transforms of a torch model take tensors, got a NumPy array: torch.from_numpy(array)")
        return (tuple(leaf.shape), dtype_name(leaf.dtype)) if isinstance(leaf, torch.Tensor) else None

    def repeat(self, leaf: torch.Tensor, size: int) -> torch.Tensor:
        return leaf.unsqueeze(0).expand(size, *leaf.shape)

    def stack(self, trees: list[Any]) -> Any:
        leaves = [pytree.tree_leaves(tree) for tree in trees]
        columns = [_stack(column) for column in zip(*leaves, strict=True)]
        return pytree.tree_unflatten(columns, pytree.tree_structure(trees[0]))

    def zeros_like(self, leaf: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(leaf)

    def zeros(self, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        return torch.zeros(shape, dtype=like.dtype, device=like.device)

    def where(self, mask: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.where(mask, x, y)

    def concatenate(self, arrays: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat(arrays, -1)

    def arange(self, lower: int, upper: int) -> torch.Tensor:
        return torch.arange(lower, upper, dtype=torch.int32)

    def sizes(self, args: Any, axes: Any) -> list[tuple[str, int]]:
        labels, leaves, structure = self.flatten(args)
        each = _axis_of_each(axes, structure)
        return [
            (label, leaf.shape[axis])
            for label, leaf, axis in zip(labels, leaves, each, strict=True)
            if axis is not None and isinstance(leaf, torch.Tensor)
        ]

    def scan(
        self,
        frame: TorchFrame,
        piece: Callable[..., Any],
        carry: Any,
        xs: Any,
        length: int,
        *,
        reverse: bool,
        unroll: Any,
        lanes: Lanes | None,
        split: bool,
        number: int,
    ) -> tuple[Any, Any]:
        slots = stacked_slots(frame, lanes)
        if slots and is_fx_symbolic_tracing():
            raise BackendError(f"torch.fx cannot follow the stacked layers of {lanes.path!r}")  # type: ignore[union-attr]
        slices = [lanes_of(slot) for slot in slots]
        changing = [place for place, slot in enumerate(slots) if changes(slot)]
        leaves, structure = pytree.tree_flatten(xs)
        rows = [leaf.unbind(0) if isinstance(leaf, torch.Tensor) else (leaf,) * length for leaf in leaves]
        ys: list[Any] = [None] * length
        notes: list[list[Any]] = [[]] * length
        order = range(length)[::-1] if reverse else range(length)
        for step in order:
            x = pytree.tree_unflatten([row[step] for row in rows], structure)
            first = frame.counted(1 if step == order[0] else 0)
            with first, frame.stepping(number, *((step,) if split else ())), frame.buffered() as notes[step]:
                if lanes is None:
                    carry, ys[step] = piece(carry, x)
                else:
                    tensors = [lane[step] for lane in slices]
                    for place in changing:  # in place: autograd must not take that for a change of other lanes
                        tensors[place] = tensors[place].clone()
                    with holding(frame, slots, tensors):
                        carry, ys[step] = piece(carry, x)
                        store(frame, lanes)
                    for place in changing:
                        slices[place][step].copy_(tensors[place].detach())
        arrays = [[torch.stack(column) for column in zip(*chosen, strict=True)] for chosen in _columns(notes)]
        frame.flush(notes[0], arrays)
        return carry, self.stack(ys)

    def vmap(
        self,
        frame: TorchFrame,
        piece: Piece,
        args: tuple[Any, ...],
        in_axes: Any,
        out_axes: Any,
        *,
        size: int,
        axis_name: Any,
        spmd_axis_name: Any,
        lanes: Lanes | None,
        split: bool,
        number: int,
    ) -> Any:
        given = _Static(args)
        axes = _axis_of_each(in_axes, given.spec)
        axes = [axes[place] for place in given.places]
        if frame.initializing:
            with frame.stepping(number):
                first = [t if axis is None else t.select(axis, 0) for t, axis in zip(given.tensors, axes, strict=True)]
                output = _numbered(piece(*given.merge(first)))
            return _out(output, out_axes, [self.repeat(tensor, size) for tensor in output.tensors])
        if is_fx_symbolic_tracing():
            raise BackendError("torch.fx cannot follow u.vmap")
        slots = stacked_slots(frame, lanes)
        # Kernels of norms write to statistics in place, which reaches them only if they are contiguous and lanes first.
        copies = {
            place: slot.tensor.movedim(slot.axis, 0).clone(memory_format=torch.contiguous_format)
            for place, slot in enumerate(slots)
            if changes(slot)
        }
        stacked = [copies.get(place, slot.tensor) for place, slot in enumerate(slots)]
        own_axes = [0 if place in copies else slot.axis for place, slot in enumerate(slots)]
        results: list[_Static] = []
        captured = _Captured()

        def run(lane: torch.Tensor, slices: list[torch.Tensor], tensors: list[torch.Tensor]) -> Any:
            steps = (number, lane) if split else (number,)
            with frame.stepping(*steps), frame.buffered() as notes, holding(frame, slots, slices):
                output = _numbered(piece(*given.merge(tensors)))
                if lanes is not None:
                    store(frame, lanes)
                _check_equal_lanes(frame)
                results[:] = [output]
                return output.tensors, captured.take(notes)

        mapped = torch.func.vmap(
            run,
            in_dims=(0, own_axes, axes),
            out_dims=(0, 0),
            randomness="different" if split else "same",
        )
        before = dict(frame.written)
        try:
            outputs, arrays = mapped(torch.arange(size), stacked, given.tensors)
        except RuntimeError as error:
            stateless = not any(
                "_declared" in slot.module.__dict__ for slot in slots if slot.name in slot.module._buffers
            )
            if "Batching rule not implemented" in str(error) and stateless:
                frame.written = before
                return self._lane_by_lane(frame, piece, given, axes, out_axes, size, lanes, split, number)
            if "in-place" not in str(error) and "in place" not in str(error):
                raise
            raise TransformBoundaryError(
                "u.vmap: a layer or the body would set state that all lanes share to a value that differs from lane to "
                f"lane: stack it, as with variable_axes={{'state': 0}} ({error})"
            ) from error
        for place, copy in copies.items():
            slots[place].tensor.copy_(copy.movedim(0, slots[place].axis))
        captured.bring(frame, arrays)
        return _out(results[0], out_axes, outputs)

    def _lane_by_lane(
        self,
        frame: TorchFrame,
        piece: Piece,
        given: _Static,
        axes: list[int | None],
        out_axes: Any,
        size: int,
        lanes: Lanes | None,
        split: bool,
        number: int,
    ) -> Any:
        """What `vmap` gives, by a loop: torch.func has no rule for some kernels, such as those of LSTM."""
        rows = [None if axis is None else t.movedim(axis, 0) for t, axis in zip(given.tensors, axes, strict=True)]
        before = dict(frame.written)

        def step(carry: None, x: list[Any]) -> tuple[None, Any]:
            tensors = [t if row is None else row for t, row in zip(given.tensors, x, strict=True)]
            return carry, piece(*given.merge(tensors))

        _, outputs = self.scan(
            frame, step, None, rows, size, reverse=False, unroll=1, lanes=lanes, split=split, number=number
        )
        if any(before.get(path) is not entry for path, entry in frame.written.items()):
            raise TransformBoundaryError(
                "u.vmap: torch runs these lanes one by one, and all would set state they share"
            )
        output = _Static(outputs)
        return _out(output, out_axes, output.tensors)

    def remat(self, frame: TorchFrame, piece: Piece, args: Any, kwargs: Any, policy: Any, prevent_cse: bool) -> Any:
        compiling = torch.compiler.is_compiling()
        if not compiling and torch._C._functorch.peek_interpreter_stack() is not None:
            return piece(*args, **kwargs)  # within u.vmap or u.grad: torch.func takes no checkpoint
        if not torch.is_grad_enabled() or (
            compiling and not torch._dynamo.config.skip_fwd_side_effects_in_bwd_under_checkpoint
        ):
            return piece(*args, **kwargs)
        if compiling:
            return checkpoint(piece, *args, use_reentrant=False, **kwargs)
        before, held = frame.remember(), frame.holding
        started = False

        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal started
            outer = frame.saving
            frame.saving = True
            try:
                if not started:
                    started = True
                    return piece(*args, **kwargs)
                mark = piece.scope.mark()
                try:
                    with again(frame, before, held):
                        return piece(*args, **kwargs)
                finally:
                    piece.scope.reset(mark)
            finally:
                frame.saving = outer

        return checkpoint(run, *args, use_reentrant=False, **kwargs)

    def jit(self, frame: TorchFrame, piece: Piece, args: Any, kwargs: Any, options: dict[str, Any]) -> Any:
        return piece(*args, **kwargs)

    def value_and_grad(
        self, frame: TorchFrame, piece: Piece, args: Any, kwargs: Any, argnums: Any, has_aux: bool, options: Any
    ) -> tuple[Any, Any, Any]:
        buffers = [*layer_buffers(frame), *set_by_body(frame)]
        chosen = argnums if isinstance(argnums, tuple) else (argnums,)
        rest: list[_Static] = []
        captured = _Captured()
        written: list[Any] = []

        def run(*differentiated: Any) -> Any:
            arguments = list(args)
            for position, value in zip(chosen, differentiated, strict=True):
                arguments[position] = value
            copies = [slot.tensor.clone() for slot in buffers]
            before = dict(frame.written)
            with holding(frame, buffers, copies), frame.stepping(), frame.buffered() as notes:
                output = piece(*arguments, **kwargs)
                value, aux = output if has_aux else (output, None)
                arrays = captured.take(notes)
            for path, (state, new) in frame.written.items():  # which is to be stored where the copies stand no more
                for slot, copy in zip(buffers, copies, strict=True):
                    if state is copy:
                        frame.written[path] = slot.tensor, new
            rest[:] = [_Static(aux)]
            written[:] = [path for path in frame.written if frame.written[path] is not before.get(path)]
            return value, (rest[0].tensors, copies, arrays, [frame.written[path][1] for path in written])

        gradient = _autograd if frame.saving else torch.func.grad_and_value
        gradients, (value, (aux, copies, arrays, states)) = gradient(run, tuple(range(len(chosen))), has_aux=True)(
            *(args[position] for position in chosen)
        )
        for path, state in zip(written, states, strict=True):
            frame.written[path] = frame.written[path][0], state.detach()
        for slot, copy in zip(buffers, copies, strict=True):
            _update(slot.tensor, copy)
        captured.bring(frame, arrays)
        return value, rest[0].merge(aux), gradients if isinstance(argnums, tuple) else gradients[0]

    def cond(self, frame: TorchFrame, pred: Any, pieces: list[Piece], operands: Any, number: int) -> Any:
        index = torch.where(pred, 0, 1) if isinstance(pred, torch.Tensor) else 0 if pred else 1
        return self.switch(frame, index, pieces, operands, number)

    def switch(self, frame: TorchFrame, index: Any, pieces: list[Piece], operands: Any, number: int) -> Any:
        if isinstance(index, torch.Tensor):
            _refuse_tracing("u.cond or u.switch")
            if torch.compiler.is_compiling() or index.is_meta:
                return self._select(frame, index.clamp(0, len(pieces) - 1), pieces, operands, number)
        chosen = min(max(int(index), 0), len(pieces) - 1)
        with frame.stepping(number), frame.buffered():
            return pieces[chosen](*operands)

    def _select(self, frame: TorchFrame, index: torch.Tensor, pieces: list[Piece], operands: Any, number: int) -> Any:
        """The output of the chosen piece, after all have run: torch.cond does not take bodies, which count names."""
        before, buffers = frame.written, layer_buffers(frame)
        outputs, copies, written = [], [], []
        for piece in pieces:
            frame.written = dict(before)
            copies.append([slot.tensor.clone() for slot in buffers])
            with holding(frame, buffers, copies[-1]), frame.stepping(number), frame.buffered():
                outputs.append(pytree.tree_flatten(pytree.tree_map(_as_tensor, piece(*operands))))
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

    def while_loop(self, frame: TorchFrame, test: Piece, body: Piece, carry: Any, number: int) -> Any:
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

    def eval_shape(self, frame: TorchFrame, piece: Piece, args: Any, kwargs: Any) -> Any:
        written = dict(frame.written)
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        args, kwargs = pytree.tree_map_only(torch.Tensor, lambda t: mode.from_tensor(t.detach()), (args, kwargs))
        with mode, frame.stepping(), frame.buffered(), copied(frame, layer_buffers(frame)):
            output = piece(*args, **kwargs)
        frame.written = written
        return pytree.tree_map_only(torch.Tensor, self.shape_of, output)

    def shape_of(self, leaf: torch.Tensor) -> torch.Tensor:
        return torch.empty(leaf.shape, dtype=leaf.dtype, device="meta")


def _columns(notes: list[list[Any]]) -> Iterator[list[list[torch.Tensor]]]:
    """For each note of a step, the arrays of it in all steps."""
    for same in zip(*notes, strict=True):
        yield [[array for _, array in chosen] for _, chosen in same]


def _stack(column: tuple[Any, ...]) -> Any:
    return None if column[0] is None else torch.stack([_as_tensor(value) for value in column])


def _as_tensor(value: Any) -> Any:
    return torch.as_tensor(value) if isinstance(value, (bool, int, float, complex)) else value


def _axis_of_each(axes: Any, structure: Any) -> list[Any]:
    """The axis of each leaf, from a tree that may be a prefix."""
    each = pytree._broadcast_to_and_flatten(axes, structure, lambda value: value is None or isinstance(value, int))
    if each is None:
        raise ValueError(f"u.vmap: the axes {axes!r} do not fit the structure {structure}")
    return each


def _numbered(output: Any) -> _Static:
    """The output of a lane, whose plain numbers are tensors for all lanes."""
    return _Static(pytree.tree_map(_as_tensor, output))


def _out(output: _Static, out_axes: Any, stacked: list[torch.Tensor]) -> Any:
    """The output of all lanes: that of one, with tensors that are stacked first, and then have their axes moved."""
    each = _axis_of_each(out_axes, output.spec)
    axes = [each[place] for place in output.places]
    return output.merge(
        [t[0] if axis is None else torch.movedim(t, 0, axis) for t, axis in zip(stacked, axes, strict=True)]
    )


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
