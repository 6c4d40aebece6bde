"""The state of twins: `state_dict`, `Params`, dtypes."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from unified.core.dtypes import dtype_name, is_floating, is_same_dtype
from unified.core.naming import different_paths, join
from unified.core.params import Params
from unified.core.structure import VariableInfo
from unified.nn.overlay import read
from unified.nn.variable import Variable
from unified.nn.versions import structure_version

__all__ = ["caster", "load_params", "load_state_dict", "params_of", "state_dict", "to", "type_", "variables"]


class IncompatibleKeys(NamedTuple):
    """The names that a `state_dict` lacked, and those that it had besides."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def variables(module: Any) -> list[tuple[str, Variable]]:
    """Return the variables with their paths, in the order of `state_dict`; one that is shared at its first path."""
    version, known = structure_version(), module.__dict__.get("_known_variables")
    if known is None or known[0] != version:
        known = module.__dict__["_known_variables"] = version, list(_walk(module))
    random = module._objects.random_variables(module)
    return [*known[1], *random] if random else known[1]


def _walk(module: Any) -> Iterator[tuple[str, Variable]]:
    seen: set[Variable] = set()
    for scope, inner in module.named_modules():
        path = scope.replace(".", "/")
        for group in (inner._parameters, inner._buffers):
            for name, variable in group.items():
                if variable is not None and variable not in seen:
                    seen.add(variable)
                    yield join(path, name), variable


def info_of(path: str, variable: Variable) -> VariableInfo:
    """Return what `Params` know of a variable."""
    value: Any = read(variable)
    trainable = variable.collection == "params" and variable.requires_grad
    dtype = dtype_name(value.dtype)
    if variable.declared is not None and is_same_dtype(variable.declared, dtype):
        dtype = variable.declared
    return VariableInfo(path, tuple(value.shape), dtype, variable.collection, trainable, variable.metadata).fixed()


def params_of(module: Any) -> Params:
    """The variables of the module as `Params`."""
    return Params._of([(info_of(path, variable), read(variable)) for path, variable in variables(module)])


def load_params(module: Any, params: Mapping[str, Any]) -> Any:
    """Take the values of `params`, all of the module's variables, and which of them are frozen; return the module.

    The state of random numbers stays as it is if `params` have none.

    Raises `KeyError` for missing or unexpected paths, and `ValueError` for another shape.
    """
    own = params_of(module)
    params = Params(params)
    missing = [path for path in own if path not in params and not path.startswith("rng/")]
    unexpected = [path for path in params if path not in own and not path.startswith("rng/")]
    if missing or unexpected:
        raise different_paths("the params do not have the paths of this network", missing, unexpected, own)
    fitted = own.update({path: params[path] for path in own if path in params})
    infos = params.info
    for path, variable in list(variables(module)):
        if path not in params:
            continue
        module._objects.write(module, path, variable, fitted[path], keeps_gradient=True)
        if variable.collection == "params":
            variable.requires_grad = infos[path].trainable
    return module


def state_dict(
    module: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
) -> "OrderedDict[str, Any]":
    """Return the arrays by their names with dots, without state that is not persistent; tied ones at each name."""
    result: OrderedDict[str, Any] = OrderedDict() if destination is None else destination
    for name, variable in _persistent(module):
        result[prefix + name] = read(variable)
    return result


def _persistent(module: Any) -> Iterator[tuple[str, Variable]]:
    for scope, inner in module.named_modules(remove_duplicate=False):
        for group in (inner._parameters, inner._buffers):
            for name, variable in group.items():
                if variable is not None and name not in inner._non_persistent_buffers_set:
                    yield (f"{scope}.{name}" if scope else name), variable


def load_state_dict(module: Any, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
    """Take the values of a `state_dict` of any framework, in the dtypes that the module has.

    Raises `RuntimeError` for another shape, and, if `strict`, for missing and unexpected names, as torch does.
    """
    own = dict(_persistent(module))
    named = {name.replace("/", "."): value for name, value in state_dict.items()}
    missing = [name for name in own if name not in named]
    unexpected = [name for name in named if name not in own]
    problems = []
    if strict and unexpected:
        problems.append(f"unexpected key(s) in state_dict: {unexpected}")
    if strict and missing:
        problems.append(f"missing key(s) in state_dict: {missing}")
    for name, variable in own.items():
        if name in named and tuple(named[name].shape) != variable.shape:
            problems.append(
                f"size mismatch for {name}: the state_dict has {tuple(named[name].shape)}, the network {variable.shape}"
            )
    if problems:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}: " + "; ".join(problems))
    for name, variable in own.items():
        if name in named:
            module._objects.write(module, name, variable, module._objects.array(named[name]), keeps_gradient=True)
    return IncompatibleKeys(missing, unexpected)


def _cast(module: Any, dtype: Any) -> Any:
    name = dtype_name(dtype)
    if not is_floating(name):
        raise TypeError(f"nn.Module.to only accepts floating point dtypes, got {name}")
    for _, variable in variables(module):
        value = read(variable)
        if is_floating(dtype_name(value.dtype)):
            variable.value = module._objects.astype(value, name)
    return module


def to(module: Any, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Any:
    """Convert floating-point variables to a dtype, or move all to a device; return the module."""
    for value in args:
        if not _is_dtype(value):
            device = value
        else:
            dtype = value
    if device is not None:
        module._objects.move(module, device)
    return module if dtype is None else _cast(module, dtype)


def _is_dtype(value: Any) -> bool:
    return dtype_name(value).startswith(("float", "bfloat", "int", "uint", "bool", "complex"))


def caster(name: str) -> Callable[[Any], Any]:
    """Return the method that converts floating-point variables to a dtype."""

    def cast(self: Any) -> Any:
        return _cast(self, name)

    cast.__doc__ = f"Convert floating-point variables to {name}; return the module."
    return cast


def type_(module: Any, dst_type: Any) -> Any:
    """Convert floating-point variables to a dtype; return the module."""
    return _cast(module, dst_type)
