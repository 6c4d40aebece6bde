"""`TorchModel`: the standard `nn.Module` that `transform` returns on torch."""

import copy
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import torch
from torch import nn
from torch.fx._symbolic_trace import is_fx_symbolic_tracing
from torch.nn.utils.rnn import PackedSequence
from torch.utils import _pytree as pytree

from unified.backends.torch import staging
from unified.backends.torch.before_init import Absent, AbsentParameters, refuse
from unified.backends.torch.container import Container, layers_below, modules_below
from unified.backends.torch.dynamo import apply_in_trace
from unified.backends.torch.frame import TorchFrame
from unified.backends.torch.init import InitFrame
from unified.backends.torch.leaving import WRAPPERS, as_tensors
from unified.backends.torch.mapped import MappedModel
from unified.backends.torch.pickling import SavedFunction
from unified.backends.torch.precision import cast, convert_layer
from unified.backends.torch.prng import to_torch_dtype
from unified.backends.torch.recording import record
from unified.backends.torch.replica import free_tree, replicate, set_mode, settled
from unified.backends.torch.replicas import Replica, take
from unified.backends.torch.shadow import shadow
from unified.backends.torch.signature import base_of, model_class
from unified.backends.torch.slots import variables_below
from unified.backends.torch.stateless import check_paths, check_plain, check_streams, tensors_for, watching_statistics
from unified.backends.torch.ties import shared
from unified.backends.torch.tracing import explain, refuse_traced_mode, tracer_of
from unified.backends.torch.trees import copies
from unified.backends.torch.value_watch import NeedsValues
from unified.core import backends
from unified.core.body import ModeArgument, check_body, check_output, mode_argument
from unified.core.bound import BoundModel
from unified.core.capture import Call, CallLog, Capture, check_captured
from unified.core.dtypes import dtype_name
from unified.core.errors import BackendError, NotInitializedError
from unified.core.filters import Filter, not_
from unified.core.keys import check_random_state
from unified.core.model import Model
from unified.core.naming import function_name
from unified.core.params import Params, as_params
from unified.core.policy import Policies
from unified.core.reseed import reseed
from unified.core.scope import run_body
from unified.core.streams import FIRST_VALUES, Seeds, seeds_of
from unified.core.structure import Scopes, Structure, VariableInfo

__all__ = ["TorchModel", "to_meta"]

R = TypeVar("R")  # what the function returns
S = TypeVar("S")

UNFILLED: Any = object()  # in place of an output that unfilled tensors led to


