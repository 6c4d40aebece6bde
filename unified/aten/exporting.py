"""A call of an `nn.Module` as a `Program`: torch.export writes its operators, and the table has JAX's functions."""

import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import fx, nn
from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind
from torch.utils import _pytree as pytree

from unified.aten import operators, table
from unified.aten.domain import Domain
from unified.aten.outputs import output_tree
from unified.aten.program import Place, Program, Step
from unified.aten.signature import Signature, jax_dtype
from unified.aten.source import line_of
from unified.core import backends

__all__ = ["export"]

assert operators  # they fill the table

ATEN = "aten::"
NO_GRAD = torch.ops.higher_order.wrap_with_set_grad_enabled
# Functions of sizes, which are numbers whenever a program runs.
OF_SIZES: dict[Any, Callable[..., Any]] = {
    torch.sym_max: max, torch.sym_min: min, torch.sym_not: operator.not_, torch.sym_float: float, torch.sym_int: int,
    torch.sym_ite: lambda condition, x, y: x if condition else y, torch.sym_sum: sum,
}  # fmt: skip
DROPPED = ("device", "layout", "pin_memory", "memory_format", "generator", "non_blocking", "dtype", "implicit")
ASSIGNED = re.compile(r"The tensor attributes? (.+) (?:was|were) assigned during export")
NO_VALUES = (torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Generator)


def export(
    module: nn.Module, signature: Signature, names: Mapping[str, str], *, dynamic: bool
) -> tuple[Program, Domain]:
    """Return the program of a call of this kind, and the shapes for which it holds.

    Args:
        module: the module, in the mode of the call; it runs on fake tensors.
        signature: the kind of the call.
        names: the path of the variable at each name of a parameter or buffer; others are constants of the program.
        dynamic: whether first sizes from two on may be others.

    Raises:
        NotImplementedError: operators without a function of JAX; the message has each with its line in the source.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exported = _export(module, signature, dynamic)
        _stop_gradients(exported.graph_module)
        exported = exported.run_decompositions(_decompositions())
    for warning in caught:
        _refuse_lost_state(type(module).__name__, str(warning.message))
    _refuse_unknown(type(module).__name__, exported.graph)
    return _Writer(exported, names).program(), _domain(exported)


def _export(module: nn.Module, signature: Signature, dynamic: bool) -> Any:
    args, kwargs = signature.examples()
    shapes = torch.export.ShapesCollection()
    for leaf in pytree.tree_leaves((args, kwargs)):
        if dynamic and isinstance(leaf, torch.Tensor) and leaf.ndim and leaf.shape[0] > 1:
            shapes[leaf] = {0: torch.export.Dim.AUTO}
    dynamic_shapes = shapes.dynamic_shapes(module, args, kwargs)
    return torch.export.export(module, args, kwargs, dynamic_shapes=dynamic_shapes, strict=False)


def _refuse_lost_state(name: str, warning: str) -> None:
    """Raise if torch.export warns that a call assigns a tensor to an attribute that is no buffer."""
    if (match := ASSIGNED.search(warning)) is None:
        return
    # RNNs list their parameters in `_flat_weights`, which torch.export takes for such an attribute.
    attributes = [attribute for attribute in match[1].split(", ") if "_flat_weights" not in attribute]
    if attributes:
        raise NotImplementedError(
            f"a call of {name} assigns a tensor to {', '.join(attributes)}, which would be lost: register it as a "
            "buffer (register_buffer), whose new value is among the changes of a call"
        )


def _stop_gradients(graph_module: fx.GraphModule, inside: bool = False) -> None:
    """Detach what enters a region without gradients (`torch.no_grad`), which decomposition would forget."""
    for node in list(graph_module.graph.nodes):
        if node.op != "call_function" or node.target is not NO_GRAD:
            continue
        enabled, region = node.args[0], getattr(graph_module, node.args[1].target)
        if enabled and inside:
            raise NotImplementedError(f"torch.enable_grad within torch.no_grad, {line_of(node)}: leave no_grad first")
        _stop_gradients(region, inside or not enabled)
        for entry in region.graph.nodes if not enabled else ():
            if entry.op == "placeholder" and isinstance(entry.meta.get("val"), torch.Tensor):
                with region.graph.inserting_after(entry):
                    detached = region.graph.call_function(torch.ops.aten.detach.default, (entry,))
                detached.meta = dict(entry.meta)
                entry.replace_all_uses_with(detached, delete_user_cb=lambda user, new=detached: user is not new)
        region.recompile()


def _decompositions() -> Any:
    """Return torch's rules for core ATen, without the operators that the table has itself."""
    rules = torch.export.default_decompositions()
    for name in table.names():
        packet, _, overload = name.partition(".")
        found: Any = getattr(torch.ops.aten, packet, None)
        for each in [] if found is None else [overload] if overload else found.overloads():
            if each in found.overloads():
                rules.pop(getattr(found, each), None)
    return rules


