"""Functions that draw random numbers: dropout and samples of classes.

In a body they draw at the current scope, as `unified.random` does. Outside of one they draw from torch's generator on
torch and raise `NoActiveTransformError` on JAX.
"""

def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Return `input` with a SELU's least value for values drawn at random, rescaled to keep the mean and variance.

    Args:
        input: an array of any shape, such as the output of `selu`.
        p: the probability with which a value is replaced, from 0 to 1.
        training: whether anything is replaced; without it the input is returned.

    Source: `torch.nn.functional.alpha_dropout`; Klambauer et al. (2017).

    >>> F.alpha_dropout(torch.tensor([1.0, 2.0]), training=False)
    tensor([1., 2.])
    """

def dropout(input, p=0.5, training=True, inplace=False):
    """Return `input` with zeros for values drawn at random, and the others divided by `1 - p`.

    A body passes `training=u.is_training()`; the layer `unified.Dropout` does so by itself.

    Args:
        input: an array of any shape.
        p: the probability of a zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout`; Srivastava et al. (2014).

    >>> sorted(set(F.dropout(torch.ones(100)).tolist()))
    [0.0, 2.0]
    """

def dropout1d(input, p=0.5, training=True, inplace=False):
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout1d`; Tompson et al. (2014).

    >>> channels = F.dropout1d(torch.ones(4, 8, 3)).sum(-1)
    >>> set(channels.flatten().tolist()) <= {0.0, 6.0}
    True
    """

def dropout2d(input, p=0.5, training=True, inplace=False):
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, H, W)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout2d`; Tompson et al. (2014).

    >>> F.dropout2d(torch.ones(1, 3, 2, 2), p=1.0).sum()
    tensor(0.)
    """

def dropout3d(input, p=0.5, training=True, inplace=False):
    """Return `input` with zeros for whole channels drawn at random, and the others divided by `1 - p`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        p: the probability with which a channel becomes zero, from 0 to 1.
        training: whether anything is dropped; without it the input is returned.

    Source: `torch.nn.functional.dropout3d`; Tompson et al. (2014).

    >>> F.dropout3d(torch.ones(1, 3, 2, 2, 2), p=1.0).sum()
    tensor(0.)
    """

def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Return `input` after `alpha_dropout` of whole channels.

    Args:
        input: an array `(N, C, ...)`.
        p: the probability with which a channel is replaced, from 0 to 1.
        training: whether anything is replaced; without it the input is returned.

    >>> F.feature_alpha_dropout(torch.ones(2, 3, 4), training=True)[0, 0].unique().shape
    torch.Size([1])
    """

def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Return a sample of each distribution of classes, relaxed so that gradients flow through it.

    Args:
        logits: logarithms of probabilities, which need not sum to one; an array of any shape.
        tau: the temperature: the lower, the nearer to zeros and a one.
        hard: whether the output has zeros and ones, with the gradient of the relaxed sample.
        eps: without effect; torch deprecates it.
        dim: the axis of the classes.

    Returns:
        An array of the shape of `logits` that sums to one along `dim`.

    Source: `torch.nn.functional.gumbel_softmax`; Jang et al. (2016).

    >>> F.gumbel_softmax(torch.tensor([[-1e9, 0.0], [0.0, -1e9]]), hard=True)
    tensor([[0., 1.],
            [1., 0.]])
    """