@Model.register
class TorchModel(Container, Generic[R]):
    """A model as an `nn.Module`; see `unified.transform`.

    Its submodules are real `torch.nn` layers in containers that mirror the paths. Hooks, optimizers, `state_dict`,
    `copy.deepcopy` and everything else that works on a hand-written module therefore works on this one.
    """

    _framework = "torch"
    _fn: Callable[..., Any]
    _mode: ModeArgument | None  # the argument by which the function receives the mode
    _portable: bool
    _initialized: bool
    _example: Any
    _metadata: Mapping[str, dict[str, Any]] = MappingProxyType({})  # of variables, by path
    _capturing: Callable[[TorchFrame], None]  # called with the frame of each call; see `record`
    _policies: Policies | None
    _separate_stacks: bool = False  # whether each layer of a `layer_stack` is a module of its own
    _output_dtype: torch.dtype | None
    _holds_tensors: bool  # whether calls put other tensors into the modules for a while
    _recomputes: bool = False  # whether the backward pass runs parts of the body again
    _is_replica: bool = False  # whether it belongs to one call alone

    if TYPE_CHECKING:  # what nn.Module says of these is Any, or a tensor

        def __call__(self, *args: Any, **kwargs: Any) -> R: ...

        def __getattr__(self, name: str) -> Any: ...

        def train(self, mode: bool = True) -> Self: ...

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        portable: bool = False,
        policies: Policies | None = None,
        separate_stacks: bool = False,
    ) -> None:
        super().__init__(function_name(fn))
        for name, members in (("_modules", Absent), ("_buffers", Absent), ("_parameters", AbsentParameters)):
            self.__dict__[name] = members(self._label)
        self.__dict__.update(_fn=fn, _mode=mode_argument(fn), _portable=portable, _policies=policies)
        self.__dict__.update(_initialized=False, _example=None, _holds_tensors=False)
        self.__dict__["_separate_stacks"] = separate_stacks
        output = None if policies is None else policies.of("").output
        self.__dict__["_output_dtype"] = None if output is None else to_torch_dtype(output)
        self.__class__ = model_class(base_of(type(self)), fn)

    def __reduce_ex__(self, protocol: Any) -> Any:
        base = base_of(type(self))
        if base is type(self):
            return super().__reduce_ex__(protocol)
        return _restored, (base, SavedFunction(self._fn)), self.__dict__.copy()

    def init(self, *args: Any, rng: Any = None, **kwargs: Any) -> Self:
        """Run the function once to build its layers, and give every variable its initial value.

        Args:
            *args, **kwargs: the arguments of the function. Only the shapes and dtypes of tensors matter, unless the
                body reads their values.
            rng: an integer or a JAX key. `None` draws a seed from torch's generator. A mapping has one for each stream
                of random numbers, `{"params": 0, "dropout": 1}`, in a model of `rng="portable"`; see
                `unified.transform`.

        Returns:
            The model. If the function raises, the model is as it was before. A second call makes new layers and
            parameters: an optimizer that was made before it trains none of them.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net.linear
        Linear(in_features=2, out_features=3, bias=True)
        """
        _refuse_foreign(args, kwargs)
        if torch.get_default_device().type == "meta":
            args, kwargs = to_meta((args, kwargs))
        seeds = self._seeds(rng)
        frame = self._build(seeds, args, kwargs, immediate=False) or self._build(seeds, args, kwargs, immediate=True)
        assert frame is not None
        for name in ("_modules", "_parameters", "_buffers", "_record"):
            self.__dict__[name] = frame.root.__dict__[name]
        self.__dict__["_initialized"] = True
        self.__dict__["_metadata"] = frame.metadata
        self.__dict__["_holds_tensors"] = frame.uses_transforms or frame.recomputes or self._policies is not None
        for _, module in modules_below(self):
            if isinstance(module, Container):
                shadow(module)
                module.__dict__["_holds_tensors"] = self._holds_tensors
        self.__dict__["_recomputes"] = frame.recomputes
        if self._policies is not None:
            self._apply_policies(self._policies)
        self.__dict__["_example"] = to_meta((args, kwargs) if self._mode is None else self._mode.strip(args, kwargs))
        self.train(self.training)
        return self

    def _build(
        self, seeds: Seeds, args: Any, kwargs: Any, immediate: bool, copies_layers: bool = False
    ) -> InitFrame | None:
        """Run the function and return the frame with its modules; `None` if it reads values of unfilled tensors."""
        frame = InitFrame(Container(self._label), seeds, self._portable, immediate)
        args, kwargs = copies((args, kwargs))  # the body may write to its inputs
        frame.separate_stacks, frame.copies_layers = self._separate_stacks, copies_layers
        frame.ownership.allow(self._fn, args, kwargs)
        if self._mode is not None:
            frame.training, args, kwargs = self._mode.resolve(args, kwargs, True)
        try:
            output = self._run_in_init(frame, args, kwargs, immediate)
            if output is UNFILLED:
                return None
            check_output(frame, self._fn, output)
            frame.complete()
            if frame.metadata:
                frame.annotated(tuple(info for info, _ in _variables(frame.root)))  # raises for an unknown variable
        finally:
            frame.release()
        return frame

    def _run_in_init(self, frame: InitFrame, args: Any, kwargs: Any, immediate: bool) -> Any:
        """Return the output of the function; `UNFILLED` if it reads values of unfilled tensors."""
        try:
            with frame.watch:
                return run_body(frame, self._fn, args, kwargs)
        except NeedsValues:
            return UNFILLED
        except (RuntimeError, IndexError):
            # torch may have refused values of unfilled tensors; an error of the body is raised again when it reruns.
            if immediate or not frame.pending:
                raise
            return UNFILLED

    def _apply_policies(self, policies: Policies) -> None:
        """Convert parameters to the dtypes of the policies, and let layers compute in theirs."""
        policies.check(path for path, _ in self.params.graph.walk())
        dtypes = policies.kept(self.params.info.values())
        for path, tensor in self.params.items():
            if path in dtypes:
                tensor.data = tensor.data.to(to_torch_dtype(dtypes[path]))
        for path, layer in layers_below(self):
            compute = policies.of(path).compute
            if compute is not None:
                convert_layer(layer, compute)

    def _seeds(self, rng: Any) -> Seeds:
        """Return the keys that `rng` is; raise for a stream that torch's own generator has no place for."""
        if rng is None:
            first, second = torch.randint(0, 1 << 32, (2,), device="cpu").tolist()
            return Seeds((first, second), (first, second), {})
        seeds = seeds_of(rng)
        if not self._portable and isinstance(rng, Mapping) and (seeds.named or seeds.default != seeds.params):
            raise BackendError(
                f"the model {self._label!r} was given seeds for the streams {', '.join(map(repr, rng))}, and draws "
                "from torch's own generator, which has one stream: make the model with transform(..., rng='portable'), "
                f"or pass {{{FIRST_VALUES!r}: seed}} alone and call torch.manual_seed(seed)"
            ).with_page("state#random-numbers")
        return seeds

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function with the model's tensors, as a call of the model does, which also runs hooks.

        Args:
            *args, **kwargs: the arguments of the function.

        Returns:
            What the function returns; the state that it writes is written into the model's buffers.

        Raises:
            NotInitializedError: `init` has not run.
            StructureChangedError: the function asks for other layers or variables than in `init`.
        """
        return self._forward(args, kwargs)

    def _forward(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function; the `forward` of each function's class, which has its parameters, calls this."""
        state = self.__dict__  # an attribute of an nn.Module takes twice as long
        if not state["_initialized"]:
            raise NotInitializedError(
                f"the model {self._label!r} has no layers yet: call init(...) with example inputs first"
            )
        mode = state["_mode"]
        if mode is not None:
            if is_fx_symbolic_tracing():
                refuse_traced_mode(self._label, args, kwargs, mode.position)
            training, args, kwargs = mode.resolve(args, kwargs, self.training)
            if training is not self.training:
                return self._run_in_mode(training, args, kwargs)
        if state["_holds_tensors"] and not (self._is_replica or torch.compiler.is_compiling()):
            if self._recomputes and torch.is_grad_enabled():  # in the backward pass, when other calls may run
                return self._run(settled(self), args, kwargs)
            with free_tree(self) as root:
                return self._run(root, args, kwargs)
        return self._run(self, args, kwargs)

    def _run_in_mode(self, training: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function in another mode, over a replica with the same tensors: other threads may call the model."""
        if torch.compiler.is_compiling():
            raise RuntimeError(
                f"a compiled model cannot change its mode for one call (training={training}): call "
                f"net.train({training}) before it"
            )
        if self._recomputes:  # in the backward pass, after this call
            root = settled(self)
            set_mode(root, training)
            return root._run(root, args, kwargs)
        replica = take(self, self._replica, self._holds_tensors)
        with replica.filled(replica.tensors_of(self), training) as root:
            output = root._run(root, args, kwargs)
        del root
        replica.release()
        return output

    def _run(self, root: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function over the modules below `root`: the model itself, or a replica."""
        state = self.__dict__
        frame = TorchFrame(root, state["training"], state["_portable"])
        if "_capturing" in state:
            state["_capturing"](frame)
        if is_fx_symbolic_tracing():
            frame.tracer = tracer_of(args, kwargs)
        try:
            output = run_body(frame, state["_fn"], args, kwargs)
        except Exception as error:
            _refuse_foreign(args, kwargs)
            if frame.tracer is not None:
                explain(error)
            raise
        frame.finish()
        if WRAPPERS:
            output = as_tensors(output, (args, kwargs))
        return output if state["_output_dtype"] is None else cast(output, state["_output_dtype"])

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
        """Run the function with the variables of `params` in place of the model's own: `(output, changes)`.

        Neither the model nor `params` is changed: `changes` contains new tensors for the state that the call wrote.
        If `params` are unlocked, variables that they lack are created and are among the changes. `capture`, a filter of
        paths (`"encoder/*"`; `...` accepts all), adds intermediate values in the collection `intermediates`: the values
        that the body sows, and the outputs of layers and modules.

        With a function as its argument this is `nn.Module.apply`, which calls the function on every submodule.

        Args:
            params: `Params`, or tensors by path; or a function of a module.
            *args, **kwargs: the arguments of the function.
            training: the mode of this call; the model's own plays no part.
            capture: a filter of intermediate values, or `None`.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> output, changes = net.apply(net.params.update({"linear/bias": torch.ones(3)}), torch.zeros(1, 2))
        >>> output.tolist(), len(changes)
        ([[1.0, 1.0, 1.0]], 0)
        """
        if not isinstance(params, Mapping) and callable(params) and not args and not kwargs:
            self._check_initialized("a function applied to its submodules")
            return super().apply(params)
        if torch.compiler.is_dynamo_compiling():
            return self._apply_in_trace(params, args, kwargs, training, capture)
        given, params = params, as_params(params)
        if params.growth is not None:
            return self._grow(params, args, kwargs, training, capture)
        if not self._initialized:
            raise NotInitializedError(f"the model {self._label!r} has no layers yet: call init(...) before apply")
        if self._mode is not None:
            training, args, kwargs = self._mode.resolve(args, kwargs, training, is_apply=True)
        keeps = capture is None and not self._recomputes  # which runs parts of the body again after the call
        replica = take(self, self._replica, self._holds_tensors) if keeps else self._replica()
        variables = replica.variables
        if self._portable:
            check_streams(variables.index, params)
            check_random_state(params)
        tensors = tensors_for(variables, params)
        check_plain(given, variables, self)
        for place in replica.states:
            tensors[place] = tensors[place].clone()
        states = [tensors[place] for place in replica.states]
        versions = [state._version for state in states]
        with (
            replica.filled(tensors, training) as root,
            staging.noting(self, root),
            watching_statistics(states) as written,
            nullcontext([]) if capture is None else root._capture(capture) as captures,
        ):
            output = root(*args, **kwargs)
        places = tuple(
            place
            for place, state, version in zip(replica.states, states, versions, strict=True)
            if state._version != version or id(state) in written
        )
        changes = Params._make(variables.select(places), tuple(tensors[place].detach() for place in places))
        del root
        replica.release()
        if capture is not None:
            check_captured(capture, captures)
        return output, changes.merge(*(recorder.params() for recorder in captures))

    def _apply_in_trace(self, params: Any, args: Any, kwargs: Any, training: bool, capture: Any) -> Any:
        """Run `apply` where torch.compile traces it."""
        if capture is not None or (isinstance(params, Params) and params.growth is not None):
            raise BackendError(
                f"apply of {self._label!r} with capture= or unlocked params runs outside of torch.compile: compile "
                "what comes before and after it, or call unified.jit(function, compile=True)"
            )
        if self._mode is not None:
            training, args, kwargs = self._mode.resolve(args, kwargs, training, is_apply=True)
        return apply_in_trace(self, params, args, kwargs, training)

    def _replica(self) -> Replica[Self]:
        """Return a replica of the model for one call over other tensors."""
        root = settled(self) if self._holds_tensors and not torch.compiler.is_compiling() else replicate(self)
        return Replica(root, root.params)

    def _capture(self, filter: Any) -> AbstractContextManager[list[Capture]]:
        """Return a context manager that captures the intermediate values of calls, and yields the list of captures."""
        return record(self, lambda frame: Capture(filter, frame.check_boundary), inner_layers=True)

    def _grow(self, params: Params, args: Any, kwargs: Any, training: bool, capture: Any) -> tuple[Any, Params]:
        """Run `apply` on unlocked params: variables that they lack are created, and are among the changes."""
        twin = self._uninitialized().init(*args, rng=params.growth, **kwargs)
        grown = params.grown(twin.params)
        output, changes = twin.apply(grown, *args, training=training, capture=capture, **kwargs)
        return output, grown.pick(grown.keys() - params.keys()) | changes

    def _uninitialized(self) -> "TorchModel[R]":
        """Return a model of the same function, before init."""
        return TorchModel(
            self._fn, portable=self._portable, policies=self._policies, separate_stacks=self._separate_stacks
        )

    def eval_shape(self, *args: Any, rng: Any = 0, **kwargs: Any) -> Params:
        """Return the `Params` that `init` would create for these arguments, as tensors on the meta device.

        Args:
            *args, **kwargs: the arguments of the function, of which shapes and dtypes matter.
            rng: as in `init`: it decides which streams of random numbers there are.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net.eval_shape(torch.ones(1, 2))["linear/weight"].shape
        torch.Size([3, 2])
        """
        twin = self._uninitialized()
        args, kwargs = to_meta((args, kwargs))
        with torch.device("meta"):
            twin.init(*args, rng=rng, **kwargs)
        return twin.params

    def shardings(self, mesh: Any, rules: Mapping[str, Any] | None = None, /, *args: Any, **kwargs: Any) -> Params:
        """Return the placements of each variable on a mesh; of an initialised model without arguments.

        Args:
            mesh: a torch `DeviceMesh` with dimension names.
            rules: as in `Params.shardings`.
            *args, **kwargs: those of `init`; none for an initialised model.

        Returns:
            `Params` with a tuple of `DTensor` placements for each variable.
        """
        params = self.params if self._initialized and not (args or kwargs) else self.eval_shape(*args, **kwargs)
        return params.shardings(mesh, rules)

    def calls(self, *args: Any, **kwargs: Any) -> tuple[Params, list[Call]]:
        """Return the `Params` of `eval_shape`, and the calls of layers and modules, by shapes; nothing is computed.

        Args:
            *args, **kwargs: those of `init`.

        Returns:
            `(params, calls)`; `unified.summary` shows them as a table.
        """
        twin = self._uninitialized()
        args, kwargs = to_meta((args, kwargs))
        log = CallLog()
        with torch.device("meta"), torch.no_grad():
            twin.init(*args, rng=0, **kwargs)
            with record(twin, lambda frame: log, inner_layers=False):
                twin.eval()(*args, **kwargs)
        return twin.params, log.calls

    @property
    def params(self) -> Params:
        """A view of the model's tensors by path: the live parameters and buffers, not copies.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net.params['linear/weight'] is net.linear.weight
        True
        """
        root = self._settled()
        variables = _variables(root)
        scopes = {path: m.__dict__["_record"] for path, m in modules_below(root) if "_record" in m.__dict__}
        infos = tuple(info for info, _ in variables)
        if self._metadata:
            infos = tuple(replace(info, metadata=self._metadata.get(info.path, {})).fixed() for info in infos)
        order = tuple(info.path for info in infos)
        return Params._make(Structure.of(infos, order, Scopes(scopes)), tuple(tensor for _, tensor in variables))

    def _settled(self) -> Self:
        """Return the model; a replica, if a call in another thread may have other tensors in the modules."""
        may_change = self._holds_tensors and not (self._is_replica or torch.compiler.is_compiling())
        return settled(self) if may_change else self

    def freeze(self, *filters: Filter) -> Self:
        """Turn off the gradients of the parameters that `filters` accept (all by default); return the model.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net = net.freeze("*/bias")
        >>> net.linear.weight.requires_grad, net.linear.bias.requires_grad
        (True, False)
        """
        self._check_initialized("freeze")
        return self._copy_infos(self.params.freeze(*filters))

    def unfreeze(self, *filters: Filter) -> Self:
        """Turn on the gradients of the parameters that `filters` accept (all by default); return the model.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net = net.freeze().unfreeze("*/bias")
        >>> net.linear.weight.requires_grad, net.linear.bias.requires_grad
        (False, True)
        """
        self._check_initialized("unfreeze")
        return self._copy_infos(self.params.unfreeze(*filters))

    def annotate(self, *filters: Filter, **metadata: Any) -> Self:
        """Add to the metadata of the variables that `filters` accept; return the model.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net = net.annotate("*/weight", role="matrix")
        >>> dict(net.params.info["linear/weight"].metadata)
        {'role': 'matrix'}
        """
        self._check_initialized("annotate")
        return self._copy_infos(self.params.annotate(*filters, **metadata))

    def _copy_infos(self, params: Params) -> Self:
        """Copy from `params` which parameters are trainable, and the metadata of all variables."""
        infos = params.info
        self.__dict__["_metadata"] = {path: dict(info.metadata) for path, info in infos.items() if info.metadata}
        for path, tensor in self.params.items():
            if (
                path in infos
                and infos[path].collection == "params"
                and (tensor.is_floating_point() or tensor.is_complex())
            ):
                tensor.requires_grad_(infos[path].trainable)
        return self

    def _check_initialized(self, action: str) -> None:
        """Raise unless the model has been initialised: before, what changes its tensors would change nothing."""
        if not self._initialized:
            refuse(self._label, action)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        self._check_initialized("a move to another dtype or device (to, cuda, half, ...)")
        with shared(self):
            return super()._apply(fn, recurse)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Turn the gradients of all parameters on or off; return the model. `freeze` and `unfreeze` take filters.

        Args:
            requires_grad: whether autograd records operations on them.
        """
        self._check_initialized("requires_grad_")
        return super().requires_grad_(requires_grad)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        if any(name.startswith(prefix) for name in state_dict):
            self._check_initialized("a state_dict loaded now")
        super()._load_from_state_dict(state_dict, prefix, *args)

    def load_params(self, params: Mapping[str, Any]) -> Self:
        """Copy the values of `params`, arrays of any framework, into the model's tensors; return the model.

        Variables of a `layer_stack` may be stacked or those of separate layers, whatever they are here.

        Parameters that are frozen in `Params` become frozen here, and what is frozen here stays so. Without
        `rng="portable"` the collection `rng` has no use here and is ignored.

        Raises:
            KeyError: paths are missing or unexpected; the message lists them.
            ValueError: an array has another shape. In both cases nothing is copied.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> net = net.load_params({"linear/weight": torch.zeros(3, 2), "linear/bias": torch.ones(3)})
        >>> net(torch.ones(1, 2)).tolist()
        [[1.0, 1.0, 1.0]]
        """
        if not self._initialized:
            raise NotInitializedError(f"the model {self._label!r} has no layers yet: call init(...) before load_params")
        variables, is_plain = self.params, not isinstance(params, Params)
        params = new = Params(params).in_form_of(variables)
        check_paths(variables, new)
        if self._portable:
            check_streams(variables, new)
        new = new.to("torch")
        for path, tensor in variables.items():
            shape, new_shape = tuple(tensor.shape), tuple(new[path].shape)
            if new_shape != shape:
                raise ValueError(f"{path!r} has shape {shape} in the model and {new_shape} in the params")
        with torch.no_grad():
            for path, tensor in variables.items():
                tensor.copy_(new[path].to(tensor.dtype))
        if is_plain:
            return self
        kept, new = variables.info, new.pick(variables)
        infos = tuple(
            replace(
                info,
                trainable=info.trainable and kept[path].trainable,
                metadata=MappingProxyType({**kept[path].metadata, **info.metadata}),
            )
            for path, info in new.info.items()
        )
        return self._copy_infos(Params._make(Structure.of(infos, tuple(kept)), new._values))

    def bind(self, params: Mapping[str, Any]) -> BoundModel[R]:
        """Return the model bound to these variables, arrays of any framework: `output, bound = bound(x)`.

        It is immutable and takes nothing from the model but its layers' structure; `bound.module` is an `nn.Module`.

        Raises `KeyError` or `StructureChangedError` unless `params` have this model's variables.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> output, bound = net.bind(net.params)(torch.ones(1, 2))
        >>> torch.equal(output, net(torch.ones(1, 2)))
        True
        """
        if not self._initialized:
            raise NotInitializedError(f"the model {self._label!r} has no layers yet: call init(...) before bind")
        if torch.compiler.is_dynamo_compiling():
            raise BackendError(
                f"{self._label!r} is bound outside of torch.compile: compile a function of net.apply(params, ...), and "
                "merge the changes that it returns, or call unified.jit(bound)"
            )
        variables = self.params
        params = Params(params).in_form_of(variables)
        check_paths(variables, params)
        if self._portable:
            check_streams(variables, params)
        params = params.to("torch")
        tensors_for(variables._structure, params)
        return BoundModel(self, params)

    def reset(self, *filters: Filter, rng: Any = None) -> Self:
        """Give the variables that `filters` accept (all by default) the values of `init` with this `rng`.

        A process fills what it holds of them: after `fully_shard` or `unified.distribute` its own shards, with the bits
        of the whole model. No process makes a whole tensor, but those of a user's `init_fn` and of orthogonal matrices,
        one at a time. Modules of `u.wrap` are reset by their `reset_parameters()`.

        ```
        with torch.device("meta"):
            net.init(x)                      # shapes alone, no memory
        fully_shard(net)
        net.to_empty(device="cuda").reset(rng=0)
        ```

        Args:
            *filters: see `unified.filters`.
            rng: as in `init`. All processes have to pass the same, so that it is required for sharded variables.

        Returns:
            The model.

        Raises:
            ValueError: first values are not known (the `init_fn` of a module made them), or a tensor is on the meta
                device; nothing is changed.
            NotInitializedError: the model has no variables yet.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch")
        >>> with torch.device("meta"):
        ...     net = net.init(torch.ones(1, 2))
        >>> net = net.to_empty(device="cpu").reset(rng=0)
        >>> net.params == u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0).params
        True
        """
        self._check_initialized("reset")
        from unified.backends.torch.reset import reset_model  # which no other call needs

        reset_model(self, self.params.filter(filters or (...,)), rng)
        return self

    def reseed(self, params: Params, seed: Any) -> Params:
        """Return the params with random draws that start anew from `seed`, an integer or a key.

        `net.load_params(net.reseed(net.params, seed))` does so to the model itself.

        Raises `BackendError` without `rng="portable"`: torch's own generator draws, which `torch.manual_seed` seeds.

        Args:
            params: the params of this model.
            seed: an integer or a key.
        """
        if not self._portable:
            raise BackendError(
                f"the model {self._label!r} draws from torch's own generator, which has no seed in the params: call "
                "torch.manual_seed(seed), or make the model with transform(..., rng='portable')"
            ).with_page("state#random-numbers")
        return reseed(Params(params), seed)

    def _module_of(self, params: Params) -> Self:
        """Return a copy of the model with the values of `params`."""
        twin = copy.deepcopy(self._settled())
        twin.__dict__["_is_replica"] = False
        return twin.load_params(params)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the tensors by their dotted names, as any `nn.Module` does: `linear.weight` for `linear/weight`.

        Args:
            *args, **kwargs: those of `torch.nn.Module.state_dict`.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> list(net.state_dict())
        ['linear.weight', 'linear.bias']
        """
        model = self._settled()
        return super().state_dict(*args, **kwargs) if model is self else model.state_dict(*args, **kwargs)

    def _named_members(self, *args: Any, **kwargs: Any) -> Any:  # of `named_parameters`, `named_buffers` and the like
        model = self._settled()
        return super()._named_members(*args, **kwargs) if model is self else model._named_members(*args, **kwargs)

    def method(self, fn: Callable[..., S]) -> "TorchModel[S]":
        """Return a model of another function over the same layers, one that uses some of those that init built.

        A public method of a `unified.Module` has a path of its own, so that `lambda z: Autoencoder().decode(z)` uses
        the layers of `lambda x: Autoencoder()(x)`.

        Args:
            fn: the other function.

        >>> import torch, unified as u
        >>> class Autoencoder(u.Module):
        ...     def encode(self, x):
        ...         return u.Linear(4, 2)(x)
        ...     def __call__(self, x):
        ...         return u.Linear(2, 4)(self.encode(x))
        >>> net = u.transform(lambda x: Autoencoder()(x), backend="torch").init(torch.ones(1, 4), rng=0)
        >>> list(net.method(lambda x: Autoencoder().encode(x))(torch.ones(1, 4)).shape)
        [1, 2]
        """
        check_body(fn)
        twin: TorchModel[Any] = copy.copy(self)
        twin.__dict__.update(_fn=fn, _mode=mode_argument(fn), _label=function_name(fn))
        twin.__class__ = model_class(base_of(type(twin)), fn)
        return twin

    def transformed(self, kind: str, **options: Any) -> Any:
        """Return a compiled model, or a module that maps this one; see `unified.jit` and `unified.vmap`.

        Args:
            kind: the transform's name, `"jit"` or `"vmap"`.
            **options: its arguments.
        """
        return torch.compile(self, **options) if kind == "jit" else MappedModel(self, options)

    def restored(self, params: Params, args: Any, kwargs: Any) -> Self:
        """Initialise the model for example inputs, and load the variables of a file; return the model.

        Args:
            params: the variables.
            args, kwargs: the example inputs, as `init` takes them.
        """
        self.init(*args, rng=0, **kwargs)
        return self.load_params(params.filter(not_("rng/*")) | self.params.filter("rng/*"))

    def __prepare_scriptable__(self) -> nn.Module:
        if self._policies is not None:
            raise BackendError(
                f"the model {self._label!r} has a policy of mixed precision, whose hooks TorchScript does not support: "
                "use torch.export or torch.compile"
            )
        from unified.backends.torch.script import scriptable  # torch.fx takes long to import

        return scriptable(self)

    def __repr__(self) -> str:
        return super().__repr__() if self._initialized else f"{self._label}(not initialised)"


