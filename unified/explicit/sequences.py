"""`SequenceBase` and `RecurrenceBase`: modules over sequences, step by step or as a whole."""

from typing import Any

from unified.core import backends
from unified.core.annotations import PyTree
from unified.core.params import Params
from unified.core.trees import Trees
from unified.explicit.frameworks import backend_of
from unified.explicit.graph import Graph
from unified.explicit.module import Module
from unified.explicit.scans import dynamic_scan, static_scan

__all__ = ["RecurrenceBase", "SequenceBase"]


class SequenceBase(Module):
    """The base of modules over sequences: recurrent ones, and those that see all steps at once, such as attention.

    Three methods, so that one may stand for the other in a network: `initial_state(params, inputs)` before the first
    step, a call for one step, and `apply` for a sequence.

    Source: `blox.SequenceBase`.

    Args:
        graph: where it stands.

    >>> import torch, unified.explicit as bx
    >>> class Mean(bx.SequenceBase):
    ...     def initial_state(self, params, inputs):
    ...         return (), params
    ...     def apply(self, params, inputs, prev_state=None, is_reset=None, is_training=False):
    ...         return (inputs.mean(1, keepdim=True).expand_as(inputs), ()), params
    >>> (outputs, _), _ = Mean(bx.Graph("net").child("mean")).apply(bx.params(), torch.tensor([[1.0, 3.0]]))
    >>> outputs.tolist()
    [[2.0, 2.0]]
    """

    def initial_state(self, params: Params, inputs: PyTree) -> tuple[PyTree, Params]:
        """Return the state before the first step, and the params, for inputs of one step, `(batch, ...)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement initial_state(params, inputs)")

    def __call__(
        self,
        params: Params,
        inputs: PyTree,
        prev_state: PyTree,
        is_reset: PyTree = None,
        is_training: bool = False,
    ) -> tuple[tuple[PyTree, PyTree], Params]:
        """Return `((output, state), params)` of one step, with inputs of shape `(batch, ...)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(params, inputs, prev_state, ...)")

    def apply(
        self,
        params: Params,
        inputs: PyTree,
        prev_state: PyTree = None,
        is_reset: PyTree = None,
        is_training: bool = False,
    ) -> tuple[tuple[PyTree, PyTree], Params]:
        """Return `((outputs, state), params)` of a sequence, with inputs and outputs of shape `(batch, time, ...)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement apply(params, inputs, ...)")


class RecurrenceBase(SequenceBase):
    """The base of recurrent modules: `apply` runs the call of one step over a sequence.

    Args:
        graph: where it stands.
        is_static: whether `apply` is a Python loop also where the framework has a compiled one (`static_scan`).

    Source: `blox.RecurrenceBase`.

    >>> import torch, unified.explicit as bx
    >>> class Sum(bx.RecurrenceBase):
    ...     def initial_state(self, params, inputs):
    ...         return torch.zeros_like(inputs), params
    ...     def __call__(self, params, inputs, prev_state, is_reset=None, is_training=False):
    ...         state = self.maybe_reset_state(params, prev_state, inputs, is_reset) + inputs
    ...         return (state, state), params
    >>> module = Sum(bx.Graph("net").child("sum"))
    >>> resets = torch.tensor([[False, False, True]])
    >>> (outputs, state), _ = module.apply(bx.params(), torch.ones(1, 3), is_reset=resets)
    >>> outputs.tolist(), state.tolist()
    ([[1.0, 2.0, 1.0]], [1.0])
    """

    def __init__(self, graph: Graph, is_static: bool = False) -> None:
        super().__init__(graph)
        self.is_static = is_static

    def maybe_reset_state(self, params: Params, prev_state: PyTree, inputs: PyTree, is_reset: PyTree = None) -> PyTree:
        """Return the state of one step, with the rows for which `is_reset` is true as before the first step.

        `is_reset` are booleans of shape `(batch,)`, or a tree of them with the structure of the state, each with the
        first axes of its leaf; `None` resets nothing.
        """
        if is_reset is None:
            return prev_state
        initial, _ = self.initial_state(params, inputs)
        trees = backend_of(params, (inputs,)).trees
        leaves, structure = trees.flatten(prev_state)
        first, _ = trees.flatten(initial)
        masks = [is_reset] * len(leaves) if backends.of_array(is_reset) is not None else trees.flatten(is_reset)[0]
        if not len(leaves) == len(first) == len(masks):
            raise ValueError(
                f"{self.graph.path!r}: is_reset and initial_state have the structure of the state, {structure}: the "
                f"state has {len(leaves)} leaves, the initial one {len(first)}, is_reset {len(masks)}"
            )
        new = [_reset(trees, mask, one, leaf) for mask, one, leaf in zip(masks, first, leaves, strict=True)]
        return trees.unflatten(structure, new)

    def apply(
        self,
        params: Params,
        inputs: PyTree,
        prev_state: PyTree = None,
        is_reset: PyTree = None,
        is_training: bool = False,
    ) -> tuple[tuple[PyTree, PyTree], Params]:
        """Run the steps of a sequence.

        Args:
            params: the params that the first step gets.
            inputs: a tree of arrays of shape `(batch, time, ...)`.
            prev_state: the state before the first step; `None` for the initial one.
            is_reset: booleans of shape `(batch, time)`, or a tree of them: each step gets its own.
            is_training: what the steps get.

        Returns:
            `((outputs, state), params)`: the outputs of all steps, `(batch, time, ...)`, and the last state.

        Raises:
            ValueError: there is no step to run, or sequences differ in length.
            TypeError: the state changes its structure, shapes or dtypes.
        """
        if prev_state is None or is_reset is not None:
            trees = backend_of(params, (inputs,)).trees
            initial, params = self.initial_state(params, trees.map(lambda leaf: leaf[:, 0], inputs))
            prev_state = initial if prev_state is None else prev_state
        scan = static_scan if self.is_static else dynamic_scan
        return scan(self, params, inputs, prev_state, is_reset, is_training)


def _reset(trees: Trees[Any], mask: Any, initial: Any, leaf: Any) -> Any:
    """Return a leaf of the state with the rows of its initial value where the mask is true."""
    if trees.kind(leaf) is None:
        return leaf
    return trees.where(mask.reshape(tuple(mask.shape) + (1,) * (len(leaf.shape) - len(mask.shape))), initial, leaf)
