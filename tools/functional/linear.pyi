"""Linear maps, and rows of tables."""

def bilinear(input1, input2, weight, bias=None):
    """Return `input1 @ weight[o] @ input2 + bias[o]` for each output `o`.

    Args:
        input1: an array `(..., I)`.
        input2: an array `(..., J)`, with the other axes of `input1`.
        weight: an array `(out, I, J)`.
        bias: an array `(out,)`.

    Returns:
        An array `(..., out)`.

    >>> F.bilinear(torch.tensor([[2.0]]), torch.tensor([[3.0]]), torch.ones(1, 1, 1), torch.ones(1))
    tensor([[7.]])
    """

def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """Return the rows of `weight` at the indices `input`.

    An index out of range raises on torch, and returns NaN on JAX, which cannot raise for a value.

    Args:
        input: integers of any shape.
        weight: a table `(rows, features)`.
        padding_idx: a row that gets no gradient.
        max_norm: the greatest norm of a row that is returned; torch also overwrites the longer rows of `weight` itself.
        norm_type: the degree of that norm.
        scale_grad_by_freq: whether the gradient of a row is divided by the number of its uses.
        sparse: whether torch's gradient of `weight` is a sparse tensor; on JAX it is dense.

    Returns:
        An array `(*input.shape, features)`.

    >>> F.embedding(torch.tensor([2, 0]), torch.tensor([[1.0], [2.0], [3.0]]))
    tensor([[3.],
            [1.]])
    """

def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """Return the mean, sum or maximum of the rows of `weight` for each bag of indices; zeros for an empty bag.

    Args:
        input: integers `(N, B)`, a bag in each row, or all bags one after the other, `(L,)`, with `offsets`.
        weight: a table `(rows, features)`.
        offsets: where each bag begins, `(N,)`.
        max_norm: the greatest norm of a row, as in `embedding`.
        norm_type: the degree of that norm.
        scale_grad_by_freq: whether the gradient of a row is divided by the number of its uses; not for `"max"`.
        mode: `"mean"`, `"sum"` or `"max"`.
        sparse: whether torch's gradient of `weight` is a sparse tensor; on JAX it is dense.
        per_sample_weights: a factor for each index, of the shape of `input`, for `mode="sum"` alone.
        include_last_offset: whether the last of `offsets` is the end of the last bag.
        padding_idx: an index that counts for nothing.

    Returns:
        An array `(N, features)`.

    >>> table = torch.tensor([[1.0], [2.0], [4.0]])
    >>> F.embedding_bag(torch.tensor([0, 1, 2]), table, torch.tensor([0, 2]), mode="sum")
    tensor([[3.],
            [4.]])
    """

def linear(input, weight, bias=None):
    """Return `input @ weight.T + bias`.

    Args:
        input: an array `(..., in)`.
        weight: an array `(out, in)`, or `(in,)` for an output without the last axis.
        bias: an array `(out,)`.

    Returns:
        An array `(..., out)`.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.linear(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 4.0]]), torch.tensor([0.5]))
    tensor([11.5000])
    >>> F.linear(jnp.array([1.0, 2.0]), jnp.array([[3.0, 4.0]]), jnp.array([0.5]))
    Array([11.5], dtype=float32)
    """

def one_hot(tensor, num_classes=-1):
    """Return integers that are zero, with a one at the position of each class.

    Args:
        tensor: integers of any shape, from 0.
        num_classes: the number of classes; by default one more than the greatest integer, whose value must be known,
            so that a program of `jax.jit` has to pass it.

    Returns:
        An array `(*tensor.shape, num_classes)`; `unified.numpy.one_hot` returns floating-point numbers.

    >>> F.one_hot(torch.tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
