"""Losses.

`reduction` is `"none"` for a loss of each value, `"mean"` for their mean or `"sum"` for their sum. `size_average` and
`reduce` are torch's older arguments for the same, which take precedence where they are passed.
"""

def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Return minus the log-probability of targets, from the probabilities of true.

    Logarithms are cut off at -100. A probability outside of 0 to 1 raises on torch, and is NaN on JAX.

    Args:
        input: probabilities, of any shape.
        target: numbers from 0 to 1, of the shape of `input`.
        weight: factors of the losses, which broadcast to `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.binary_cross_entropy(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 1.0]))
    tensor(0.6931)
    """

def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """Return minus the log-probability of targets, from the logits of true, without overflow.

    Args:
        input: logits, of any shape.
        target: numbers from 0 to 1, of the shape of `input`.
        weight: factors of the losses, which broadcast to `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        pos_weight: factors of the losses of ones, which broadcast to `input`.

    Raises:
        ValueError: the shapes of `input` and `target` differ.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([1000.0]), torch.tensor([0.0]))
    tensor(1000.)
    """

def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """Return `1 - cosine` for pairs that belong together, and `max(0, cosine - margin)` for the others.

    Args:
        input1: vectors `(N, D)`, or one, `(D,)`.
        input2: vectors of the same shape.
        target: 1 for pairs that belong together, -1 for others; `(N,)`, or one number.
        margin: the cosine up to which other pairs cost nothing.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> x = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> F.cosine_embedding_loss(x, x, torch.tensor([1, -1]), reduction="none").round(decimals=3)
    tensor([0., 1.])
    """

def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    """Return the cosine of the angle between vectors.

    Args:
        x1: an array of any shape.
        x2: an array that broadcasts with `x1`.
        dim: the axis of the vectors, which the result lacks.
        eps: the least length by which is divided.

    >>> F.cosine_similarity(torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0, 8.0]])).round(decimals=3)
    tensor([1.])
    """

def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """Return minus the log-probability of classes, from logits.

    A class out of range raises on torch, and its loss is NaN on JAX, which cannot raise for a value.

    Args:
        input: logits `(C,)`, `(N, C)` or `(N, C, ...)`.
        target: integer classes of the shape without `C`, or probabilities of the shape of `input`.
        weight: the weight of each class, `(C,)`; the mean over classes is weighted by it.
        ignore_index: a class whose samples cost nothing and do not count in the mean.
        reduction: `"none"`, `"mean"` or `"sum"`.
        label_smoothing: how much of each target, from 0 to 1, is divided among all classes.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3]))
    tensor(1.3863)
    >>> F.cross_entropy(jnp.zeros((2, 4)), jnp.array([0, 3]))
    Array(1.3862944, dtype=float32)
    """

def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """Return minus the log-probability of sequences, summed over all their alignments with the input.

    As torch defines it, the gradient is that of the logits of which `log_probs` is the `log_softmax`.

    Args:
        log_probs: log-probabilities of `C` classes at `T` times, `(T, N, C)` or `(T, C)`.
        targets: classes, `(N, S)`, or all sequences one after the other.
        input_lengths: the number of times of each sample, `(N,)`.
        target_lengths: the length of each sequence, `(N,)`.
        blank: the class that is no symbol.
        reduction: `"none"`, `"sum"`, or `"mean"` of the losses divided by the lengths of their targets.
        zero_infinity: whether a sequence that is too long for its input costs nothing, instead of infinity.

    Source: `torch.nn.functional.ctc_loss`; Graves et al. (2006).

    >>> log_probs = torch.full((2, 1, 2), 0.5).log()
    >>> F.ctc_loss(log_probs, torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1])).exp()
    tensor(1.3333)
    """

def gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction="mean"):
    """Return minus the log-likelihood of normal values.

    A negative variance raises on torch, and is NaN on JAX; a negative number raises on both.

    Args:
        input: the means, of any shape.
        target: the values, which broadcast with `input`.
        var: the variances: of the shape of `input`, with a last axis of size 1, without it, or one number.
        full: whether the constant `log(2 * pi) / 2` is added.
        eps: the least variance.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.gaussian_nll_loss(torch.tensor([0.0]), torch.tensor([2.0]), torch.tensor([1.0]))
    tensor(2.)
    """

def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """Return `input` where the target is 1, and `max(0, margin - input)` where it is -1.

    Args:
        input: distances, of any shape.
        target: 1 or -1 for each.
        margin: the distance beyond which targets of -1 cost nothing.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.hinge_embedding_loss(torch.tensor([0.25, 0.25]), torch.tensor([1, -1]), reduction="none")
    tensor([0.2500, 0.7500])
    """

def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Return half of squared differences up to `delta`, and beyond it the straight line that continues them.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        delta: the difference from which on the loss is linear, of slope `delta`; positive.
        weight: factors of the losses, of the shape of `input`.

    Source: `torch.nn.functional.huber_loss`; Huber (1964).

    >>> F.huber_loss(torch.tensor([1.0, 3.0]), torch.zeros(2), reduction="none", delta=2.0)
    tensor([0.5000, 4.0000])
    """

