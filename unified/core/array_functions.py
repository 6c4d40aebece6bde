"""Finding the functions of `unified.numpy` for arrays: those of the framework that one of them belongs to."""

from typing import Any

from unified.core import backends
from unified.core.backends import NUMPY
from unified.core.pairs import refuse_pair

__all__ = ["functions_of"]


def functions_of(*arguments: Any) -> Any:
    """Return the array functions of the framework of the first argument that has one, else of the default backend.

    Numbers, lists and NumPy's arrays belong to none. Within a body the running framework is taken instead of this.
    """
    for argument in arguments:
        functions = NUMPY.get(type(argument))  # which torch.compile follows, and the search below it does not
        if functions is not None:
            return functions
        if type(argument) is tuple:
            refuse_pair(argument)
    return backends.find_functions(arguments, "numpy", NUMPY) or backends.load(backends.default_name()).numpy
