"""Pairs of convolutional networks: layouts of kernels, flattened features, norms with statistics, flipped kernels."""

import flax.linen as fnn
import haiku as hk
import jax
import jax.numpy as jnp
import torch
from torch import nn

from conformance_tests.compare.pairs.pair import Pair, normal, pair, trained
from unified.testing import sides

LAYOUT = {0: "NCHW->NHWC"}


def channels_last(x):
    return x.transpose(0, 2, 3, 1)


class ConvNet(nn.Module):
    """Two convolutions of one size with norms, and a classifier of the flattened features."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.fc = nn.Linear(6 * 4 * 4, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        return self.fc(torch.relu(self.bn2(self.conv2(x))).flatten(1))


class LinenConvNet(fnn.Module):
    @fnn.compact
    def __call__(self, x, train=False):
        for number in range(2):
            x = fnn.Conv(6, (3, 3), use_bias=False)(x)
            x = fnn.relu(fnn.BatchNorm(use_running_average=not train, momentum=0.9)(x))
            x = fnn.max_pool(x, (2, 2), (2, 2)) if number == 0 else x
        return fnn.Dense(5)(x.reshape(len(x), -1))


@pair
def convnet_linen():
    module, x = LinenConvNet(), normal(2, 3, 8, 8)
    second = sides.flax(module, module.init(jax.random.key(0), channels_last(x)))
    return Pair(sides.torch(trained(ConvNet())), second, (x,), LAYOUT)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """ResNet-18 with the names of torchvision's, and widths that a test can afford."""

    def __init__(self, width=8, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        inputs = width
        for number in range(4):
            outputs, stride = width * 2**number, 1 if number == 0 else 2
            blocks = (BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))
            setattr(self, f"layer{number + 1}", nn.Sequential(*blocks))
            inputs = outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class LinenResNetBlock(fnn.Module):
    features: int
    stride: int

    @fnn.compact
    def __call__(self, x, train):
        def norm(name=None):
            return fnn.BatchNorm(use_running_average=not train, momentum=0.9, epsilon=1e-5, name=name)

        pad = [(1, 1), (1, 1)]
        y = fnn.Conv(self.features, (3, 3), (self.stride,) * 2, padding=pad, use_bias=False)(x)
        y = fnn.Conv(self.features, (3, 3), padding=pad, use_bias=False)(fnn.relu(norm()(y)))
        y = norm()(y)
        if x.shape != y.shape:
            x = fnn.Conv(self.features, (1, 1), (self.stride,) * 2, use_bias=False, name="conv_proj")(x)
            x = norm("norm_proj")(x)
        return fnn.relu(x + y)


class LinenResNet18(fnn.Module):
    @fnn.compact
    def __call__(self, x, train=False):
        x = fnn.Conv(8, (7, 7), (2, 2), padding=[(3, 3), (3, 3)], use_bias=False, name="conv_init")(x)
        x = fnn.BatchNorm(use_running_average=not train, momentum=0.9, epsilon=1e-5, name="bn_init")(x)
        x = fnn.max_pool(fnn.relu(x), (3, 3), (2, 2), padding=[(1, 1), (1, 1)])
        for number in range(4):
            for stride in (1 if number == 0 else 2, 1):
                x = LinenResNetBlock(8 * 2**number, stride)(x, train)
        return fnn.Dense(10)(x.mean((1, 2)))


@pair
def resnet18_linen():
    module, x = LinenResNet18(), normal(2, 3, 64, 64)
    second = sides.flax(module, module.init(jax.random.key(0), channels_last(x)))
    return Pair(sides.torch(trained(ResNet18())), second, (x,), LAYOUT)


@pair
def resnet18_haiku():
    """dm-haiku's own network, which pads as torch does where strides leave no rest."""

    def forward(x, is_training):
        return hk.nets.ResNet18(10, bn_config={"decay_rate": 0.9})(x, is_training)

    x = normal(1, 3, 33, 33)
    model = hk.transform_with_state(forward)
    params, state = jax.jit(model.init, static_argnums=2)(jax.random.key(0), channels_last(x), True)
    first = sides.torch(trained(ResNet18(64)))
    return Pair(first, sides.haiku(model, params, state), (x,), LAYOUT, 1e-4)


