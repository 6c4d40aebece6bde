"""`Frame`: one run of a model's body, on one framework."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from unified.core.draws import Draw
from unified.core.error_notes import Description
from unified.core.errors import StructureChangedError
from unified.core.naming import join
from unified.core.policy import Policies
from unified.core.protocol import Backend, FrameProtocol
from unified.core.record import NOT_RECORDED, Recording
from unified.core.recorder import Recorder
from unified.core.stacks import StackedScope, stacked_axes, stacks_over
from unified.core.structure import VariableInfo

__all__ = ["Frame"]

NodeT = TypeVar("NodeT")
ArrayT = TypeVar("ArrayT")


class Frame(FrameProtocol[NodeT, ArrayT]):
    """One run of a body. The frame of a backend derives from this and implements `FrameProtocol`.

    Attributes:
        root: the node of the root scope.
        initializing: whether this is the run of `init`.
        training: whether layers behave as in training.
        functional: the functions of `torch.nn.functional`, from the backend or the frame itself.
        recorder: the recorder of calls or intermediate values, if there is one.
        policies: the mixed-precision policies.
        steps: the numbers of the transforms and steps that enclose the running code, for random keys.
        depth: the number of transforms of the body that enclose the running code.
        draws: the number of random draws so far, by path.
        stacks: during init, the scopes whose variables are stacked, by path.
        metadata: during init, the metadata of variables, by path.
        separate_stacks: whether the layers of a `layer_stack` have variables of their own, unless it says otherwise.
        slices: the running layers of stacks whose variables are separate, the outermost first: the path of each, and
            that of its stack if it were one, from which its random draws take their keys.
        first_calls: during init, the paths of the modules and layers that were called, in the order of their first
            calls; those of native modules when they were made.
    """

    backend: ClassVar[Backend]
    replays: ClassVar[bool] = False  # whether modules may run again after the call, as in torch.utils.checkpoint
    refuses_objects = True  # whether no object of `unified.nn` may be made, as its variables would be no model's
    runs_object = False  # whether what runs is one of those, and no body
    calls_nodes = False  # whether methods of modules run through calls of their nodes, as on torch for its hooks

    functional: Any
    recorder: Recorder | None = None
    policies: Policies | None = None
    steps: tuple[Any, ...] = ()
    depth = 0
    separate_stacks = False
    slices: tuple[tuple[str, str], ...] = ()

    def __init__(self, root: NodeT, initializing: bool, training: bool) -> None:
        self.root = root
        self.initializing = initializing
        self.training = training
        self.functional = self.backend.functional
        self.draws: dict[str, int] = {}
        self.stacks: dict[str, StackedScope] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        self.first_calls: dict[str, None] = {}

    def open(self, node: NodeT) -> tuple[NodeT, Mapping[str, Any] | None, Recording]:
        """Return the node of a scope, its live layers, and the recording that a call of it replays.

        The node is another one if the user has wrapped it. The recording is `REPLACED` if the user has put a native
        module in the place of the scope.
        """
        layers = self.live_layers(node)
        record = None if layers is None or self.initializing else self.record_of(node)
        return node, layers, NOT_RECORDED if record is None else record.recording

    def node_at(self, path: str) -> NodeT:
        """Return the node of the scope at `path`."""
        node, walked = self.root, ""
        for name in path.split("/"):
            walked = join(walked, name)
            child = self.child(node, name, walked, self.initializing)
            if child is None:
                raise StructureChangedError(f"there is no module {walked!r}: init did not register one")
            node = child
        return node

    def annotate_layer(self, path: str, metadata: Any) -> None:
        """Store the metadata of a layer: a dict for its `weight`, or a dict of dicts by variable name."""
        if not isinstance(metadata, dict):
            raise TypeError(f"{path!r}: metadata is a dict for weight, or a dict of dicts, got {metadata!r}")
        by_name = metadata if all(isinstance(value, dict) for value in metadata.values()) else {"weight": metadata}
        self.metadata.update({f"{path}/{name}": dict(value) for name, value in by_name.items()})

    def move_metadata(self, old: str, new: str) -> None:
        """Move the metadata of all variables below the path `old` to `new`."""
        self.metadata = {
            new + path[len(old) :] if path.startswith(f"{old}/") else path: value
            for path, value in self.metadata.items()
        }

    def annotated(self, infos: tuple[VariableInfo, ...]) -> tuple[VariableInfo, ...]:
        """Return the infos of all variables with their metadata; raise if metadata belongs to no variable."""
        if not self.metadata:
            return infos
        unknown = self.metadata.keys() - {info.path for info in infos}
        if unknown:
            raise ValueError(f"metadata was passed for {sorted(unknown)[0]!r}, and there is no such variable")
        for info in infos if self.stacks else ():
            metadata = self.metadata.get(info.path, {})
            over = stacks_over(self.stacks, info.path, info.collection)
            if over and isinstance(metadata.get("sharding"), (tuple, list)):
                axes = tuple(metadata["sharding"])
                axes += (None,) * (len(info.shape) - len(over) - len(axes))
                self.metadata[info.path] = {**metadata, "sharding": stacked_axes(axes, over)}
        return tuple(replace(info, metadata=self.metadata.get(info.path, {})).fixed() for info in infos)

    def describe(self, value: Any) -> Description | None:
        """Describe a module of the body, or a layer, for the note on an error; return `None` for any other value."""
        location = getattr(value, "__dict__", {}).get("_location")
        if location is None or location.frame is not self:
            return None
        record = self.record_of(location.node)
        return location.path, type(value).__name__, {} if record is None else record.variables

    def customizing(self) -> AbstractContextManager[None]:
        """Return a context in which a user's `init_fn` may change a new module."""
        return nullcontext()

    def is_module(self, value: Any) -> bool:
        """Return whether `value` is a layer, or a native module of the framework."""
        return self.path_of(value) is not None

    def check_boundary(self, path: str, what: str) -> None:
        """Raise if a value must not leave the transform that computes it; `what` is the reason in the error."""

    def check_bound(self, bound: Any) -> None:
        """Raise if the body, in init, calls a bound model that is none of its arguments."""

    def buffered(self) -> AbstractContextManager[list[Any]]:
        """Record intermediate values into a buffer, which stays empty without a recorder; see `Recorder`."""
        return nullcontext([]) if self.recorder is None else self.recorder.buffered()

    def flush(self, buffer: list[Any], arrays: list[list[Any]]) -> None:
        """Record the values of a buffer, as the arrays that a transform returned; see `Recorder`."""
        if self.recorder is not None:
            self.recorder.flush(buffer, arrays)

    def counted(self, times: int) -> AbstractContextManager[None]:
        """Count each layer call `times` times."""
        return nullcontext() if self.recorder is None else self.recorder.counted(times)

    def stepping(self, *steps: Any) -> AbstractContextManager[None]:
        """Return a context within a transform; with `steps`, random draws in it use keys of these step numbers."""
        return self._stepping(steps)

    def looping(self, number: int) -> AbstractContextManager[None]:
        """Return a context within a loop whose steps share all variables; see `stepping`."""
        return self._stepping((number,))

    @contextmanager
    def _stepping(self, steps: tuple[Any, ...]) -> Iterator[None]:
        outer = self.steps, self.draws, self.depth
        self.steps, self.draws, self.depth = (*self.steps, *steps), {} if steps else self.draws, self.depth + 1
        try:
            yield
        finally:
            draws = self.draws
            self.steps, self.draws, self.depth = outer
            if not steps:
                self.draws = draws

    @contextmanager
    def running_slice(self, path: str, stack: str, *steps: Any) -> Iterator[None]:
        """Return a context within the layer at `path` of the stack at `stack`, which draws as if it were a slice."""
        outer = self.steps, self.draws, self.slices
        slices = (*self.slices, (path, self.draw_path(stack)))
        self.steps, self.draws, self.slices = (*self.steps, *steps), {}, slices
        try:
            yield
        finally:
            self.steps, self.draws, self.slices = outer

    def draw_path(self, path: str) -> str:
        """Return the path from which a draw at `path` takes its key: that of the stack if a layer of one runs."""
        for layer, stack in self.slices[::-1]:
            if path == layer or path.startswith(f"{layer}/"):
                return stack + path[len(layer) :]
        return path

    def draw_index(self, path: str) -> int:
        """Count a random draw or a transform at `path`, and return the number of earlier ones there in this call."""
        index = self.draws.get(path, 0)
        self.draws[path] = index + 1
        return index

    def has_stream(self, name: str) -> bool:
        """Return whether the model has a stream of random numbers of this name."""
        return False

    def next_draw(self, path: str, stream: str = "") -> Draw:
        """Count a random draw at `path`, and return it: in the stream of this name, if the model has one."""
        if stream and self.has_stream(stream):
            return Draw(path, self.draw_index(f"{path} stream {stream}"), stream)
        return Draw(path, self.draw_index(path))
