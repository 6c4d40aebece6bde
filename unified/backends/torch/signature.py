"""Classes of models whose `forward` has the parameters of the user's function.

torch.export, torch.onnx, torch.fx and trainers read the parameters of `forward`, some of them from its code. Each
function therefore gets a class of models with a `forward` of its own, named as the function is; models of one function
share it, so that `torch.compile` compiles once for them.
"""

import functools
import inspect
import weakref
from types import CodeType, FunctionType
from typing import Any, TypeVar

from unified.core.body import bound_names, mode_argument
from unified.core.naming import function_name

__all__ = ["base_of", "model_class"]

ClassT = TypeVar("ClassT", bound=type)

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}

# The classes of functions and partial applications that live, by the class of models that they derive from.
_classes: weakref.WeakKeyDictionary[Any, dict[type, type]] = weakref.WeakKeyDictionary()


def model_class(base: ClassT, fn: Any) -> ClassT:
    """Return the class of models of `fn`: `base` with a `forward` that has the parameters of `fn`.

    It is `base` itself if `fn` has no signature, as some functions that are written in C.
    """
    if not isinstance(fn, (FunctionType, functools.partial)):
        return _make_class(base, fn)  # a bound method is a new object each time
    classes = _classes.setdefault(fn, {})
    if base not in classes:
        classes[base] = _make_class(base, fn)
    return classes[base]  # type: ignore[return-value]


def base_of(cls: type) -> type:
    """Return the class that `cls` derives from if `model_class` made it; otherwise `cls`."""
    return cls.__bases__[0] if "_has_signature" in cls.__dict__ else cls


def _make_class(base: ClassT, fn: Any) -> ClassT:
    forward = _forward_of(fn)
    if forward is None:
        return base
    name = _identifier(function_name(fn))
    members = {
        "__module__": forward.__module__,
        "__qualname__": name,
        "__doc__": forward.__doc__ or base.__doc__,
        "__signature__": _CallSignature(),
    }
    return type(name, (base,), {**members, "forward": forward, "_has_signature": True})  # type: ignore[return-value]


class _CallSignature:
    """What `help` and `inspect.signature` show of a model and of its class, which nobody calls: those of a call."""

    def __get__(self, instance: Any, cls: Any) -> inspect.Signature:
        forward = inspect.signature(cls.forward)
        return forward.replace(parameters=list(forward.parameters.values())[1:])


def _identifier(name: str) -> str:
    """Return the name of a function as that of a class of models: that of a lambda says nothing."""
    return name if name.isidentifier() else "TorchModel"


def _forward_of(fn: Any) -> Any:
    """Return a method with the parameters of `fn` that calls `_forward(args, kwargs)`; `None` if it cannot have them.

    The arguments that `transform` has fixed are accepted, as `fn` does, but are no part of its signature: tools that
    trace a model would take them for inputs.
    """
    try:
        signature = inspect.signature(fn)
    except (ValueError, TypeError):
        return None
    parameters = list(signature.parameters.values())
    mode = mode_argument(fn)
    if mode is not None and mode.is_named:  # without it a call has the model's own mode
        parameters = [p.replace(default=None) if p.name == "training" else p for p in parameters]
    optional = [p.default is not p.empty for p in parameters if p.kind in POSITIONAL]
    if optional != sorted(optional):
        return None  # `training` has no default in `fn`, and a parameter behind it neither
    fixed = bound_names(fn)
    rest = [p for p in parameters if p.name not in fixed or p.kind is not p.KEYWORD_ONLY]
    forward = _method(fn, parameters, signature)
    has_keywords = any(p.kind is p.KEYWORD_ONLY for p in rest)
    if len(rest) < len(parameters) and not has_keywords:  # torch.fx passes keywords by position
        forward.__wrapped__ = _method(fn, rest, signature)
    return forward


def _method(fn: Any, parameters: list[inspect.Parameter], signature: inspect.Signature) -> Any:
    """Return the method `forward` with these parameters."""
    inner = fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    function = inner if isinstance(inner, FunctionType) else getattr(inner, "__func__", type(inner).__call__)
    function = inspect.unwrap(function)
    method = FunctionType(
        _code(parameters, getattr(function, "__code__", None)),
        getattr(function, "__globals__", {}),  # in which annotations that are strings have their meaning
        "forward",
        tuple(p.default for p in parameters if p.kind in POSITIONAL and p.default is not p.empty),
    )
    method.__kwdefaults__ = {
        p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    }
    method.__annotations__ = {p.name: p.annotation for p in parameters if p.annotation is not p.empty}
    if signature.return_annotation is not signature.empty:
        method.__annotations__["return"] = signature.return_annotation
    method.__qualname__ = f"{_identifier(function_name(fn))}.forward"
    method.__module__ = getattr(function, "__module__", None) or __name__
    method.__doc__ = getattr(function, "__doc__", None)
    return method


@functools.lru_cache(maxsize=1024)
def _compile(header: str, call: str) -> CodeType:
    scope: dict[str, Any] = {}
    exec(f"def forward({header}): return {call}", scope)
    return scope["forward"].__code__


def _code(parameters: list[inspect.Parameter], place: CodeType | None) -> CodeType:
    """Return the code of `forward`; in tracebacks it stands at `place`, where the user's function begins."""
    names = {p.name for p in parameters}
    model = "self"
    while model in names:
        model = f"_{model}"
    header, positional, keywords = [model], "", ""
    kinds = [p.kind for p in parameters]
    for index, (name, kind) in enumerate(zip([p.name for p in parameters], kinds, strict=True)):
        if kind is inspect.Parameter.KEYWORD_ONLY and "*" not in "".join(header):
            header.append("*")
        stars = STARS.get(kind, "")
        header.append(stars + name)
        if kind in POSITIONAL or stars == "*":
            positional += f"{stars}{name}, "
        else:
            keywords += f"**{name}, " if stars else f"{name!r}: {name}, "
        if kind is inspect.Parameter.POSITIONAL_ONLY and kind not in kinds[index + 1 :]:
            header.append("/")
    code = _compile(", ".join(header), f"{model}._forward(({positional}), {{{keywords}}})")
    return code if place is None else code.replace(co_filename=place.co_filename, co_firstlineno=place.co_firstlineno)