class UNet(nn.Module):
    """Down, up by a transposed convolution, and a skip connection; the output has the inputs' layout."""

    def __init__(self):
        super().__init__()
        self.inc, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 8, 2, 2)
        self.mid, self.up = nn.Conv2d(8, 8, 3, padding=1), nn.ConvTranspose2d(8, 4, 2, 2)
        self.norm, self.out = nn.GroupNorm(2, 8), nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x):
        skip = torch.relu(self.inc(x))
        y = torch.relu(self.up(torch.relu(self.mid(torch.relu(self.down(skip))))))
        return self.out(self.norm(torch.cat([skip, y], 1)))


class LinenUNet(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        skip = fnn.relu(fnn.Conv(4, (3, 3))(x))
        y = fnn.relu(fnn.Conv(8, (2, 2), (2, 2))(skip))
        y = fnn.relu(fnn.Conv(8, (3, 3))(y))
        y = fnn.relu(fnn.ConvTranspose(4, (2, 2), (2, 2))(y))
        return fnn.Conv(2, (3, 3))(fnn.GroupNorm(2, epsilon=1e-5)(jnp.concatenate([skip, y], -1)))


@pair
def unet_linen():
    module, x = LinenUNet(), normal(2, 3, 8, 8)
    second = sides.flax(module, module.init(jax.random.key(0), channels_last(x)))
    return Pair(sides.torch(trained(UNet())), second, (x,), {**LAYOUT, "output": "NCHW->NHWC"})


class Separable(nn.Module):
    """A depthwise, a pointwise and a grouped convolution, over one axis."""

    def __init__(self):
        super().__init__()
        self.depthwise, self.pointwise = nn.Conv1d(6, 6, 3, padding=1, groups=6), nn.Conv1d(6, 12, 1)
        self.grouped = nn.Conv1d(12, 12, 3, padding=1, groups=3)

    def forward(self, x):
        return self.grouped(torch.relu(self.pointwise(torch.relu(self.depthwise(x)))))


class LinenSeparable(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = fnn.relu(fnn.Conv(6, (3,), feature_group_count=6)(x))
        x = fnn.relu(fnn.Conv(12, (1,))(x))
        return fnn.Conv(12, (3,), feature_group_count=3)(x)


@pair
def separable_linen():
    module, x = LinenSeparable(), normal(2, 6, 10)
    second = sides.flax(module, module.init(jax.random.key(0), x.transpose(0, 2, 1)))
    return Pair(sides.torch(trained(Separable())), second, (x,), {0: "NCW->NWC", "output": "NCW->NWC"})


class VAE(nn.Module):
    """The mean and the variance are two layers of one shape; noise is an input, and the output a tuple."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 10), nn.ReLU())
        self.mu, self.logvar = nn.Linear(10, 4), nn.Linear(10, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 12))

    def forward(self, x, noise):
        hidden = self.encoder(x)
        mu, logvar = self.mu(hidden), self.logvar(hidden)
        return self.decoder(mu + noise * torch.exp(0.5 * logvar)), mu, logvar


@pair
def vae_haiku():
    def forward(x, noise):
        hidden = jax.nn.relu(hk.Linear(10)(x))
        logvar, mean = hk.Linear(4)(hidden), hk.Linear(4)(hidden)  # in another order than torch's
        decoded = hk.nets.MLP((10, 12))(mean + noise * jnp.exp(0.5 * logvar))
        return decoded, mean, logvar

    model, x, noise = hk.transform(forward), normal(3, 12), normal(3, 4, seed=1)
    params = model.init(jax.random.key(0), x, noise)
    return Pair(sides.torch(trained(VAE())), sides.haiku(model, params), (x, noise))