def _name(target: Any) -> str:
    """Return the name of an operator in the table; that of another library has its own namespace."""
    schema = getattr(target, "_schema", None)
    if schema is None:
        return getattr(target, "__name__", str(target))
    return f"{schema.name.removeprefix(ATEN)}.{schema.overload_name or 'default'}"


def _refuse_unknown(module: str, graph: fx.Graph) -> None:
    """Raise if the table lacks an operator."""
    lines: dict[str, str] = {}
    for node in graph.nodes:
        if node.op == "call_function" and _function_of_sizes(node.target) is None:
            name = _name(node.target)
            if table.find(name) is None or name.startswith("_local_scalar_dense"):
                lines.setdefault(name, line_of(node))
    if lines:
        calls = "".join(f"\n  {name}, called {line}" for name, line in lines.items())
        raise NotImplementedError(
            f"{module} calls operators that have no function of JAX:{calls}\nReplace these calls, or write the part of "
            "the model around them as a function for unified.transform"
        )


def _function_of_sizes(target: Any) -> Callable[..., Any] | None:
    """Return the function of Python for an operator on sizes; `None` for others."""
    if target in OF_SIZES:
        return OF_SIZES[target]
    if getattr(target, "__module__", None) in ("_operator", "math", "builtins"):
        return target
    name = str(getattr(target, "__name__", "")).removeprefix("_sym_").removeprefix("sym_")
    return getattr(math, name, None) if getattr(target, "__module__", None) == "torch" else None


def _domain(exported: Any) -> Domain:
    shapes, environment = [], None
    for spec, node in _inputs(exported):
        value = node.meta.get("val")
        if spec.kind is InputKind.USER_INPUT and isinstance(value, torch.Tensor):
            shapes.append(value.shape)
            environment = value.fake_mode.shape_env  # type: ignore[attr-defined]
    return Domain(shapes, environment)


def _inputs(exported: Any) -> list[tuple[Any, fx.Node]]:
    nodes = [node for node in exported.graph.nodes if node.op == "placeholder"]
    return list(zip(exported.graph_signature.input_specs, nodes, strict=True))


