"""Train a convolutional network of Flax nnx on scikit-learn's digits, with optax.

python examples/flax_nnx/train.py          # on JAX
unified run examples/flax_nnx/train.py     # on PyTorch

Either takes about half a minute. `compare.py` does both.
Needs: pip install flax optax scikit-learn
"""

import argparse

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from sklearn.datasets import load_digits


class CNN(nnx.Module):
    """Two convolutions with batch norm, and a hidden layer with dropout."""

    def __init__(self, *, rngs: nnx.Rngs):
        self.conv1 = nnx.Conv(1, 16, kernel_size=(3, 3), rngs=rngs)
        self.norm1 = nnx.BatchNorm(16, momentum=0.9, rngs=rngs)
        self.conv2 = nnx.Conv(16, 32, kernel_size=(3, 3), rngs=rngs)
        self.norm2 = nnx.BatchNorm(32, momentum=0.9, rngs=rngs)
        self.hidden = nnx.Linear(2 * 2 * 32, 64, rngs=rngs)
        self.dropout = nnx.Dropout(0.1, rngs=rngs)
        self.output = nnx.Linear(64, 10, rngs=rngs)

    def __call__(self, x):
        for conv, norm in ((self.conv1, self.norm1), (self.conv2, self.norm2)):
            x = nnx.avg_pool(nnx.gelu(norm(conv(x))), window_shape=(2, 2), strides=(2, 2))
        x = nnx.gelu(self.hidden(x.reshape(x.shape[0], -1)))
        return self.output(self.dropout(x))


def loss_fn(model, images, labels):
    logits = model(images)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), logits


@nnx.jit
def train_step(model, optimizer, metrics, images, labels):
    (loss, logits), gradients = nnx.value_and_grad(loss_fn, has_aux=True)(model, images, labels)
    metrics.update(loss=loss, logits=logits, labels=labels)
    optimizer.update(model, gradients)
    return loss


@nnx.jit
def predict(model, images):
    return model(images).argmax(axis=-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", help="a file for the initial values, the losses and the predictions")
    options = parser.parse_args()

    digits = load_digits()
    images = (digits.images[..., None] / 16).astype(np.float32)
    labels = digits.target.astype(np.int32)
    shuffled = np.random.default_rng(1).permutation(len(labels))
    train, test = shuffled[:1437], shuffled[1437:]

    model = CNN(rngs=nnx.Rngs(0))
    schedule = optax.warmup_cosine_decay_schedule(0.0, 3e-3, 10, options.steps)
    optimizer = nnx.Optimizer(model, optax.adamw(schedule), wrt=nnx.Param)
    metrics = nnx.MultiMetric(accuracy=nnx.metrics.Accuracy(), loss=nnx.metrics.Average("loss"))
    initial = {
        "/".join(map(str, path)): np.asarray(value[...])
        for path, value in nnx.to_flat_state(nnx.state(model, nnx.Param))
    }

    losses, order = [], np.random.default_rng(0)
    for step in range(options.steps):
        batch = order.integers(0, 1437, 64)
        loss = train_step(
            model, optimizer, metrics, jnp.asarray(images[train][batch]), jnp.asarray(labels[train][batch])
        )
        losses.append(float(loss))
        if step % 20 == 19:
            found = {name: float(value) for name, value in metrics.compute().items()}
            print(f"step {step + 1}: loss {found['loss']:.4f}, accuracy {found['accuracy']:.3f}")
            metrics.reset()

    model.eval()
    predicted = np.asarray(predict(model, images[test]))
    accuracy = (predicted == labels[test]).mean()
    print(f"{len(predicted)} held-out images: accuracy {accuracy:.3f}, on {jax.devices()[0]}")
    if options.out:
        np.savez(
            options.out,
            losses=losses,
            accuracy=accuracy,
            **{f"initial/{name}": value for name, value in initial.items()},
        )


if __name__ == "__main__":
    main()
