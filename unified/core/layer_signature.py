"""What `help` and `inspect.signature` show of the arguments of a class of layers that is not one of bodies."""

import inspect
from typing import Any

from unified.core.layer import with_options

__all__ = ["LayerSignature"]


class LayerSignature:
    """The signature of the declaration between arguments and options of the style, computed when it is read.

    It is a class attribute; a class without a declaration, and an instance, have the signature that Python finds.
    """

    def __init__(self, *first: tuple[str, Any], **options: Any) -> None:
        self._first = [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
            for name, annotation in first
        ]
        self._options = options

    def __get__(self, instance: Any, cls: Any) -> inspect.Signature:
        declaration = getattr(cls, "declaration", None)
        if instance is not None or declaration is None:
            raise AttributeError("__signature__")
        own: inspect.Signature = declaration.own_signature
        return with_options(
            own.replace(parameters=[*self._first, *own.parameters.values()]),
            **self._options,
        )
