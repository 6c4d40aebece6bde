"""What `help` and `inspect.signature` show of classes whose constructors Python cannot see through."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ConstructorSignature", "LayerSignature", "constructor_signature", "with_options"]


def with_options(signature: inspect.Signature, **options: Any) -> inspect.Signature:
    """Return a signature with further options, given with their types: `None` by default, and by name only."""
    parameters = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    rest = [p for p in signature.parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in options.items()
        if name not in signature.parameters
    ]
    return signature.replace(parameters=[*parameters, *more, *rest])


def constructor_signature(cls: Any) -> inspect.Signature:
    """Return the signature of `cls.__init__` without `self`: of no arguments if no class has one."""
    if cls.__init__ is object.__init__:
        return inspect.Signature()
    init = inspect.signature(cls.__init__)
    return init.replace(parameters=list(init.parameters.values())[1:])


class ConstructorSignature:
    """The `__signature__` of a class whose `__new__` or metaclass takes any arguments: that of its `__init__`.

    `options` are further arguments by name that a constructor takes without declaring them. `constructor` is shown
    where no class has one, because the class of a framework takes its place.
    """

    def __init__(self, constructor: Callable[..., None] | None = None, /, **options: Any) -> None:
        self.constructor = constructor
        self.options = options

    def __get__(self, instance: Any, cls: Any) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")  # that of `__call__`
        if self.constructor is not None and cls.__init__ is object.__init__:
            return inspect.signature(self.constructor)
        return with_options(constructor_signature(cls), **self.options)


class LayerSignature:
    """The `__signature__` of a class of layers whose `declaration` has their arguments.

    These stand between `first`, parameters by name with their types, and `options`. A user's subclass with a
    constructor of its own shows that.
    """

    def __init__(self, first: Mapping[str, Any] | None = None, **options: Any) -> None:
        self.first = [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
            for name, annotation in (first or {}).items()
        ]
        self.options = options

    def __get__(self, instance: Any, cls: Any) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")  # that of `__call__`
        for base in cls.__mro__:
            declaration = base.__dict__.get("_declaration")
            if declaration is not None:
                own = declaration.own_signature
                return with_options(own.replace(parameters=[*self.first, *own.parameters.values()]), **self.options)
            if "__init__" in base.__dict__:
                break
        return constructor_signature(cls)
