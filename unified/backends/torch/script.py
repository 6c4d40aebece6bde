"""TorchScript: `torch.jit.script(model)` on a model whose body is a plain Python function.

The body is traced symbolically with torch.fx, on a copy of the model on the meta device. Each proxy carries its value
for the example inputs of `init`, so that the body can compare sizes, unpack shapes and build layers from them, while
sizes stay symbolic in the graph. A body that torch.fx cannot follow is traced by `torch.jit.trace` instead, with zeros
of the same shapes.
"""

import copy
import inspect
import operator
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn
from torch.utils import _pytree as pytree

from unified.backends.torch import options
from unified.backends.torch.container import Container
from unified.backends.torch.moded import Moded
from unified.core.errors import NotInitializedError
from unified.core.layer import Layer
from unified.core.pages import without_links

__all__ = ["scriptable"]

WITH_OPTIONS = frozenset(options.LAYERS.values())
MODED = (nn.modules.batchnorm._NormBase, nn.modules.dropout._DropoutNd)


class _Proxy(fx.Proxy):
    """A symbolic value with its value for the example inputs, the hint."""

    @property
    def hint(self) -> Any:
        return self.node.meta["hint"]

    def __getattr__(self, name: str) -> Any:
        hint = self.hint
        if isinstance(hint, torch.Tensor) and name in ("ndim", "dtype", "requires_grad", "is_floating_point"):
            return getattr(hint, name)
        if isinstance(hint, torch.Tensor) and name in ("shape", "device", "T", "mT"):
            return self.tracer.create_proxy("call_function", getattr, (self, name), {})
        return super().__getattr__(name)

    def _concrete(self) -> Any:
        if isinstance(self.hint, torch.Tensor):
            raise TypeError("the body branches on the value of a tensor")
        return self.hint

    def __bool__(self) -> bool:
        return bool(self._concrete())

    def __int__(self) -> int:
        return int(self._concrete())

    __index__ = __int__

    def __float__(self) -> float:
        return float(self._concrete())

    def __len__(self) -> int:
        return len(self.hint)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self.hint)))  # type: ignore[index]

    __hash__ = object.__hash__


def _comparison(name: str) -> Any:
    """Return the method `name` of a proxy: symbolic for tensors, the result for the example inputs for all else."""
    symbolic = getattr(fx.Proxy, name)
    concrete = getattr(operator, name)

    def compare(self: _Proxy, other: Any) -> Any:
        if isinstance(self.hint, torch.Tensor) or isinstance(getattr(other, "hint", other), torch.Tensor):
            return symbolic(self, other)
        return concrete(self.hint, other.hint if isinstance(other, _Proxy) else other)

    return compare


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(_Proxy, _name, _comparison(_name))


class _Graph(fx.GraphModule):
    """A graph that TorchScript compiles without a warning about the annotations of `fx.GraphModule.__init__`."""

    def __init__(self, root: Any, graph: fx.Graph, class_name: str) -> None:
        super().__init__(root, graph, class_name)


class _Tracer(fx.Tracer):
    """A tracer that follows containers and users' subclasses of layers, and records any other layer as one node."""

    def __init__(self) -> None:
        super().__init__(autowrap_modules=())  # type: ignore[arg-type]
        self.examples: Iterator[torch.Tensor] = iter(())
        self.tensors: dict[str, torch.Tensor] = {}

    def replace_variables(self, root: nn.Module) -> None:
        """Put proxies in place of the variables that bodies own, so that operations on them are traced."""
        self.tensors = dict((*root.named_parameters(), *root.named_buffers()))
        for path, module in root.named_modules():
            if not self.is_leaf_module(module, path):
                for tensors in (module._parameters, module._buffers):
                    for name, tensor in tensors.items():
                        if tensor is not None:  # as the weight of a norm without one
                            target = f"{path}.{name}" if path else name
                            tensors[name] = self.create_proxy("get_attr", target, (), {})

    def is_leaf_module(self, module: nn.Module, qualified_name: str) -> bool:
        # By their types, since torch's own layers are instances of Layer too.
        return not issubclass(type(module), (Container, Layer)) and not _is_python(module)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        if not any(isinstance(leaf, fx.Proxy) for leaf in pytree.tree_leaves((args, kwargs))):
            return forward(*args, **kwargs)  # computes a hint
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        return attr_val  # a tensor of the model becomes a node where it is used

    def proxy(self, node: fx.Node) -> _Proxy:
        return _Proxy(node, self)

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        node = super().create_node(*args, **kwargs)
        node.meta["hint"] = self._hint_of(node)
        return node

    def _hint_of(self, node: fx.Node) -> Any:
        """Return the value of a node for the example inputs, from the hints of its arguments."""
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), lambda inner: inner.meta["hint"])
        match node.op:
            case "placeholder":
                return next(self.examples)
            case "get_attr":
                return self.tensors[str(node.target)]
            case "call_module":
                return self.root.get_submodule(node.target)(*args, **kwargs)  # type: ignore[arg-type]
            case "call_method":
                return getattr(args[0], node.target)(*args[1:], **kwargs)  # type: ignore[arg-type]
            case "call_function":
                return node.target(*args, **kwargs)  # type: ignore[operator]
        return None


def _is_python(module: nn.Module) -> bool:
    """Return whether a layer is Python code that TorchScript does not compile."""
    return type(module) in WITH_OPTIONS or isinstance(module, Moded)


