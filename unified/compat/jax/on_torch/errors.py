"""The errors of tracing, with the names and bases that `jax.errors` has; JAX itself is not imported."""

__all__ = [
    "ConcretizationTypeError",
    "JAXIndexError",
    "JAXTypeError",
    "JaxRuntimeError",
    "KeyReuseError",
    "NonConcreteBooleanIndexError",
    "TracerArrayConversionError",
    "TracerBoolConversionError",
    "TracerIntegerConversionError",
    "UnexpectedTracerError",
]


class JAXTypeError(TypeError):
    """A value of a kind that a transform cannot use."""


class JAXIndexError(IndexError):
    """An index of a kind that a transform cannot use."""


class ConcretizationTypeError(JAXTypeError):
    """Code that a transform traces asked for the value of an array, which has none yet."""


class TracerBoolConversionError(ConcretizationTypeError):
    """A traced array was used as a condition of Python."""


class TracerArrayConversionError(JAXTypeError):
    """A traced array was to become an array of NumPy."""


class TracerIntegerConversionError(JAXTypeError):
    """A traced array was used as an index, or as a number of steps, of Python."""


class NonConcreteBooleanIndexError(JAXIndexError):
    """A traced array of booleans selects elements: their number, and so the shape, is not known."""


class UnexpectedTracerError(JAXTypeError):
    """A traced array was used outside of the trace that made it."""


class KeyReuseError(JAXTypeError):
    """A key of random numbers was used twice; torch does not check it."""


class JaxRuntimeError(RuntimeError):
    """An error of the compiler or the device; torch raises its own."""
