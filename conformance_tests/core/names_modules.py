"""The modules that the bodies of the table of names are made of, on the public `unified` API alone."""

from dataclasses import dataclass

import unified as u


class Block(u.Module):
    def __call__(self, x):
        x = u.ReLU()(u.Linear(4, 4)(x))
        return u.Linear(4, 4)(x)


class MLP(u.Module):
    def __init__(self, depth):
        self.depth = depth

    def __call__(self, x):
        for _ in range(self.depth):
            x = u.Linear(4, 4)(x)
        return x


class HTTPNet(u.Module):
    def __call__(self, x):
        x = Block()(x)
        return MLP(1)(x)


class AutoEncoder(u.Module):
    def __call__(self, x):
        return self.decode(self.encode(x))

    def encode(self, x):
        return u.Linear(4, 2)(x)

    def decode(self, z):
        return u.Linear(2, 4)(z)


class Private(u.Module):
    def __call__(self, x):
        x = self._project(x)
        x = u.Linear(4, 4)(x)
        return self._project(x)

    def _project(self, x):
        return u.Linear(4, 4)(x)


class Built(u.Module):
    def __init__(self):
        self.first = u.Linear(4, 4)
        self.block = Block()

    def __call__(self, x):
        return u.Linear(4, 4)(self.block(self.first(x)))


class Prepared(u.Module):
    def __init__(self):
        self.layer = self.prepare()

    def __call__(self, x):
        x = self.layer(x)
        return u.Linear(4, 4)(x)

    def prepare(self):
        return u.Linear(4, 4)


class BuiltMore(Built):
    def __init__(self):
        super().__init__()
        self.last = u.Linear(4, 4)

    def __call__(self, x):
        x = u.Linear(4, 4)(x)
        x = self.last(super().__call__(x))
        return u.Linear(4, 4)(x)


class Longer(MLP):
    def __call__(self, x):
        x = u.Linear(4, 4)(x)
        x = super().__call__(x)
        return u.Linear(4, 4)(x)


class LongerCode(AutoEncoder):
    def encode(self, x):
        x = super().encode(x)
        return u.Linear(2, 2)(x)


class Recursive(u.Module):
    def __call__(self, x, depth=3):
        x = u.Linear(4, 4)(x)
        return self(x, depth - 1) if depth else x


class Wrapper(u.Module):
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, x):
        return self.inner(u.Linear(4, 4)(x))


@dataclass
class Data(u.Module):
    width: int
    depth: int = 1

    def __call__(self, x):
        x = u.Linear(4, self.width)(x)
        return MLP(self.depth)(x)


@dataclass(frozen=True)
class FrozenData(u.Module):
    width: int

    def __call__(self, x):
        return u.Linear(4, self.width)(x)


class Named(u.Module):
    def __init__(self, width):
        super().__init__(name="encoder")
        self.first = u.Linear(4, width)

    def __call__(self, x):
        return self.first(x)


class TakesName(u.Module):
    def __init__(self, name):
        super().__init__(name)

    def __call__(self, x):
        return u.Linear(4, 4)(x)


class Mixture(u.Module):
    def __call__(self, x):
        x = u.Linear(4, 4)(x)
        mean = u.get_state("mean", (4,))
        scale = u.get_parameter("scale", (4,), u.initializers.ones)
        return x * scale + mean + u.get_parameter("shift", 4) + u.get_state("offset", 4)


class Helpers(u.Module):
    def __call__(self, x):
        return self.static(self.own(x))

    @staticmethod
    def static(x):
        return u.Linear(4, 4)(x)

    @property
    def own(self):
        return u.Linear(4, 4, bias=False)


class Gained(u.Linear):
    def forward(self, x):
        return super().forward(x) * u.get_parameter("gain", (4,), u.initializers.ones)


class Square(u.Linear):
    def __init__(self, width):
        super().__init__(width, width, bias=False)
