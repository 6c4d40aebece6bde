"""`Twin`: the methods of `torch.nn.Module` for objects on a framework whose arrays cannot be written in place.

It imports no framework. A backend derives from it, and says how a call runs and which writes it allows. As on torch, a
module has dicts of parameters, buffers and modules, in the order in which they were assigned.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NoReturn

from unified.core.pages import end_with_link
from unified.nn import twin_state
from unified.nn.construction import current
from unified.nn.declare import is_declaration, pending_of
from unified.nn.hooks import Hooks
from unified.nn.members import converted, refuse_foreign
from unified.nn.overlay import active, read
from unified.nn.variable import Variable, holder, note_read
from unified.nn.versions import attributes_changed, structure_changed

__all__ = ["Twin"]

ABSENT = {
    "cuda": "arrays stay where the framework puts them: net.load_params(net.params.to('jax', device=...))",
    "cpu": "arrays stay where the framework puts them: net.load_params(net.params.to('jax', device=...))",
    "backward": "take gradients by unified.nn.grad, or by jax.grad over net.apply",
    "share_memory": "arrays are immutable, and shared already",
    "compile": "compile a function of the network by unified.nn.jit",
    "register_full_backward_hook": "gradients are no calls of modules here: use a custom derivative in forward",
    "register_full_backward_pre_hook": "gradients are no calls of modules here: use a custom derivative in forward",
}
ABSENT.update(dict.fromkeys(("xpu", "ipu", "mtia"), ABSENT["cuda"]))


def _own_form(value: Any) -> Any:
    """Return a variable that another framework declared, as `nn.Parameter` of its array, as one of ours."""
    if type(value) is Variable or not is_declaration(value):
        return value
    variable = Variable(pending_of(value, "params", bool(value.requires_grad)))
    vars(variable).update({name: mark for name, mark in vars(value).items() if name != "pending"})
    return variable


class Twin(Hooks):
    """A module that holds its arrays in `Variable`s."""

    _objects: ClassVar[Any]
    _user_class: ClassVar[Any]

    def _prepare(self) -> None:
        """Give a new object its dicts."""
        self.__dict__.update(
            _parameters={}, _buffers={}, _modules={}, _non_persistent_buffers_set=set(), _training=True
        )
        self._prepare_hooks()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the object was prepared before the user's constructor ran."""
        if args or kwargs:
            raise TypeError(
                f"{type(self).__name__}.__init__() reaches nn.Module, which takes no arguments, with some left"
            )

    # Attributes.

    def __getattr__(self, name: str) -> Any:
        members = self.__dict__
        for group in ("_parameters", "_buffers"):
            if name in members.get(group, ()):
                variable = members[group][name]
                if variable is None:
                    return None
                if group == "_parameters" and active.overlay is None and variable.value is not None:
                    note_read(variable)
                return read(variable)
        modules = members.get("_modules", {})
        if name in modules:
            return modules[name]
        if name in ABSENT:
            raise AttributeError(
                f"{type(self).__name__}.{name} is torch's alone, and this network is on {self._objects.name}: "
                f"{ABSENT[name]}"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), property):
            object.__setattr__(self, name, value)
            return
        if type(value) in (list, tuple, dict):
            refuse_foreign(type(self).__name__, name, value, self._objects.name)
            value = converted(type(self).__name__, name, value)
        value = _own_form(value)
        if type(value) is Variable:
            self._set_variable(name, value)
        elif isinstance(value, Twin):
            construction = current.construction
            if construction is not None and any(value is module for module in construction.running):
                object.__setattr__(self, name, value)  # a module around this one: a reference, and no part
            else:
                self._set_module(name, value)
        elif name in self._parameters or name in self._buffers:
            self._assign(name, value)
        elif name in self._modules:
            if value is not None:
                raise TypeError(
                    f"cannot assign a {type(value).__name__} as the module {name!r} (nn.Module or None expected)"
                )
            self._modules[name] = None
            structure_changed()
        else:
            refuse_foreign(type(self).__name__, name, value, self._objects.name)
            if active.overlay is not None and not name.startswith("_"):
                self._refuse_plain(name, value)
            object.__setattr__(self, name, value)
            attributes_changed()

    def __delattr__(self, name: str) -> None:
        for group in (self._parameters, self._buffers, self._modules):
            if name in group:
                del group[name]
                self._non_persistent_buffers_set.discard(name)
                structure_changed()
                return
        object.__delattr__(self, name)
        attributes_changed()

    def _refuse_plain(self, name: str, value: Any) -> None:
        """Raise if a pure call sets an attribute that is no variable, which would outlive the call."""
        before = self.__dict__.get(name, self)
        if before is value or (type(before) is type(value) and not hasattr(value, "shape") and before == value):
            return
        raise ValueError(
            end_with_link(
                f"{type(self).__name__}.{name} was set in a pure call (net.apply, or a transform of unified.nn), which "
                f"must leave the object as it was: make it a variable in the constructor, "
                f"self.{name} = nn.var('state', ...), or keep an intermediate value by self.sow({name!r}, value)",
                "objects",
            )
        )

    def _set_variable(self, name: str, variable: Variable) -> None:
        self.__dict__.pop(name, None)
        self._modules.pop(name, None)
        is_parameter = variable.collection == "params"
        (self._buffers if is_parameter else self._parameters).pop(name, None)
        old = (self._parameters if is_parameter else self._buffers).get(name)
        if old is not None and is_parameter and old.shape != variable.shape and variable.pending is None:
            raise ValueError(
                f"{type(self).__name__}.{name} has shape {old.shape}, and cannot be tied to one of {variable.shape}"
            )
        (self._parameters if is_parameter else self._buffers)[name] = variable
        if not is_parameter and not variable.metadata.get("persistent", True):
            self._non_persistent_buffers_set.add(name)
        self._objects.adopt(self, name, variable)
        structure_changed()

    def _set_module(self, name: str, module: "Twin | None") -> None:
        for group in (self.__dict__, self._parameters, self._buffers):
            group.pop(name, None)
        self._modules[name] = module
        if module is not None:
            self._objects.adopt_module(self, name, module)
        structure_changed()

    def _assign(self, name: str, value: Any) -> None:
        """Give a variable the value of an array; a parameter that is assigned another's array is tied to it."""
        group = self._parameters if name in self._parameters else self._buffers
        variable = group[name]
        if value is None:
            group[name] = None
            structure_changed()
            return
        if group is self._parameters:
            other = holder(value)
            if other is not None and other is not variable and active.overlay is None:
                self._set_variable(name, other)
                return
        if variable is None:
            if group is self._parameters:
                raise TypeError(f"{name!r} is a parameter that is None: assign nn.Parameter(...)")
            self.register_buffer(name, value)
            return
        self._objects.write(self, name, variable, value)

    # Declarations.

    def register_parameter(self, name: str, param: Any) -> None:
        """Add a parameter, or a name that has none (`None`)."""
        self._check_name(name, self._parameters)
        param = _own_form(param)
        if param is None:
            self._parameters[name] = None
        elif type(param) is Variable and param.collection == "params":
            self._set_variable(name, param)
        else:
            raise TypeError(f"cannot assign a {type(param).__name__} as the parameter {name!r}: nn.Parameter(...)")

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add state with the values of an array; without persistence it is no part of `state_dict`."""
        self._check_name(name, self._buffers)
        if not persistent:
            self._non_persistent_buffers_set.add(name)
        else:
            self._non_persistent_buffers_set.discard(name)
        if tensor is None:
            self._buffers[name] = None
        else:
            tensor = _own_form(tensor)
            variable = tensor if type(tensor) is Variable else self._objects.buffer(tensor)
            if not persistent:
                variable.metadata = {**variable.metadata, "persistent": False}
            self._set_variable(name, variable)
        structure_changed()

    def add_module(self, name: str, module: Any) -> None:
        """Add a module as the attribute `name`."""
        if module is not None and not isinstance(module, Twin):
            refuse_foreign(type(self).__name__, name, module, self._objects.name)
            raise TypeError(f"{type(module).__name__} is not a module of unified.nn on {self._objects.name}")
        self._check_name(name, self._modules)
        self._set_module(name, module)

    register_module = add_module

    def _check_name(self, name: str, group: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a name is a text, got {name!r}")
        if not name or "." in name or "/" in name:
            raise KeyError(f"a name has no '.' and no '/', and is not empty: got {name!r}")
        if hasattr(self, name) and name not in group:
            raise KeyError(f"attribute {name!r} already exists")

    # Walks.

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield the modules in attributes, each once, with their names."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Any]:
        """Yield the modules in attributes."""
        for _, module in self.named_children():
            yield module

    def named_modules(self, memo: Any = None, prefix: str = "", remove_duplicate: bool = True) -> Iterator[Any]:
        """Yield this module and all below it, with their names joined by dots."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                inner = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, inner, remove_duplicate)

    def modules(self) -> Iterator[Any]:
        """Yield this module and all below it."""
        for _, module in self.named_modules():
            yield module

    def _named(self, group: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Variable]]:
        seen: set[Variable] = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for scope, module in modules:
            for name, variable in getattr(module, group).items():
                if variable is None or variable in seen:
                    continue
                if remove_duplicate:
                    seen.add(variable)
                yield (f"{scope}.{name}" if scope else name), variable

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Variable]]:
        """Yield the parameters with their names. Each is a `Variable`, which converts to its array."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Variable]:
        """Yield the parameters."""
        for _, variable in self.named_parameters(recurse=recurse):
            yield variable

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Variable]]:
        """Yield the state with its names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Variable]:
        """Yield the state."""
        for _, variable in self.named_buffers(recurse=recurse):
            yield variable

    def get_submodule(self, target: str) -> Any:
        """Return the module at a name with dots; raise `AttributeError` if there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            inner = getattr(module, name, None)
            if not isinstance(inner, Twin):
                raise AttributeError(f"{type(module).__name__} has no module {name!r}")
            module = inner
        return module

    def _get(self, group: str, target: str) -> Variable:
        path, _, name = target.rpartition(".")
        found = getattr(self.get_submodule(path), group).get(name)
        if found is None:
            what = "parameter" if group == "_parameters" else "buffer"
            raise AttributeError(f"{type(self).__name__} has no {what} {target!r}")
        return found

    def get_parameter(self, target: str) -> Variable:
        """Return the parameter at a name with dots."""
        return self._get("_parameters", target)

    def get_buffer(self, target: str) -> Variable:
        """Return the state at a name with dots."""
        return self._get("_buffers", target)

    # Modes.

    @property
    def training(self) -> bool:
        """Whether the module trains: in a pure call what the call says."""
        overlay = active.overlay
        mode = None if overlay is None else overlay.training
        return self.__dict__["_training"] if mode is None else mode

    @training.setter
    def training(self, mode: bool) -> None:
        if self.__dict__["_training"] is not bool(mode):
            self.__dict__["_training"] = bool(mode)
            attributes_changed()

    def train(self, mode: bool = True) -> Any:
        """Set the mode of this module and all below it; return the module."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Any:
        """Set the mode to evaluation; return the module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Freeze the parameters, or free them; return the module."""
        for variable in self.parameters():
            variable.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Do nothing: gradients are values here, and no array holds one."""

    # State.

    state_dict = twin_state.state_dict
    load_state_dict = twin_state.load_state_dict
    params = property(twin_state.params_of)
    load_params = twin_state.load_params
    to = twin_state.to
    half, float, double, bfloat16 = (twin_state.caster(name) for name in ("float16", "float32", "float64", "bfloat16"))
    type = twin_state.type_

    def random_state(self) -> Any:
        """Return the key and the counter of random draws, `rng/key` and `rng/counter`, as `Params`."""
        return self._objects.random_state(self)

    def sow(self, name: str, value: Any) -> None:
        """Keep an intermediate value as `<path>/<name>` in the collection `intermediates`, until `nn.pop` takes it."""
        self._objects.sow(self, name, value)

    def apply(self, params: Any, *args: Any, training: bool = False, capture: Any = None, **kwargs: Any) -> Any:
        """Call the module purely over `params`: `(output, changes)`; with a function, call it on every module.

        `capture`, a filter of paths, adds the outputs of modules to the changes, in the collection `intermediates`.
        """
        if callable(params) and not isinstance(params, Mapping):
            return self._objects.apply_function(self, params)
        return self._objects.apply(self, params, args, kwargs, training, capture)

    def _apply_function(self, fn: Callable[[Any], Any]) -> None:
        for module in self.children():
            module._apply_function(fn)
        fn(self)

    # Calls.

    def forward(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"the module {type(self).__name__} has no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._objects.call(self, args, kwargs)

    # Text and copies.

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """Return what `repr` shows of the module besides its parts."""
        return ""

    def __repr__(self) -> str:
        own = self.extra_repr()
        lines = own.split("\n") if own else []
        parts = {name: repr(module).replace("\n", "\n  ") for name, module in self._modules.items()}
        children = [f"({name}): {part}" for name, part in parts.items()]
        if len(lines) <= 1 and not children:
            return f"{self._get_name()}({own})"
        return "\n  ".join([f"{self._get_name()}(", *lines, *children]) + "\n)"

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._parameters, *self._buffers, *self._modules})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _empty, (self._objects.name, type(self)._user_class), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in self._objects.caches}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._objects.restored(self)


def _empty(name: str, cls: Any) -> Twin:
    """Return an object without state, for copies and pickles."""
    from unified.core import backends

    return object.__new__(backends.load(name).objects.joined(cls))