def _warn_of_kept_mode(model: Any) -> None:
    """Warn of layers that keep their mode in a script, because they are traced."""
    paths = [
        path.replace(".", "/")
        for path, module in model.named_modules()
        if _is_python(module) and isinstance(module, MODED)
    ]
    if paths:
        mode = "training" if model.training else "evaluation"
        warnings.warn(
            f"in the script of {model._label!r} the layers {', '.join(paths)} stay in {mode}, because layers with "
            "options are traced: script the model in each mode that you need",
            stacklevel=3,
        )


def _has_side_effect(node: fx.Node) -> bool:
    """Return whether a node must stay in the graph even if its output is not used."""
    in_place = node.op == "call_method" and str(node.target).endswith("_") and not str(node.target).endswith("__")
    return in_place or node.op in ("placeholder", "output", "call_module") or node.is_impure()


def _meta_copy(model: nn.Module, forward: Any) -> nn.Module:
    """Return a copy of `model` on the meta device with another `forward`."""
    tensors = (*model.parameters(), *model.buffers())
    memo: dict[int, Any] = {
        id(t): nn.Parameter(t.to("meta"), t.requires_grad) if isinstance(t, nn.Parameter) else t.to("meta")
        for t in tensors
    }
    meta_model = copy.deepcopy(model, memo)
    meta_model.__class__ = type(type(model).__name__, (type(model),), {"forward": forward})
    return meta_model


def _explicit_forward(model: Any, tracer: _Tracer) -> tuple[Any, list[torch.Tensor]]:
    """Return a `forward` with a named parameter for each tensor of the example inputs, and these tensors.

    Arguments that are not tensors keep their values of init.
    """
    args, kwargs = model._example
    names = list(inspect.signature(model._fn).parameters)
    names = [names[i] if i < len(names) and names[i].isidentifier() else f"input_{i}" for i in range(len(args))]
    arguments = {**dict(zip(names, args, strict=True)), **kwargs}
    tensors = {name: value for name, value in arguments.items() if isinstance(value, torch.Tensor)}
    rest = [value for value in arguments.values() if not isinstance(value, torch.Tensor)]
    if any(isinstance(leaf, torch.Tensor) for leaf in pytree.tree_leaves(rest)):
        raise TypeError("an argument is a container of tensors")

    def call(self: Any, **values: Any) -> Any:
        tracer.replace_variables(self)
        merged = {**arguments, **values}
        return type(model).forward(self, *(merged[name] for name in names), **{key: merged[key] for key in kwargs})

    header = ", ".join(["self", *tensors])
    scope: dict[str, Any] = {"call": call}
    exec(f"def forward({header}): return call(self, {', '.join(f'{name}={name}' for name in tensors)})", scope)
    return scope["forward"], list(tensors.values())


def _trace_symbolically(model: Any) -> fx.GraphModule:
    """Return the model as a graph over its live layers."""
    tracer = _Tracer()
    forward, examples = _explicit_forward(model, tracer)
    tracer.examples = iter(examples)
    with torch.no_grad():
        graph = tracer.trace(_meta_copy(model, forward))
    graph.eliminate_dead_code(is_impure_node=_has_side_effect)
    members: dict[str, Any] = {}
    empty = fx.GraphModule({}, fx.Graph())
    for node in graph.nodes:
        node.meta.clear()
        if node.op in ("call_module", "get_attr"):
            member = _member(model, node.target)
            node.target = ".".join(f"{name}_" if hasattr(empty, name) else name for name in node.target.split("."))
            members[node.target] = member
    return _Graph(members, graph, model._label).train(model.training)


def _member(model: Any, target: str) -> Any:
    """Return the layer or variable of a model by its dotted name."""
    path, _, name = target.rpartition(".")
    module = model.get_submodule(path)
    return next(kind[name] for kind in (module._modules, module._parameters, module._buffers) if name in kind)


def scriptable(model: Any) -> nn.Module:
    """Return the module that `torch.jit.script` compiles in place of `model`, with the model's own parameters.

    Warns if torch.fx cannot follow the body. The module is then a trace: its sizes are fixed at those of init, and its
    names begin with `traced.`.
    """
    if not model._initialized:
        raise NotInitializedError(
            f"the model {model._label!r} has no layers yet: call init(...) before torch.jit.script"
        )
    _warn_of_kept_mode(model)
    try:
        return _trace_symbolically(model)
    except Exception as error:
        traced, reason = _trace(model)
        if traced is None:
            raise RuntimeError(
                f"the model {model._label!r} cannot be turned into TorchScript: torch.fx cannot follow its body "
                f"({without_links(error)}), nor can torch.jit.trace ({without_links(reason)}). Try "
                "torch.export.export(model, args), which supports more of Python"
            ) from error
        warnings.warn(
            f"torch.fx cannot follow the body of {model._label!r} ({without_links(error)}): it was traced with the "
            "shapes of init, and its branches and sizes are fixed",
            stacklevel=2,
        )
        return traced


def _trace(model: Any) -> tuple[nn.Module | None, Exception | None]:
    """Return the model traced with zeros of the shapes of init, or the reason why it cannot be traced."""
    args, kwargs = pytree.tree_map_only(torch.Tensor, lambda x: torch.zeros_like(x, device="cpu"), model._example)
    if kwargs or not all(isinstance(arg, torch.Tensor) for arg in args):
        return None, TypeError("torch.jit.trace only takes tensors, as positional arguments")
    try:
        traced = torch.jit.trace(model, args, check_trace=False)
    except Exception as error:
        return None, error
    graph = fx.Graph()
    inputs = tuple(graph.placeholder(f"input_{index}") for index in range(len(args)))
    graph.output(graph.call_module("traced", inputs))
    return _Graph({"traced": traced}, graph, "Traced"), None