def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """Return the divergence of the distribution `target` from log-probabilities.

    Args:
        input: log-probabilities, of any shape.
        target: probabilities, which broadcast with `input`.
        reduction: `"none"`, `"sum"`, `"batchmean"` (the sum divided by the batch size: the divergence) or `"mean"`,
            which divides by the number of values and warns.
        log_target: whether `target` holds log-probabilities too.

    >>> p, q = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.25, 0.75]])
    >>> F.kl_div(q.log(), p, reduction="batchmean")
    tensor(0.1438)
    """

def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Return absolute differences; the gradient of equal values is zero.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        weight: factors of the losses; the mean is weighted by them.

    >>> F.l1_loss(torch.tensor([1.0, 5.0]), torch.tensor([2.0, 2.0]))
    tensor(2.)
    """

def linear_cross_entropy(
    input,
    linear_weight,
    target,
    *,
    linear_bias=None,
    weight=None,
    reduction="mean",
    ignore_index=None,
    label_smoothing=0.0,
    options=None,
):
    """Return the `cross_entropy` of the logits of a linear layer.

    Args:
        input: features `(features,)` or `(N, features)`.
        linear_weight: the weight of the layer, `(C, ..., features)`.
        target: classes or probabilities, as in `cross_entropy`.
        linear_bias: the bias of the layer, `(C, ...)`.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`.
        ignore_index: a class whose samples cost nothing; not for probabilities.
        label_smoothing: how much of each target is divided among all classes.
        options: how torch splits the computation; without effect on JAX.

    >>> F.linear_cross_entropy(torch.zeros(2, 3), torch.ones(4, 3), torch.tensor([0, 1]))
    tensor(1.3863)
    """

def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """Return `max(0, margin - target * (input1 - input2))`.

    Args:
        input1: scores, of any shape.
        input2: scores of as many axes.
        target: 1 where `input1` should be greater, -1 where `input2` should.
        margin: by how much.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.margin_ranking_loss(torch.tensor([3.0]), torch.tensor([1.0]), torch.tensor([-1]))
    tensor(2.)
    """

def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Return squared differences.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        weight: factors of the losses; the mean is weighted by them.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.mse_loss(torch.tensor([1.0, 5.0]), torch.tensor([2.0, 2.0]))
    tensor(5.)
    >>> F.mse_loss(jnp.array([1.0, 5.0]), jnp.array([2.0, 2.0]))
    Array(5., dtype=float32)
    """

def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Return the sum of `max(0, margin - (x[target] - x[other])) ** p` over the other classes, divided by `C`.

    Args:
        input: scores `(C,)` or `(N, C)`.
        target: a class for each sample, one number or `(N,)`.
        p: the exponent, 1 or 2.
        margin: by how much the score of the target should be greater.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.multi_margin_loss(torch.tensor([[0.0, 2.0, 1.5, 0.0]]), torch.tensor([1]))
    tensor(0.1250)
    """

def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Return the sum of `max(0, 1 - (x[target] - x[other]))` over targets and other classes, divided by `C`.

    Args:
        input: scores `(C,)` or `(N, C)`.
        target: the classes of each sample up to the first -1, of the shape of `input`.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.multilabel_margin_loss(torch.tensor([0.0, 2.0, 1.5, 0.0]), torch.tensor([1, -1, 0, 0]))
    tensor(0.1250)
    """

def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Return minus the log-probability of targets from logits, averaged over the classes.

    Args:
        input: logits `(N, C)`.
        target: numbers from 0 to 1, `(N, C)`.
        weight: the weight of each class, `(C,)`.
        reduction: `"none"`, `"mean"` or `"sum"`, of the samples.

    >>> F.multilabel_soft_margin_loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 1.0]]))
    tensor(0.6931)
    """

def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """Return minus the log-probability of classes, from log-probabilities.

    A class out of range raises on torch, and its loss is NaN on JAX, which cannot raise for a value.

    Args:
        input: log-probabilities `(C,)`, `(N, C)` or `(N, C, ...)`.
        target: integer classes of the shape without `C`.
        weight: the weight of each class, `(C,)`; the mean is weighted by it.
        ignore_index: a class whose samples cost nothing and do not count in the mean.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.nll_loss(torch.tensor([[-1.0, -2.0], [-3.0, -4.0]]), torch.tensor([1, 0]))
    tensor(2.5000)
    """

def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    """Return the norm of `x1 - x2 + eps` along the last axis.

    Args:
        x1: an array `(..., D)`.
        x2: an array that broadcasts with `x1`.
        p: the degree of the norm.
        eps: a small number that is added to each difference.
        keepdim: whether the last axis stays, with size 1.

    Returns:
        An array `(...)`, or `(..., 1)`.

    >>> F.pairwise_distance(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2)).round(decimals=3)
    tensor([5.])
    """

def pdist(input, p=2.0):
    """Return the norm of the difference of each row to each later row.

    Args:
        input: an array `(N, D)`.
        p: the degree of the norm, not negative.

    Returns:
        A vector `(N * (N - 1) / 2,)`, in the order of the pairs (0, 1), (0, 2), ..., (1, 2), ...

    >>> F.pdist(torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])
    """

def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction="mean"
):
    """Return minus the log-likelihood of counts, without the logarithm of their factorial.

    Args:
        input: logarithms of the expected counts, or the counts themselves, of any shape.
        target: the counts, which broadcast with `input`.
        log_input: whether `input` holds logarithms.
        full: whether Stirling's approximation of that factorial is added for counts above 1.
        eps: a number that is added to the expected counts before their logarithm.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.poisson_nll_loss(torch.tensor([0.0]), torch.tensor([3.0]))
    tensor(1.)
    """

def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Return `difference**2 / (2 * beta)` up to `beta`, and beyond it the straight line that continues it, of slope 1.

    Args:
        input: an array of any shape.
        target: an array that broadcasts with `input`, with a warning if the shapes differ.
        reduction: `"none"`, `"mean"` or `"sum"`.
        beta: the difference from which on the loss is linear; not negative, and zero for `l1_loss`.

    Source: `torch.nn.functional.smooth_l1_loss`; Girshick (2015).

    >>> F.smooth_l1_loss(torch.tensor([1.0, 3.0]), torch.zeros(2), reduction="none")
    tensor([0.5000, 2.5000])
    """

def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Return `log(1 + exp(-target * input))`, which overflows to infinity for great logits of the wrong sign.

    Args:
        input: logits, of any shape.
        target: 1 or -1 for each.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> F.soft_margin_loss(torch.tensor([0.0, 0.0]), torch.tensor([1, -1]))
    tensor(0.6931)
    """

def triplet_margin_loss(
    anchor,
    positive,
    negative,
    margin=1.0,
    p=2,
    eps=1e-06,
    swap=False,
    size_average=None,
    reduce=None,
    reduction="mean",
):
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with the norm of the difference as `d`.

    Args:
        anchor: vectors `(N, D)` or `(D,)`.
        positive: vectors that should be near.
        negative: vectors that should be farther away.
        margin: by how much; positive.
        p: the degree of the norm.
        eps: a small number that is added to each difference.
        swap: whether the distance of `positive` and `negative` counts instead, where it is less.
        reduction: `"none"`, `"mean"` or `"sum"`.

    Source: `torch.nn.functional.triplet_margin_loss`; Balntas et al. (2016).

    >>> near, far = torch.tensor([[1.0]]), torch.tensor([[3.0]])
    >>> F.triplet_margin_loss(torch.zeros(1, 1), near, far, margin=4.0).round(decimals=3)
    tensor(2.)
    """

def triplet_margin_with_distance_loss(
    anchor,
    positive,
    negative,
    *,
    distance_function=None,
    margin=1.0,
    swap=False,
    reduction="mean",
):
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with any distance `d`.

    Args:
        anchor: an array of any shape that the distance takes.
        positive: what should be near.
        negative: what should be farther away.
        distance_function: a function of two arrays; by default `pairwise_distance`.
        margin: by how much; positive.
        swap: whether the distance of `positive` and `negative` counts instead, where it is less.
        reduction: `"none"`, `"mean"` or `"sum"`.

    >>> x = torch.tensor([[1.0]])
    >>> F.triplet_margin_with_distance_loss(
    ...     x, x, 3 * x, distance_function=lambda a, b: (a - b).abs().sum(-1), margin=5.0
    ... )
    tensor(3.)
    """