class _Writer:
    """Writes the program of an exported one."""

    def __init__(self, exported: Any, names: Mapping[str, str]) -> None:
        self.exported = exported
        self.names = names
        self.places: dict[fx.Node, Place] = {}
        self.size = 0

    def _place(self, *nodes: fx.Node) -> int:
        """Give nodes of one value the next place, and return its index."""
        self.places.update(dict.fromkeys(nodes, Place(self.size)))
        self.size += 1
        return self.size - 1

    def program(self) -> Program:
        variables: dict[str, list[fx.Node]] = {}
        constants: list[tuple[fx.Node, np.ndarray]] = []
        inputs: list[fx.Node] = []
        for spec, node in _inputs(self.exported):
            path = self.names.get(spec.target) if spec.target else None
            if spec.kind is InputKind.USER_INPUT:
                if not isinstance(spec.arg, ConstantArgument):
                    inputs.append(node)
            elif path is not None:
                variables.setdefault(path, []).append(node)
            else:
                constants.append((node, self._constant(spec)))
        for nodes in [*variables.values(), *([node] for node, _ in constants), *([node] for node in inputs)]:
            self._place(*nodes)
        steps = [step for node in self.exported.graph.nodes if (step := self._step(node)) is not None]
        writes, outputs = self._results()
        return Program(
            variables=tuple(variables),
            constants=tuple(value for _, value in constants),
            inputs=len(inputs),
            steps=tuple(steps),
            size=self.size,
            writes=tuple(writes),
            outputs=tuple(outputs),
            tree=output_tree(self.exported.call_spec.out_spec),
        )

    def _constant(self, spec: Any) -> np.ndarray:
        if spec.kind is InputKind.BUFFER:
            value = self.exported.constants.get(spec.target)
            value = self.exported.state_dict.get(spec.target) if value is None else value
        else:
            value = self.exported.constants.get(spec.target)
        if not isinstance(value, torch.Tensor):
            raise NotImplementedError(
                f"the module uses {spec.target!r}, a {type(value).__name__}: only arrays run on JAX"
            )
        return backends.load("torch").to_numpy(value.detach())

    def _step(self, node: fx.Node) -> Step | None:
        if node.op == "get_attr":
            raise NotImplementedError(f"the module calls a function of functions, {line_of(node)}")
        if node.op != "call_function":
            return None
        name, result = _name(node.target), self._place(node)
        function = _function_of_sizes(node.target)
        if function is not None:
            return Step(name, function, self._filled(node.args), self._kwargs(node), result, line=line_of(node))
        found = table.find(name)
        assert found is not None
        if found.discards:
            return None
        kwargs = {key: value for key, value in self._kwargs(node).items() if key not in DROPPED}
        return Step(
            name,
            found.function,
            self._filled(node.args),
            kwargs,
            result,
            _dtypes(node.meta["val"]),
            found.typed,
            _module_path(node) if found.draws else None,
            line_of(node),
        )

    def _kwargs(self, node: fx.Node) -> dict[str, Any]:
        return {name: self._filled(value) for name, value in node.kwargs.items()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, fx.Node):
            return self.places[value]
        if isinstance(value, (list, tuple)):
            return (
                type(value)(map(self._filled, value))
                if type(value) in (list, tuple)
                else list(map(self._filled, value))
            )
        return None if isinstance(value, NO_VALUES) else value

    def _results(self) -> tuple[list[tuple[str, Any]], list[Any]]:
        """Return the variables that the call writes, with their values, and the leaves of its output."""
        (node,) = (node for node in self.exported.graph.nodes if node.op == "output")
        writes, outputs = [], []
        for spec, value in zip(self.exported.graph_signature.output_specs, node.args[0], strict=True):
            if spec.kind is OutputKind.USER_OUTPUT:
                outputs.append(self._filled(value))
            elif spec.kind is OutputKind.USER_INPUT_MUTATION:
                continue  # arrays of JAX never change, as with the layers' inplace=True
            elif spec.target in self.names:
                writes.append((self.names[spec.target], self._filled(value)))
            else:
                raise NotImplementedError(f"a call writes {spec.target!r}, which is no buffer of the module")
        return writes, outputs


def _dtypes(value: Any) -> Any:
    """Return the dtypes of the result of an operator, by those of its fake tensors."""
    if isinstance(value, torch.Tensor):
        return jax_dtype(value.dtype)
    return tuple(map(_dtypes, value)) if isinstance(value, (tuple, list)) else None


def _module_path(node: fx.Node) -> str:
    """Return the path of the module that calls an operator; `name@1` is its second call."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return "/".join(part.partition("@")[0] for part in stack[-1][0].split(".")) if stack else ""
