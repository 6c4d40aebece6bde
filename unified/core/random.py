"""Random arrays: `unified.random`.

Within a body each draw has a key of its own, from the model's root key, the number of the call, the path of the scope
and the number of the draw at that path. On JAX the root key and the number of the call are the variables `rng/key` and
`rng/counter`; on torch draws come from torch's generator, unless the model was made with `rng="portable"`, which
draws the same values as JAX. `stream=` names another root key and number, which the model has if init was given a seed
of that name (`rng={"params": 0, "noise": 1}`); otherwise the draw is as one without a name.

With `key=` a draw follows from that key alone, in a body or outside of one, and has the same bits on both frameworks:
`key`, `split` and `fold_in` make keys, as those of `jax.random` do.

Names and arguments are those of `jax.random`, without the key, which comes by name; bounds and probabilities are
numbers. The values are rounded in a way that no two libraries do differently, so that their last bits, and draws with
parameters, are others than those of `jax.random`. All draws take `shape`, the sizes of the result, or its only size;
`dtype`, the framework's default unless the function says another; `key`, one key; and `stream`, the name of a root key.

On JAX a draw without a key inside a raw `jax.lax.scan` or `jax.vmap` within a body is made once for all steps or rows:
`unified.scan` and `unified.vmap` draw anew.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from unified.core import backends, threefry
from unified.core.annotations import Array, DType, ShapeLike
from unified.core.distributions import (
    Bernoulli,
    Exponential,
    Gumbel,
    Laplace,
    Normal,
    Randint,
    TruncatedNormal,
    Uniform,
)
from unified.core.drawing import (
    as_integer,
    as_number,
    check_dtype,
    check_stream_name,
    count_of,
    draw,
    owned,
    refuse_both,
    running_scope,
)
from unified.core.dtypes import dtype_name
from unified.core.gamma import Beta, Dirichlet, Gamma, Poisson
from unified.core.keys import KEY, key_path, named_streams
from unified.core.missing import unknown_name
from unified.core.params import Params
from unified.core.scope import current, current_scope
from unified.core.shapes import as_shape, shown

__all__ = [
    "bernoulli",
    "beta",
    "categorical",
    "choice",
    "dirichlet",
    "exponential",
    "fold_in",
    "gamma",
    "gumbel",
    "key",
    "laplace",
    "normal",
    "permutation",
    "poisson",
    "randint",
    "shuffle",
    "split",
    "truncated_normal",
    "uniform",
]

FARTHEST = 6.2  # standard deviations, beyond which a normal value is the quantile of no 32-bit word


def key(seed: int, backend: str | None = None) -> Array:
    """Return the key of an integer seed: on JAX a typed Threefry key, on torch two words.

    Args:
        seed: an integer; its lowest 64 bits count.
        backend: the framework's name; the default is that of the running body, or else of `transform`.

    Raises:
        TypeError: the seed is no integer.

    Source: `jax.random.key`, whose bits the words have.

    >>> import unified as u
    >>> u.random.key(42, backend="torch").tolist()
    [0, 42]
    """
    scope: Any = current.scope
    name = backend or (backends.default_name() if scope is None else scope.frame.backend.name)
    return backends.load(name).random_key(threefry.seed_key(as_integer("key", "a seed", seed)))


def split(key: Array, num: int = 2) -> Array:
    """Return new keys along a first axis, with the bits of `jax.random.split`, of the kind of `key`.

    Args:
        key: one key.
        num: how many keys.

    Raises:
        TypeError: `key` is no key, or several, or `num` no integer.
        ValueError: `num` is negative.

    Source: `jax.random.split`.

    >>> import unified as u
    >>> a, b = u.random.split(u.random.key(0, backend="torch"))
    >>> u.random.normal((2,), key=a).shape
    torch.Size([2])
    """
    backend, key = owned("split", key)
    num = as_integer("split", "num", num, 0)
    return backend.derive_keys(key, np.zeros(num, np.uint32), np.arange(num, dtype=np.uint32))


def normal(shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = "") -> Array:
    """Draw standard normal values; `mean + std * normal(shape)` has another mean and standard deviation.

    Raises:
        TypeError: `dtype` is no floating-point one.

    Source: `jax.random.normal`; the values are quantiles of single 32-bit words, within 6.3 standard deviations.

    >>> import unified as u
    >>> jax_key, torch_key = u.random.key(0, backend="jax"), u.random.key(0, backend="torch")
    >>> u.random.normal((3,), key=jax_key).tolist() == u.random.normal((3,), key=torch_key).tolist()
    True
    """
    return draw("normal", Normal(), shape, dtype, key, stream)


def truncated_normal(
    lower: float,
    upper: float,
    shape: ShapeLike = (),
    dtype: DType = None,
    *,
    key: Array | None = None,
    stream: str = "",
) -> Array:
    """Draw standard normal values between `lower` and `upper`, in standard deviations.

    The values are multiples of 2**-26, and quantiles of single 32-bit words: beyond 5 standard deviations few differ.

    Raises:
        TypeError: `lower` or `upper` is an array, or `dtype` is no floating-point one.
        ValueError: `lower` exceeds `upper`, or no normal value in 2**32 lies between them.

    Source: `jax.random.truncated_normal`.

    >>> import unified as u
    >>> draws = u.random.truncated_normal(-1.0, 1.0, (100,), key=u.random.key(0, backend="torch"))
    >>> bool((draws.abs() <= 1.0).all())
    True
    """
    low, high = as_number("truncated_normal", "lower", lower), as_number("truncated_normal", "upper", upper)
    distribution = TruncatedNormal(0.0, 1.0, low, high)
    if low > FARTHEST or high < -FARTHEST:
        raise ValueError(
            f"random.truncated_normal: values lie within {FARTHEST} standard deviations, got lower={low}, upper={high}"
        )
    return draw("truncated_normal", distribution, shape, dtype, key, stream)


def uniform(
    shape: ShapeLike = (),
    dtype: DType = None,
    minval: float = 0.0,
    maxval: float = 1.0,
    *,
    key: Array | None = None,
    stream: str = "",
) -> Array:
    """Draw uniform values with `minval <= x < maxval`.

    Raises:
        TypeError: `minval` or `maxval` is an array, or `dtype` is no floating-point one.
        ValueError: `minval` exceeds `maxval`, or one of them is not finite or beyond the dtype.

    Source: `jax.random.uniform`; the values are 2**24 steps, rounded to the dtype but never to `maxval`.

    >>> import unified as u
    >>> draws = u.random.uniform((100,), minval=2.0, maxval=3.0, key=u.random.key(0, backend="torch"))
    >>> bool((draws >= 2.0).all() and (draws < 3.0).all())
    True
    """
    distribution = Uniform(as_number("uniform", "minval", minval), as_number("uniform", "maxval", maxval))
    return draw("uniform", distribution, shape, dtype, key, stream)


def bernoulli(p: float = 0.5, shape: ShapeLike = (), *, key: Array | None = None, stream: str = "") -> Array:
    """Draw booleans that are true with probability `p`.

    Raises:
        TypeError: `p` is an array.
        ValueError: `p` is not between 0 and 1.

    Source: `jax.random.bernoulli`.

    >>> import unified as u
    >>> u.random.bernoulli(1.0, (2,), key=u.random.key(0, backend="torch")).tolist()
    [True, True]
    """
    return draw("bernoulli", Bernoulli(as_number("bernoulli", "p", p)), shape, "bool", key, stream)


def randint(
    shape: ShapeLike, minval: int, maxval: int, dtype: DType = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw uniform integers with `minval <= x < maxval`, as `int32` by default.

    Raises:
        TypeError: `dtype` is none of integers, or a bound is no integer.
        ValueError: there is no such integer, or a bound is no signed 32-bit number or beyond the dtype.

    Source: `jax.random.randint`.

    >>> import unified as u
    >>> draws = u.random.randint((100,), 0, 3, key=u.random.key(0, backend="torch"))
    >>> sorted(set(draws.tolist()))
    [0, 1, 2]
    """
    minval, maxval = as_integer("randint", "minval", minval), as_integer("randint", "maxval", maxval)
    distribution = Randint(minval, maxval)
    if dtype is not None:
        check_dtype("randint", dtype, distribution)
        name = dtype_name(dtype)
        unsigned, bits = name.startswith("u"), int(name.lstrip("uint"))  # torch.compile does not follow np.iinfo
        low, high = (0, 2**bits) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if not low <= minval < maxval <= high:
            raise ValueError(
                f"random.randint: {name} has numbers from {low} to {high - 1}, got the bounds {minval} and {maxval}"
            )
    return draw("randint", distribution, shape, "int32" if dtype is None else dtype, key, stream)


