"""Dtypes."""

def astype(x: ArrayT, dtype: DType, /, *, copy: bool = True, device: Device = None) -> ArrayT:
    """Return `x` in another dtype: one of `unified.numpy`, of any framework, or a name."""

def can_cast(from_: DType, to: DType, /) -> bool:
    """Return whether a dtype, or the dtype of an array, becomes `to` by the promotion of the standard."""

def finfo(type: DType, /) -> FloatInfo:
    """Return the limits of a floating-point dtype, or of that of an array."""

def iinfo(type: DType, /) -> IntegerInfo:
    """Return the limits of a dtype of integers, or of that of an array."""

def result_type(*arrays_and_dtypes: Any) -> Any:
    """Return the dtype to which arrays, numbers and dtypes are promoted."""