def _restored(base: type[TorchModel[Any]], saved: SavedFunction) -> TorchModel[Any]:
    """Return a model without state, for copies and pickles."""
    return object.__new__(model_class(base, saved.function))


def to_meta(arguments: Any) -> Any:
    """Return the arguments with tensors on the meta device; packed sequences, whose values matter, stay as they are."""
    return pytree.tree_map_only(
        torch.Tensor,
        lambda x: torch.empty_like(x, device="meta"),
        arguments,
        is_leaf=lambda value: isinstance(value, PackedSequence),
    )


def _variables(model: nn.Module) -> list[tuple[VariableInfo, torch.Tensor]]:
    """Return the variables of a model with their infos, in the order of `state_dict`; a shared tensor once."""
    variables: dict[int, tuple[VariableInfo, torch.Tensor]] = {}
    for path, collection, slot in variables_below(model):
        tensor = slot.tensor
        if id(tensor) not in variables:
            trainable = slot.tensors is slot.module._parameters and tensor.requires_grad
            info = VariableInfo(path, tuple(tensor.shape), dtype_name(tensor.dtype), collection, trainable)
            variables[id(tensor)] = info, tensor
    return list(variables.values())


def _refuse_foreign(args: Any, kwargs: Any) -> None:
    """Raise `BackendError` if an array of another framework is among the arguments."""
    for leaf in pytree.tree_leaves((args, kwargs)):
        owner = backends.of_array(leaf)
        if owner is not None and owner.name != "torch":
            raise BackendError(
                f"a torch model was called with an array of {owner.name} ({type(leaf).__name__}): convert it with "
                "torch.from_numpy(numpy.asarray(x))"
            )
