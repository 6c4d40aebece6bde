"""A comparison of `model.py`, trained with dm-haiku, and `ported.py`, which loads its checkpoint on PyTorch.

`ported.py` is `model.py` with changed imports: `unified port examples/port_haiku/model.py` writes it. The table
compares the results of both from one checkpoint, and those of the port as an `nn.Module`.

`python examples/port_haiku/compare.py` takes about fifteen seconds. It exits with status 1 if a row differs.
Needs: pip install dm-haiku
"""

import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import haiku
import jax
import numpy as np
import torch

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as ujax

sys.path.insert(0, str(Path(__file__).parent))
import model
import ported

STEPS, RATE = 5, 0.1


def batch(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random images and labels."""
    generator = np.random.default_rng(seed)
    images = generator.normal(size=(8, 16, 16, 3)).astype(np.float32)
    return images, generator.integers(0, 10, 8).astype(np.int32)


def training_step(net: Any, code: Any, framework: Any) -> Callable[..., Any]:
    """Return a step of gradient descent, written with the names of JAX."""

    def step(params: Any, state: Any, key: Any, images: Any, labels: Any) -> Any:
        def loss(params: Any) -> Any:
            logits, new = net.apply(params, state, key, images, True)
            return code.loss_of(logits, labels), new

        (value, new), gradients = framework.value_and_grad(loss, has_aux=True)(params)
        new_params = framework.tree_util.tree_map(lambda p, g: p - RATE * g, params, gradients)
        return new_params, new, value

    jitted: Callable[..., Any] = framework.jit(step)
    return jitted


def arrays(tree: Any) -> np.ndarray:
    """Return all values of a tree as one flat array."""
    return np.concatenate([np.asarray(leaf).ravel() for leaf in ujax.tree_util.tree_leaves(tree)])


def checkpoint(path: Path) -> tuple[Any, Any]:
    """Train with dm-haiku and pickle params and state, as Haiku's users do."""
    net = haiku.transform_with_state(model.forward)
    params, state = net.init(jax.random.PRNGKey(42), batch(0)[0], True)
    step = training_step(net, model, jax)
    for number in range(STEPS):
        params, state, _ = step(params, state, jax.random.PRNGKey(number), *batch(number))
    path.write_bytes(pickle.dumps(jax.device_get((params, state))))
    return params, state


def rows() -> list[tuple[str, float]]:
    """Return the names of the rows and the largest difference in each."""
    differences = []
    u.set_backend("torch")

    def add(name: str, theirs: Any, ours: Any) -> None:
        differences.append((name, float(np.max(np.abs(arrays(theirs) - arrays(ours))))))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.pickle"
        params, state = checkpoint(path)
        our_params, our_state = pickle.loads(path.read_bytes())
    images, labels = batch(99)
    theirs, ours = haiku.transform_with_state(model.forward), hk.transform_with_state(ported.forward)
    fresh = theirs.init(jax.random.PRNGKey(7), images, True), ours.init(ujax.random.PRNGKey(7), images, True)
    add("initial values of one key", *fresh)
    key, our_key = jax.random.PRNGKey(1), ujax.random.PRNGKey(1)
    logits, _ = theirs.apply(params, state, key, images, False)
    our_logits, _ = ours.apply(our_params, our_state, our_key, images, False)
    add("logits in evaluation", logits, our_logits)
    logits, _ = theirs.apply(params, state, key, images, True)
    our_logits, _ = ours.apply(our_params, our_state, our_key, images, True)
    add("logits in training, with dropout", logits, our_logits)
    after = training_step(theirs, model, jax)(params, state, key, images, labels)
    our_after = training_step(ours, ported, ujax)(our_params, our_state, our_key, images, labels)
    add("loss", after[2], our_after[2])
    add("parameters after a step", after[0], our_after[0])
    add("statistics after a step", after[1], our_after[1])
    module = hk.to_torch(ours, our_params, our_state, rng=0)
    logits, _ = theirs.apply(params, state, key, images, False)
    with torch.no_grad():
        add("logits of the nn.Module", logits, module(torch.from_numpy(images), False).numpy())
    u.set_backend(None)
    return differences


def main() -> int:
    """Print the table; return 1 if a row differs."""
    table = rows()
    for name, gap in table:
        print(f"{name:36} {'equal' if gap < 1e-4 else 'DIFFERENT':10} largest difference {gap:.1e}")
    return int(any(gap >= 1e-4 for _, gap in table))


if __name__ == "__main__":
    sys.exit(main())
