"""Dtypes."""

def astype(x: ArrayT, dtype: DType, /, *, copy: bool = True, device: Device = None) -> ArrayT:
    """Return `x` in another dtype.

    Args:
        x: an array of any shape.
        dtype: one of `unified.numpy`, of any framework, or a name.
        copy: whether an array that has the dtype already is copied, where arrays can be written.
        device: the device of the result.

    >>> unp.astype(torch.tensor([1.7, -1.7]), unp.int32)
    tensor([ 1, -1], dtype=torch.int32)
    """

def can_cast(from_: DType, to: DType, /) -> bool:
    """Return whether a dtype, or the dtype of an array, becomes `to` by the promotion of the standard.

    Args:
        from_: a dtype of any framework, a name, or an array.
        to: a dtype.

    >>> import unified.numpy as unp
    >>> unp.can_cast("int32", unp.int64), unp.can_cast("float32", "int64")
    (True, False)
    """

def finfo(type: DType, /) -> FloatInfo:
    """Return the limits of a floating-point dtype, or of that of an array.

    Args:
        type: a dtype of any framework, a name, or an array.

    Returns:
        A `FloatInfo` with `bits`, `eps`, `max`, `min`, `smallest_normal` and `dtype`.

    >>> import unified.numpy as unp
    >>> unp.finfo("float32").bits, unp.finfo("float32").eps == 2**-23
    (32, True)
    """

def iinfo(type: DType, /) -> IntegerInfo:
    """Return the limits of a dtype of integers, or of that of an array.

    Args:
        type: a dtype of any framework, a name, or an array.

    Returns:
        An `IntegerInfo` with `bits`, `max`, `min` and `dtype`.

    >>> import unified.numpy as unp
    >>> unp.iinfo(unp.int8).min, unp.iinfo(unp.int8).max
    (-128, 127)
    """

def result_type(*arrays_and_dtypes: Any) -> Any:
    """Return the dtype to which arrays, numbers and dtypes are promoted.

    Args:
        *arrays_and_dtypes: at least one array or dtype.

    Raises:
        ValueError: only numbers were passed.

    >>> unp.result_type(torch.ones(1, dtype=torch.float16), "float32", 2.0)
    torch.float32
    """
