"""One network on both frameworks, and `unified doctor`, where everything is installed."""

import numpy as np

import unified as u
import unified.functional as F
from unified.cli import main
from unified.testing import assert_parity

assert u.available_backends() == ("jax", "torch")
x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)
assert_parity(lambda x: u.LayerNorm(3)(F.gelu(u.Linear(None, 3)(x))), x)
assert main(["doctor"]) == 0
