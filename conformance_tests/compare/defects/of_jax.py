"""Defects between a module of PyTorch and an implementation in Flax, nnx, Haiku or plain JAX."""

import flax.linen as fnn
import haiku as hk
import jax
import jax.numpy as jnp
import torch.nn.functional as F
from flax import nnx
from torch import nn

from conformance_tests.compare.defects.defect import Defect, defect, mapping
from conformance_tests.compare.defects.of_torch import IMAGE, SEQUENCE, Net, Resized, X
from conformance_tests.compare.pairs.pair import normal, trained
from unified.testing import sides

IMAGES = {"layouts": {0: "NCHW->NHWC"}}
LINEAR = ', axes = "o i -> i o"'
CONV = ', axes = "o i h w -> h w i o"'
FLAT = ', axes = "o (c h w) -> (h w c) o", c = 4, h = 4, w = 4'


class FlaxNet(fnn.Module):
    between: object

    @fnn.compact
    def __call__(self, x, train=False):
        x = self.between(fnn.Dense(6, name="first")(x), train)
        return fnn.Dense(4, name="second")(x)


def of_flax(module, between, layer, cause, rules, x=X, left=(), **options):
    net = FlaxNet(between)
    variables = net.init(jax.random.key(0), x)
    rules = [f"{name}.weight = params/{name}/kernel{LINEAR}" for name in ("first", "second")] + rules
    rules += [f"{name}.bias = params/{name}/bias" for name in ("first", "second")]
    first, second = sides.torch(trained(Net(module))), sides.flax(net, variables)
    return Defect(first, second, (x,), layer, cause, mapping("flax", rules, left), options)


NORM = ["between.weight = params/norm/scale", "between.bias = params/norm/bias"]


@defect
def flax_epsilon():
    def norm(x, train):
        return fnn.LayerNorm(epsilon=1e-2, name="norm")(x)

    return of_flax(nn.LayerNorm(6), norm, "between", "epsilon", NORM)


@defect
def flax_momentum():
    def norm(x, train):
        return fnn.BatchNorm(use_running_average=not train, momentum=0.1, name="norm")(x)

    rules = [*NORM, "between.running_mean = batch_stats/norm/mean", "between.running_var = batch_stats/norm/var"]
    left = ["between.num_batches_tracked"]
    return of_flax(nn.BatchNorm1d(6), norm, "between.running_mean", "momentum", rules, left=left, training=True)


@defect
def flax_gelu():
    return of_flax(nn.GELU(), lambda x, train: fnn.gelu(x), "between", "gelu's approximate", [], 3 * X)


@defect
def flax_missing_bias():
    def layer(x, train):
        return fnn.Dense(6, use_bias=False, name="middle")(x)

    rules = [f"between.weight = params/middle/kernel{LINEAR}"]
    return of_flax(nn.Linear(6, 6), layer, "between", "bias", rules, left=["between.bias"])


@defect
def flax_dropout_left_on():
    def layer(x, train):
        return jnp.where(jax.random.bernoulli(jax.random.key(0), 0.6, x.shape), x / 0.6, 0)

    return of_flax(nn.Dropout(0.4), layer, "between", "dropout left on", [])


class Convolved(nn.Module):
    def __init__(self, pool=None):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=1 if pool else 2, padding=1)
        self.pool, self.head = pool or nn.Identity(), nn.Linear(64, 5)

    def forward(self, x):
        return self.head(self.pool(self.conv(x)).flatten(1))


class FlaxConvolved(fnn.Module):
    pool: bool = False
    order: tuple = (0, 1, 2, 3)
    padding: object = "SAME"

    @fnn.compact
    def __call__(self, x):
        x = fnn.Conv(4, (3, 3), 1 if self.pool else 2, self.padding, name="conv")(x)
        x = fnn.max_pool(x, (3, 3), (2, 2), "SAME") if self.pool else x
        return fnn.Dense(5, name="head")(x.transpose(self.order).reshape(len(x), -1))


def convolved(first, second, layer, cause):
    variables = second.init(jax.random.key(0), IMAGE.transpose(0, 2, 3, 1))
    rules = [f"conv.weight = params/conv/kernel{CONV}", "conv.bias = params/conv/bias"]
    rules += [f"head.weight = params/head/kernel{FLAT}", "head.bias = params/head/bias"]
    first, second = sides.torch(trained(first)), sides.flax(second, variables)
    return Defect(first, second, (IMAGE,), layer, cause, mapping("flax", rules), IMAGES)


@defect
def flax_padding():
    return convolved(Convolved(), FlaxConvolved(), "conv", "padding")


@defect
def flax_pool_padding():
    return convolved(Convolved(nn.MaxPool2d(3, 2, 1)), FlaxConvolved(pool=True), "pool", "padding")


@defect
def flax_flatten_order():
    second = FlaxConvolved(order=(0, 3, 1, 2), padding=[(1, 1), (1, 1)])
    return convolved(Convolved(), second, "head", "flatten order")


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return x + nn.functional.gelu(self.conv(x))


class FlaxResidual(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        return x + fnn.gelu(fnn.Conv(8, (3, 3), name="conv")(x))


class FlaxStemAndResidual(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        return FlaxResidual(name="block")(fnn.Conv(8, (3, 3), name="stem")(x))


@defect
def flax_gelu_of_large_images():
    """More numbers than are all compared, with channels first and last: the block stands beside the block."""
    images = normal(4, 3, 16, 12)
    variables = FlaxStemAndResidual().init(jax.random.key(0), images.transpose(0, 2, 3, 1))
    layers = {"0": "stem", "1.conv": "block/conv"}
    rules = [f"{one}.weight = params/{two}/kernel{CONV}" for one, two in layers.items()]
    rules += [f"{one}.bias = params/{two}/bias" for one, two in layers.items()]
    first = sides.torch(trained(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), Residual())))
    second = sides.flax(FlaxStemAndResidual(), variables)
    return Defect(first, second, (images,), "1", "gelu's approximate", mapping("flax", rules), IMAGES)