def exponential(shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = "") -> Array:
    """Draw exponential values with mean 1, which are not negative; `exponential(shape) / rate` has another rate.

    Source: `jax.random.exponential`.

    >>> import unified as u
    >>> bool((u.random.exponential((100,), key=u.random.key(0, backend="torch")) >= 0).all())
    True
    """
    return draw("exponential", Exponential(), shape, dtype, key, stream)


def gumbel(shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = "") -> Array:
    """Draw standard Gumbel values, whose largest among sums with logits is a sample of their softmax.

    Source: `jax.random.gumbel`; Maddison et al. (2014).

    >>> import torch, unified as u
    >>> logits = torch.tensor([0.0, 100.0])
    >>> int((logits + u.random.gumbel((2,), key=u.random.key(0, backend="torch"))).argmax())
    1
    """
    return draw("gumbel", Gumbel(), shape, dtype, key, stream)


def laplace(shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = "") -> Array:
    """Draw standard Laplace values: exponential ones of either sign.

    Source: `jax.random.laplace`.

    >>> import unified as u
    >>> u.random.laplace((2, 3), key=u.random.key(0, backend="torch")).shape
    torch.Size([2, 3])
    """
    return draw("laplace", Laplace(), shape, dtype, key, stream)


def gamma(
    alpha: float, shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw gamma values with the shape `alpha` and scale one; `theta * gamma(alpha, shape)` has the scale `theta`.

    Values below the least normal number of the dtype are zero.

    Raises:
        TypeError: `alpha` is an array.
        ValueError: `alpha` is not between 2**-10 and 2**30.

    Source: `jax.random.gamma`.

    >>> import unified as u
    >>> draws = u.random.gamma(0.5, (1000,), key=u.random.key(0, backend="torch"))
    >>> bool(0.4 < draws.mean() < 0.6)
    True
    """
    return draw("gamma", Gamma(as_number("gamma", "alpha", alpha)), shape, dtype, key, stream)


def beta(
    a: float, b: float, shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw beta values, which lie between 0 and 1 and have the mean `a / (a + b)`.

    Raises:
        TypeError: `a` or `b` is an array.
        ValueError: `a` or `b` is not between 2**-10 and 2**30.

    Source: `jax.random.beta`.

    >>> import unified as u
    >>> draws = u.random.beta(1.0, 3.0, (1000,), key=u.random.key(0, backend="torch"))
    >>> bool(0.2 < draws.mean() < 0.3)
    True
    """
    return draw("beta", Beta(as_number("beta", "a", a), as_number("beta", "b", b)), shape, dtype, key, stream)


def dirichlet(
    alpha: Sequence[float], shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw vectors of probabilities with the concentrations `alpha`, numbers as in `gamma`.

    Returns:
        An array `(*shape, len(alpha))`, whose vectors sum to one.

    Raises:
        TypeError: `alpha` is an array of a framework, or no sequence of numbers.
        ValueError: `alpha` is empty, or has a number that is not between 2**-10 and 2**30.

    Source: `jax.random.dirichlet`.

    >>> import unified as u
    >>> u.random.dirichlet([0.1, 2.0, 3.0], (5,), key=u.random.key(0, backend="torch")).shape
    torch.Size([5, 3])
    """
    if (
        backends.of_array(alpha) is not None
        or getattr(alpha, "ndim", None) not in (None, 1)
        or not (hasattr(alpha, "__len__") and hasattr(alpha, "__getitem__"))
        or isinstance(alpha, (str, bytes, Mapping))
    ):
        raise TypeError(f"random.dirichlet: alpha is a sequence of numbers, got {shown(alpha)}")
    distribution = Dirichlet(tuple(as_number("dirichlet", "alpha", value) for value in alpha))
    return draw("dirichlet", distribution, (*as_shape("random.dirichlet", shape), len(alpha)), dtype, key, stream)


def poisson(
    lam: float, shape: ShapeLike = (), dtype: DType = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw numbers of events with the mean `lam`, as `int32` by default.

    Raises:
        TypeError: `lam` is an array, or `dtype` is neither one of integers nor a floating-point one.
        ValueError: `lam` is not between 0 and 2**24, or values would be beyond the dtype.

    Source: `jax.random.poisson`.

    >>> import unified as u
    >>> draws = u.random.poisson(3.0, (1000,), key=u.random.key(0, backend="torch"))
    >>> bool(2.8 < draws.float().mean() < 3.2)
    True
    """
    distribution = Poisson(as_number("poisson", "lam", lam))
    return draw("poisson", distribution, shape, "int32" if dtype is None else dtype, key, stream)


def categorical(
    logits: Array, axis: int = -1, shape: ShapeLike | None = None, *, key: Array | None = None, stream: str = ""
) -> Array:
    """Draw indices along `axis` of `logits`, with probabilities `softmax(logits, axis)`.

    Args:
        logits: an array of logarithms of probabilities, which need not sum to one.
        axis: the axis of the classes.
        shape: the shape of the result; it ends in that of `logits` without the axis, which is the default.
        key: a key; without one the draw is the body's.

    Raises:
        TypeError: `logits` is no array of real numbers, or `axis` no integer.
        ValueError: the shape does not end so, or there is no such axis, or no class along it.

    Source: `jax.random.categorical`.

    >>> import torch, unified as u
    >>> logits = torch.tensor([[0.0, -torch.inf], [-torch.inf, 0.0]])
    >>> u.random.categorical(logits, key=u.random.key(0, backend="torch")).tolist()
    [0, 1]
    """
    if not hasattr(logits, "shape") or dtype_name(logits.dtype).startswith("complex"):
        raise TypeError(f"random.categorical: logits is an array of real numbers, got {shown(logits)}")
    sizes, axis = tuple(logits.shape), as_integer("categorical", "axis", axis)
    position = axis if axis >= 0 else axis + len(sizes)
    if not 0 <= position < len(sizes):
        raise ValueError(f"random.categorical: logits of the shape {sizes} have no axis {axis}")
    batch = sizes[:position] + sizes[position + 1 :]
    if sizes[position] == 0:
        raise ValueError(f"random.categorical: logits of the shape {sizes} have no class along the axis {axis}")
    result = batch if shape is None else as_shape("random.categorical", shape)
    before = len(result) - len(batch)
    if before < 0 or result[before:] != batch:
        raise ValueError(f"random.categorical: the shape {result} does not end in {batch}, that of logits without axis")
    noise = draw("categorical", Gumbel(), (*result[:before], *sizes), "float32", key, stream)
    if isinstance(logits, np.ndarray):
        logits = _beside(noise, logits)
    return (logits + noise).argmax(before + position)


def choice(
    a: int | Array,
    shape: ShapeLike = (),
    replace: bool = True,
    p: Sequence[float] | None = None,
    *,
    key: Array | None = None,
    stream: str = "",
) -> Array:
    """Draw from the integers below `a`, or from the rows of an array `a`.

    Args:
        a: a number, or an array.
        shape: the shape of the draws, before that of a row.
        replace: whether a row may be drawn more than once.
        p: the probability of each; they are numbers, and need not sum to one. `categorical` takes arrays of logits.
        key: a key; without one the draw is the body's.

    Raises:
        TypeError: `a` is neither an integer nor an array with rows, or `p` has no numbers.
        ValueError: more draws than rows without replacement, or a `p` of another length or below zero.

    Source: `jax.random.choice`.

    >>> import unified as u
    >>> sorted(u.random.choice(3, (3,), replace=False, key=u.random.key(0, backend="torch")).tolist())
    [0, 1, 2]
    """
    count, array = count_of("choice", a), a
    sizes = as_shape("random.choice", shape)
    rows, draws = array.shape[0] if count is None else count, math.prod(sizes)  # type: ignore[union-attr]
    if rows < 1 or (not replace and draws > rows):
        raise ValueError(f"random.choice: {draws} of {rows} rows cannot be drawn{'' if replace else ', each once'}")
    if p is None and replace:
        index: Any = draw("choice", Randint(0, rows), sizes, "int32", key, stream)
    elif p is None:
        index = permutation(rows, key=key, stream=stream)[:draws].reshape(sizes)
    else:
        logits = _logits(p, rows)
        if not replace and draws > (drawable := sum(one > -math.inf for one in logits)):
            raise ValueError(f"random.choice: {draws} rows cannot be drawn, as {drawable} have a probability")
        noise: Any = draw("choice", Gumbel(), (*sizes, rows) if replace else (rows,), "float32", key, stream)
        scores = noise + _beside(noise, logits)
        index = scores.argmax(-1) if replace else (-scores).argsort()[:draws].reshape(sizes)
    return index if count is not None else array[index]  # type: ignore[index]


def _logits(p: Any, rows: int) -> list[float]:
    """Return the logarithms of the probabilities of `choice`; raise for what are none."""
    owner = backends.of_array(p)
    try:
        weights = [float(weight) for weight in (p if owner is None else owner.to_numpy(p))]
    except Exception as error:  # frameworks have classes of their own for values that are traced
        raise TypeError(
            f"random.choice: p are numbers, got {shown(p)}: take categorical(logits) for an array that is traced"
        ) from error
    if len(weights) != rows or not all(0 <= weight < math.inf for weight in weights) or not any(weights):
        raise ValueError(f"random.choice: p is a probability for each of {rows} rows, got {p!r}")
    return [math.log(weight) if weight else -math.inf for weight in weights]


def _beside(values: Any, numbers: Any) -> Any:
    """Return numbers, or an array of NumPy, as an array of the framework and on the device of `values`."""
    owner = backends.of_array(values)
    if owner is None:  # of a trace of torch.fx
        owner = current_scope("random").frame.backend
        return owner.numpy.asarray(numbers, dtype="float32")
    return owner.numpy.asarray(numbers, dtype="float32", device=owner.placement(values))


@overload
def fold_in(params: Params, number: int | Array) -> Params: ...
@overload
def fold_in(params: Array, number: int | Array) -> Array: ...
def fold_in(params: Any, number: Any) -> Any:
    """Return the params, or a key, with other random keys for each `number`, such as the index of a device.

    On JAX `jax.lax.axis_index("data")` is such a number within `shard_map`, `pmap` or `vmap`. Params without a
    collection `rng` stay as they are.

    Args:
        params: the variables of a model, or a key.
        number: an integer, of which the lowest 32 bits count, or an array of one without axes.

    Raises:
        TypeError: the key of the params is no array of a framework, or `number` no integer.

    Source: `jax.random.fold_in`, whose bits the result has for a key.

    >>> import numpy as np, unified as u
    >>> net = u.transform(lambda x: u.Dropout(0.5)(x), backend="jax")
    >>> x = np.ones(8, np.float32)
    >>> params = net.init(x, rng=0)
    >>> a, b = (net.apply(u.random.fold_in(params, n), x, training=True)[0] for n in range(2))
    >>> bool((a == b).all())
    False
    """
    if backends.of_array(number) is None:
        number = np.uint32(as_integer("fold_in", "number", number) & threefry.MASK)
    elif tuple(number.shape) or not dtype_name(number.dtype).startswith(("int", "uint")):
        raise TypeError(
            f"random.fold_in: number is one integer, got {dtype_name(number.dtype)}{list(number.shape)}: map over "
            "several by unified.vmap"
        )
    if not isinstance(params, Params):
        owner, key = owned("fold_in", params)
        return owner.derive_keys(key, 0, number)
    if KEY not in params:
        return params
    keys = {}
    for path in (KEY, *map(key_path, named_streams(params))):
        backend = backends.of_array(params[path])
        if backend is None:
            raise TypeError(
                f"{path!r} is no array of a framework but a {type(params[path]).__name__}: params.to('jax')"
            )
        keys[path] = backend.fold_in(params[path], number)
    return params.update(keys)


def permutation(x: int | Array, *, key: Array | None = None, stream: str = "") -> Array:
    """Return the integers below `x`, or the rows of an array `x`, in random order.

    Args:
        x: a number, or an array with rows.
        key: a key; without one the order is the body's.

    Raises:
        TypeError: `x` is neither an integer nor an array with rows.
        ValueError: `x` is negative.

    Source: `jax.random.permutation`.

    >>> import unified as u
    >>> sorted(u.random.permutation(4, key=u.random.key(0, backend="torch")).tolist())
    [0, 1, 2, 3]
    """
    count, array = count_of("permutation", x), x
    rows = array.shape[0] if count is None else count  # type: ignore[union-attr]
    check_stream_name("permutation", stream)
    if key is not None:
        refuse_both("permutation", stream)
        backend, key = owned("permutation", key)
        order = backend.permutation(backend.key_words(key), rows)
    else:
        scope = running_scope("permutation")
        order = scope.frame.permutation(rows, scope.frame.next_draw(scope.path, stream))
    return array[order] if count is None else order  # type: ignore[index]


def shuffle(x: Array, *, key: Array | None = None, stream: str = "") -> Array:
    """Return the rows of an array in random order; the array itself stays as it is.

    Raises:
        TypeError: `x` has no rows; `permutation` takes a number too.

    Source: `jax.random.permutation` of an array.

    >>> import torch, unified as u
    >>> u.random.shuffle(torch.eye(3), key=u.random.key(0, backend="torch")).sum(0)
    tensor([1., 1., 1.])
    """
    if not getattr(x, "shape", ()):
        raise TypeError(
            f"random.shuffle takes an array with rows, got {shown(x)}: permutation(n) orders the integers below n"
        )
    return permutation(x, key=key, stream=stream)


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name("unified.random", name, __all__)
