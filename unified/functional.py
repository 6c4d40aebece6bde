"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model, and in a JAX model a function of the same
name, arguments and values on JAX arrays. Outside a model the type of the arguments decides.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from typing import Any

from unified.core import backends
from unified.core.errors import BackendError
from unified.core.scope import current  # noqa: F401  (read by the functions that are made below)
from unified.core.signatures import SIGNATURES

NAMES = tuple(SIGNATURES)

__all__ = list(NAMES)


def _by_arguments(name: str, *arguments: Any) -> Any:
    """The functions of the framework that one of `arguments` belongs to."""
    for argument in arguments:
        backend = backends.of_array(argument)
        if backend is not None:
            return backend.functional
    raise BackendError(
        f"unified.functional.{name} was called outside a model, on {', '.join(type(a).__name__ for a in arguments)}: "
        "pass an array of an installed framework"
    )


# A function for each name, written out: a name and parameters that are known when a function is compiled cost a few
# nanoseconds at a call, where `getattr(functional, name)(*args, **kwargs)` takes a hundred, which a small layer shows.
# For the same reason there is no module-level `__getattr__`: Python does not cache attributes of a module that has one.
TEMPLATE = """
def {name}({parameters}):
    "`torch.nn.functional.{name}`, on the framework of the model or of the arguments."
    scope = current.scope
    functional = scope.functional if scope is not None else _by_arguments("{name}", {names})
    return functional.{name}({arguments})
"""


def _source(name: str, parameters: str) -> str:
    positional, _, named = parameters.partition("*, ")
    names = [parameter.partition("=")[0] for parameter in positional.split(", ") if parameter]
    keywords = [parameter.partition("=")[0] for parameter in named.split(", ") if parameter]
    arguments = [names[0], *(f"{other}={other}" for other in (*names[1:], *keywords))]
    return TEMPLATE.format(name=name, parameters=parameters, names=", ".join(names), arguments=", ".join(arguments))


exec(compile("".join(_source(*item) for item in SIGNATURES.items()), __file__, "exec"))