def of_haiku(module, net, layer, cause, rules, x, **options):
    transformed = hk.transform(net)
    params = transformed.init(jax.random.key(0), x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)
    first, second = sides.torch(trained(module)), sides.haiku(transformed, params)
    return Defect(first, second, (x,), layer, cause, mapping("haiku", rules), options)


@defect
def haiku_epsilon():
    def net(x):
        x = hk.Linear(6, name="first")(x)
        x = hk.LayerNorm(-1, True, True, eps=1e-2, name="norm")(x)
        return hk.Linear(4, name="second")(x)

    rules = [f"{name}.weight = params/{name}/w{LINEAR}" for name in ("first", "second")]
    rules += [f"{name}.bias = params/{name}/b" for name in ("first", "second")]
    rules += ["between.weight = params/norm/scale", "between.bias = params/norm/offset"]
    return of_haiku(Net(nn.LayerNorm(6)), net, "between", "epsilon", rules, X)


@defect
def haiku_padding():
    def net(x):
        x = hk.Conv2D(4, 3, stride=2, name="conv")(x)
        return hk.Linear(5, name="head")(x.reshape(len(x), -1))

    rules = [f"conv.weight = params/conv/w{CONV}", "conv.bias = params/conv/b"]
    rules += [f"head.weight = params/head/w{FLAT}", "head.bias = params/head/b"]
    return of_haiku(Convolved(), net, "conv", "padding", rules, IMAGE, **IMAGES)


class NnxNet(nnx.Module):
    def __init__(self, rngs):
        self.first, self.second = nnx.Linear(5, 6, rngs=rngs), nnx.Linear(6, 4, rngs=rngs)
        self.between = nnx.LayerNorm(6, epsilon=1e-2, rngs=rngs)

    def __call__(self, x):
        return self.second(self.between(self.first(x)))


@defect
def nnx_epsilon():
    rules = [f"{name}.weight = {name}/kernel{LINEAR}" for name in ("first", "second")]
    rules += [f"{name}.bias = {name}/bias" for name in ("first", "second", "between")]
    rules += ["between.weight = between/scale"]
    first, second = sides.torch(trained(Net(nn.LayerNorm(6)))), sides.nnx(NnxNet(nnx.Rngs(0)))
    return Defect(first, second, (X,), "between", "epsilon", mapping("nnx", rules))


class Attention(nn.Module):
    """Attention by torch's fused function."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(4, 4) for _ in range(4))

    def forward(self, x):
        q, k, v = (layer(x).unflatten(-1, (2, 2)).transpose(1, 2) for layer in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(q, k, v, x.new_ones(x.shape[1], x.shape[1]).tril().bool())
        return self.out(y.transpose(1, 2).flatten(2))


def of_function(change, layer, cause):
    def attention(params, x):
        def heads(name):
            return (x @ params[name]["w"] + params[name]["b"]).reshape(*x.shape[:2], 2, 2).transpose(0, 2, 1, 3)

        mask = jnp.tril(jnp.ones((x.shape[1],) * 2, bool))
        logits = heads("query") @ heads("key").swapaxes(2, 3) * (0.5 if change == "scale" else 2**-0.5)
        logits = jnp.where(~mask if change == "mask" else mask, logits, -1e9)
        weights = jax.nn.softmax(logits.astype(jnp.bfloat16 if change == "dtype" else jnp.float32))
        y = (weights.astype(jnp.float32) @ heads("value")).transpose(0, 2, 1, 3).reshape(x.shape)
        w = params["out"]["w"]
        return y @ (w.T if change == "transposed" else w) + params["out"]["b"]

    names = ("query", "key", "value", "out")
    params = {name: {"w": normal(4, 4), "b": normal(4)} for name in names}
    rules = [f"{name}.weight = {name}/w{LINEAR}" for name in names] + [f"{name}.bias = {name}/b" for name in names]
    first, second = sides.torch(trained(Attention())), sides.function(attention, params)
    return Defect(first, second, (SEQUENCE,), layer, cause, mapping("function", rules))


@defect
def function_scale():
    return of_function("scale", "scaled_dot_product_attention", "attention scale")


@defect
def function_mask():
    return of_function("mask", "scaled_dot_product_attention", "mask")


@defect
def function_softmax_dtype():
    return of_function("dtype", "scaled_dot_product_attention", "dtype of softmax")


@defect
def function_transposed_weight():
    return of_function("transposed", "out", "transposed weight")


@defect
def function_interpolation_corners():
    def resized(params, x):
        x = jnp.einsum("nchw,oc->nohw", x, params["w"]) + params["b"][:, None, None]
        x = jax.image.resize(x, (*x.shape[:2], 16, 16), "linear")
        return jax.lax.conv(x, params["v"], (1, 1), "VALID") + params["c"][:, None, None]

    params = {"w": normal(4, 3), "b": normal(4), "v": normal(2, 4, 3, 3), "c": normal(2)}
    rules = ['before.weight = w, axes = "o c 1 1 -> o c"', "before.bias = b", "after.weight = v", "after.bias = c"]
    first, second = sides.torch(trained(Resized(align_corners=True))), sides.function(resized, params)
    cause = "interpolation corners"
    return Defect(first, second, (IMAGE,), "interpolate", cause, mapping("function", rules))
