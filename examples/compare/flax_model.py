"""The same network as Flax users write it: channels last, other names."""

import flax.linen as nn
import jax


class ResidualBlock(nn.Module):
    approximate: bool = False

    @nn.compact
    def __call__(self, x: jax.Array, train: bool = False) -> jax.Array:
        y = nn.Conv(x.shape[-1], (3, 3))(x)
        y = nn.BatchNorm(use_running_average=not train, momentum=0.9)(y)
        return x + nn.gelu(y, approximate=self.approximate)


class Classifier(nn.Module):
    width: int = 8
    classes: int = 5
    approximate: bool = False  # nn.gelu's default is True, and PyTorch's GELU is exact

    @nn.compact
    def __call__(self, x: jax.Array, train: bool = False) -> jax.Array:
        x = nn.Conv(self.width, (3, 3), name="patches")(x)
        for number in range(2):
            x = ResidualBlock(self.approximate, name=f"layer{number}")(x, train)
        x = nn.avg_pool(x, (2, 2), (2, 2))
        return nn.Dense(self.classes, name="logits")(x.reshape(len(x), -1))
