"""What `transform` returns on torch: a standard `nn.Module`."""

import copy
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from unified.backends.torch.frame import Container, TorchFrame, layers_below, modules_below, variables_below
from unified.backends.torch.init import InitFrame, NeedsValues
from unified.backends.torch.precision import convert_layer, converted
from unified.backends.torch.shadow import shadow
from unified.backends.torch.words import to_torch_dtype
from unified.core import backends, threefry
from unified.core.capture import Call, CallLog, Capture
from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError, NotInitializedError, StructureChangedError
from unified.core.filters import Filter, not_
from unified.core.keys import as_key
from unified.core.model import Model
from unified.core.naming import function_name
from unified.core.params import Params
from unified.core.policy import Policies
from unified.core.registry import Declared
from unified.core.structure import Scopes, Structure, VariableInfo

__all__ = ["TorchModel"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")

# While `apply` runs, a model holds the tensors that it was given: other threads wait for their turn.
_APPLYING = threading.RLock()


@Model.register
class TorchModel(Container, Generic[R]):
    """A model as an `nn.Module`; see `unified.transform`.

    Its submodules are real `torch.nn` layers in containers that mirror the paths, so that hooks, optimizers,
    `state_dict`, `copy.deepcopy` and everything else that works on a hand-written module works on this one.
    """

    _fn: Callable[..., Any]
    _portable: bool
    _initialized: bool
    _example: Any
    _metadata: Mapping[str, dict[str, Any]] = MappingProxyType({})  # what was said of variables, by path
    _capturing: Callable[[TorchFrame], None] | None = None  # is told of the frame of a call, while `apply` captures

    _policies: Policies | None
    _output_dtype: torch.dtype | None

    if TYPE_CHECKING:  # what nn.Module says of these is Any, or a tensor

        def __call__(self, *args: Any, **kwargs: Any) -> R: ...

        def __getattr__(self, name: str) -> Any: ...

        def train(self, mode: bool = True) -> Self: ...

    def __init__(self, fn: Callable[..., Any], *, portable: bool = False, policies: Policies | None = None) -> None:
        super().__init__(function_name(fn))
        self.__dict__.update(_fn=fn, _portable=portable, _policies=policies, _initialized=False, _example=None)
        wanted = None if policies is None else policies.of("").output
        self.__dict__["_output_dtype"] = None if wanted is None else to_torch_dtype(wanted)

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Self:
        """Runs the function once to find its layers, and gives every variable its initial value.

        Args:
            *args, **kwargs: what the function is called with; only their shapes and dtypes matter, unless its body
                looks at values.
            rng: an integer or a JAX key. `None` draws a seed from torch's generator.

        Returns:
            The model. If the function raises, the model is as it was before.
        """
        _refuse_foreign(args, kwargs)
        key = self._seed() if rng is None else as_key(rng)
        built = self._build(key, args, kwargs, immediate=False) or self._build(key, args, kwargs, immediate=True)
        assert built is not None
        for name in ("_modules", "_parameters", "_buffers", "_declared"):
            self.__dict__[name] = built.__dict__[name]
        self.__dict__["_initialized"] = True
        for module in self.modules():
            if isinstance(module, Container):
                shadow(module)
        self.__dict__["_metadata"] = built.__dict__["_said"]
        if self._policies is not None:
            self._convert(self._policies)
        self.__dict__["_example"] = _on_meta((args, kwargs))
        self.train(self.training)
        return self

    def _build(self, key: threefry.Key, args: Any, kwargs: Any, immediate: bool) -> Container | None:
        """The modules that the function asks for; `None` if it looks at values that are not made yet."""
        root = Container(self._label)
        frame = InitFrame(root, key, self._portable, immediate)
        try:
            if immediate:
                frame.run(self._fn, args, kwargs)
            else:
                with frame.watch:
                    frame.run(self._fn, args, kwargs)
        except NeedsValues:
            return None
        except (RuntimeError, IndexError):
            # torch may have refused values that are not made yet: with them, an error of the body is raised again.
            if immediate or not frame.pending:
                raise
            return None
        frame.complete()
        if frame.metadata:
            found: dict[int, tuple[VariableInfo, torch.Tensor]] = {}
            _collect(root, "", found, {})
            frame.annotated(tuple(info for info, _ in found.values()))  # raises for what is not there
        root.__dict__["_said"] = frame.metadata
        return root

    def _convert(self, policies: Policies) -> None:
        """Keeps parameters in the dtypes of the policies, and makes layers compute in theirs."""
        dtypes = policies.kept(self.params.info.values())
        for path, tensor in self.params.items():
            if path in dtypes:
                tensor.data = tensor.data.to(to_torch_dtype(dtypes[path]))
        for path, layer in layers_below(self):
            compute = policies.of(path).compute
            if compute is not None:
                convert_layer(layer, compute)

    @staticmethod
    def _seed() -> threefry.Key:
        words = torch.randint(0, 1 << 32, (2,), device="cpu").tolist()
        return words[0], words[1]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if not self._initialized:
            raise NotInitializedError(
                f"the model {self._label!r} has no layers yet: call init(...) with example inputs first"
            )
        frame = TorchFrame(self, self.training, self._portable)
        if self._capturing is not None:
            self._capturing(frame)
        try:
            output = frame.run(self._fn, args, kwargs)
        except Exception:
            _refuse_foreign(args, kwargs)
            raise
        frame.finish()
        return output if self._output_dtype is None else converted(output, self._output_dtype)

    @overload
    def apply(self, params: Callable[[nn.Module], None]) -> Self: ...
    @overload
    def apply(
        self,
        params: Mapping[str, Any],
        *args: Any,
        training: bool = False,
        capture: Filter | None = None,
        **kwargs: Any,
    ) -> tuple[R, Params]: ...
    def apply(
        self, params: Any, *args: Any, training: bool = False, capture: Filter | None = None, **kwargs: Any
    ) -> Any:
        """Runs the function with the variables of `params` in place of the model's own: `(output, changes)`.

        Neither the model nor `params` is changed: `changes` holds new tensors for the state that the call wrote.
        If `params` are unlocked, variables that they lack are made and are among the changes. `capture`, a filter of
        paths, puts intermediate values among them, in the collection `intermediates`: what the body sows, and what
        layers and modules return (`"encoder/*"`; `...` for all of them).

        Called with a function, as `nn.Module.apply` is, it applies that to every submodule.
        """
        if callable(params) and not isinstance(params, Mapping):
            return super().apply(params)
        params = Params(params)
        if params.growth is not None:
            return self._grow(params, args, kwargs, training, capture)
        if not self._initialized:
            raise NotInitializedError(f"the model {self._label!r} has no layers yet: call init(...) before apply")
        own = self.params
        _check_paths(own, params)
        tensors = {path: _as_tensor(path, params[path], tensor.shape) for path, tensor in own.items()}
        states = {path: tensors[path].clone() for path, info in own.info.items() if info.collection != "params"}
        versions = {path: state._version for path, state in states.items()}
        with _APPLYING:
            modes = [(module, module.training) for module in self.modules()]
            self.train(training)
            try:
                with (
                    _swapped(self, own, {**tensors, **states}),
                    _WatchStatistics() as watch,
                    _captured(self, capture) as captures,
                ):
                    output = self(*args, **kwargs)
            finally:
                for module, mode in modes:
                    module.__dict__["training"] = mode
        positions = tuple(
            position
            for position, path in enumerate(own)
            if path in states and (states[path]._version != versions[path] or id(states[path]) in watch.written)
        )
        written = [states[info.path].detach() for info in (own._structure.infos[p] for p in positions)]
        changes = Params._make(own._structure.select(positions), tuple(written))
        return output, changes.merge(*(found.params() for found in captures))

    def _grow(self, params: Params, args: Any, kwargs: Any, training: bool, capture: Any) -> tuple[Any, Params]:
        """`apply` on unlocked params: what they lack is made, and is among the changes."""
        twin = self._anew().init(*args, rng=params.growth, **kwargs)
        grown = params.grown(twin.params)
        output, changes = twin.apply(grown, *args, training=training, capture=capture, **kwargs)
        return output, grown.pick(grown.keys() - params.keys()) | changes

    def _anew(self) -> "TorchModel[R]":
        """The same model before init."""
        return TorchModel(self._fn, portable=self._portable, policies=self._policies)

    def eval_shape(self, *args: Any, **kwargs: Any) -> Params:
        """The `Params` that `init` would make for these arguments, as tensors on the meta device."""
        twin = self._anew()
        args, kwargs = _on_meta((args, kwargs))
        with torch.device("meta"):
            twin.init(*args, rng=0, **kwargs)
        return twin.params

    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """What `eval_shape` gives, and the calls of layers and modules, by shapes; computes nothing."""
        twin = self._anew()
        args, kwargs = _on_meta((args, kwargs))
        found = CallLog()
        with torch.device("meta"), torch.no_grad():
            twin.init(*args, rng=0, **kwargs)
            with _told(twin, lambda frame: _watch(frame, found), lambda: found, inside=False):
                twin.eval()(*args, **kwargs)
        return twin.params, found.calls

    @property
    def params(self) -> Params:
        """A view of the model's tensors by path; they are the live parameters and buffers, not copies."""
        found: dict[int, tuple[VariableInfo, torch.Tensor]] = {}
        scopes: dict[str, Declared] = {}
        _collect(self, "", found, scopes)
        infos = tuple(info for info, _ in found.values())
        if self._metadata:
            infos = tuple(replace(info, metadata=self._metadata.get(info.path, {})).fixed() for info in infos)
        order = tuple(info.path for info in infos)
        return Params._make(Structure.of(infos, order, Scopes(scopes)), tuple(tensor for _, tensor in found.values()))

    def freeze(self, *filters: Filter) -> Self:
        """Turns off the gradients of the parameters that `filters` accept (all by default); see `Params.freeze`."""
        return self._follow(self.params.freeze(*filters))

    def unfreeze(self, *filters: Filter) -> Self:
        """Turns on the gradients of the parameters that `filters` accept (all by default)."""
        return self._follow(self.params.unfreeze(*filters))

    def annotate(self, *filters: Filter, **metadata: Any) -> Self:
        """Adds to what is known of the variables that `filters` accept; see `Params.annotate`."""
        return self._follow(self.params.annotate(*filters, **metadata))

    def _follow(self, params: Params) -> Self:
        """Makes trainable what is trainable in `params`, and keeps what is known of each variable."""
        infos = params.info
        known = {path: dict(info.metadata) for path, info in infos.items() if info.metadata}
        self.__dict__["_metadata"] = known
        for path, tensor in self.params.items():
            if (
                path in infos
                and infos[path].collection == "params"
                and (tensor.is_floating_point() or tensor.is_complex())
            ):
                tensor.requires_grad_(infos[path].trainable)
        return self

    def load_params(self, params: Mapping[str, Any]) -> Self:
        """Copies the values of `params`, arrays of any framework, into the model's tensors.

        What is frozen in `Params` gets no gradients here, and what is not does.

        Raises `KeyError` that lists missing and unexpected paths, `ValueError` for another shape; then nothing is
        copied. Without `rng="portable"` the variables of the collection `rng` have no use here and are left out.
        """
        if not self._initialized:
            raise NotInitializedError(f"the model {self._label!r} has no layers yet: call init(...) before load_params")
        own, new = self.params, Params(params)
        _check_paths(own, new)
        new = new.to("torch")
        for path, tensor in own.items():
            if tuple(new[path].shape) != tuple(tensor.shape):
                raise ValueError(f"{path!r} has shape {tuple(tensor.shape)}, and the new one {tuple(new[path].shape)}")
        with torch.no_grad():
            for path, tensor in own.items():
                tensor.copy_(new[path].to(tensor.dtype))
        return self._follow(new) if isinstance(params, Params) else self

    def bind(self, params: Mapping[str, Any]) -> Self:
        """A copy of the model with the values of `params`, arrays of any framework."""
        return copy.deepcopy(self).load_params(params)

    def method(self, fn: Callable[..., S]) -> "TorchModel[S]":
        """Another function over the same layers: one that runs a part of what init ran.

        A public method of a `unified.Module` has a path of its own, so that `lambda z: Autoencoder().decode(z)` finds
        its layers in those of `lambda x: Autoencoder()(x)`.
        """
        twin: TorchModel[Any] = copy.copy(self)
        twin.__dict__.update(_fn=fn, _label=function_name(fn))
        return twin

    def transformed(self, kind: str, **options: Any) -> Any:
        """See `unified.jit` and `unified.vmap`: a compiled model, or a module that maps this one."""
        return torch.compile(self, **options) if kind == "jit" else MappedModel(self, options)

    def restored(self, params: Params, args: Any, kwargs: Any) -> Self:
        """The model with variables of a file, for example inputs."""
        self.init(*args, rng=0, **kwargs)
        own = self.params
        return self.load_params(params.filter(not_("rng/*")) | own.filter("rng/*"))

    def __prepare_scriptable__(self) -> nn.Module:
        if self._policies is not None:
            raise BackendError(
                f"the model {self._label!r} has a policy of mixed precision, whose hooks TorchScript does not take: "
                "use torch.export or torch.compile"
            )
        from unified.backends.torch.script import scriptable  # torch.fx takes long to import

        return scriptable(self)

    def __repr__(self) -> str:
        return super().__repr__() if self._initialized else f"{self._label}(not initialised)"


class MappedModel(nn.Module):
    """A model over an axis of its inputs, by `torch.func.vmap`: what `unified.vmap(model)` returns."""

    def __init__(self, model: nn.Module, options: dict[str, Any]) -> None:
        super().__init__()
        self.model = model
        self.axes = options.get("in_axes", 0), options.get("out_axes", 0)

    def forward(self, *args: Any) -> Any:
        return torch.func.vmap(self.model, *self.axes, randomness="different")(*args)


def _on_meta(arguments: Any) -> Any:
    """The arguments, with tensors of the same shapes that hold no values; packed sequences, which need theirs, stay."""
    return pytree.tree_map_only(
        torch.Tensor,
        lambda x: torch.empty_like(x, device="meta"),
        arguments,
        is_leaf=lambda value: isinstance(value, PackedSequence),
    )


@contextmanager
def _swapped(model: nn.Module, own: Params, tensors: dict[str, torch.Tensor]) -> Iterator[None]:
    """Puts `tensors` where the model's own are, by path: `torch.func.functional_call` for layers of any name."""
    new = {id(tensor): tensors[path] for path, tensor in own.items()}
    slots: list[tuple[dict[str, Any], str, Any]] = [
        (held, name, tensor)
        for module in model.modules()
        for held in (module._parameters, module._buffers)
        for name, tensor in held.items()
        if id(tensor) in new
    ]
    try:
        for held, name, tensor in slots:
            held[name] = new[id(tensor)]
        yield
    finally:
        for held, name, tensor in slots:
            held[name] = tensor


@contextmanager
def _captured(model: TorchModel, filter: Any) -> Iterator[list[Capture]]:
    """Within it a call of the model leaves its intermediates in the list; none if there is no filter."""
    found: list[Capture] = []
    if filter is None:
        yield found
        return

    def begin(frame: TorchFrame) -> None:
        frame.recorder = Capture(filter, frame.check_boundary)
        found.append(frame.recorder)

    with _told(model, begin, lambda: found[-1], inside=True):
        yield found


def _watch(frame: TorchFrame, calls: CallLog) -> None:
    frame.recorder = calls


@contextmanager
def _told(
    model: TorchModel, begin: Callable[[TorchFrame], None], found: Callable[[], Capture | CallLog], inside: bool
) -> Iterator[None]:
    """Within it `begin` is told of each frame, and `found()` of the calls of layers, also of those `inside` layers."""

    def hook(path: str) -> Callable[..., None]:
        return lambda module, args, kwargs, output: found().record_call(path, (*args, *kwargs.values()), output)

    layers = dict(layers_below(model))
    if inside:
        layers = {
            f"{path}/{name.replace('.', '/')}" if name else path: inner
            for path, module in layers.items()
            for name, inner in module.named_modules()
        }
    handles = [module.register_forward_hook(hook(path), with_kwargs=True) for path, module in layers.items()]
    model.__dict__["_capturing"] = begin
    try:
        yield
    finally:
        del model.__dict__["_capturing"]
        for handle in handles:
            handle.remove()


class _WatchStatistics(TorchFunctionMode):
    """Notes which running statistics a call writes: torch's kernels for norms do not count these as changes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: set[int] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (nn.functional.batch_norm, nn.functional.instance_norm):
            given = inspect.signature(func).bind(*args, **(kwargs or {})).arguments
            if given.get("training", func is nn.functional.instance_norm) and given.get("use_input_stats", True):
                self.written |= {id(given.get("running_mean")), id(given.get("running_var"))}
        return func(*args, **(kwargs or {}))


def _collect(
    module: nn.Module, path: str, found: dict[int, tuple[VariableInfo, torch.Tensor]], scopes: dict[str, Declared]
) -> None:
    """Notes the variables at and below `module`, in the order of `state_dict`; a shared tensor once."""
    for place, inner in modules_below(module, path):
        if "_declared" in inner.__dict__:
            scopes[place] = inner.__dict__["_declared"]
    for held_at, collection, owner, held, _, tensor in variables_below(module, path):
        if id(tensor) not in found:
            trainable = held is owner._parameters and tensor.requires_grad
            info = VariableInfo(held_at, tuple(tensor.shape), dtype_name(tensor.dtype), collection, trainable)
            found[id(tensor)] = info, tensor


def _check_paths(own: Params, given: Params) -> None:
    missing = [path for path in own if path not in given]
    unexpected = [path for path in given if path not in own and not path.startswith("rng/")]
    if missing or unexpected:
        raise KeyError(
            f"the params are not those of this model: missing {missing or 'nothing'}, "
            f"unexpected {unexpected or 'nothing'}"
        )


def _as_tensor(path: str, value: Any, shape: torch.Size) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise BackendError(
            f"{path!r} is no tensor ({type(value).__name__}), and a torch model takes tensors: params.to('torch')"
        )
    if value.shape != shape:
        raise StructureChangedError(
            f"{path!r} has shape {tuple(value.shape)} in the params, and the model was initialised with {tuple(shape)}"
        )
    return value


def _refuse_foreign(args: Any, kwargs: Any) -> None:
    """Raises `BackendError` if there is an array of another framework among the arguments."""
    for leaf in pytree.tree_leaves((args, kwargs)):
        owner = backends.of_array(leaf)
        if owner is not None and owner.name != "torch":
            raise BackendError(
                f"a torch model was called with an array of {owner.name} ({type(leaf).__name__}): convert it with "
                "torch.from_numpy(numpy.asarray(x))"
            )
