"""Run `train.py` by python on JAX and by `unified run` on PyTorch, and compare what it saves.

`python examples/flax_nnx/compare.py` takes about a minute. It exits with status 1 if a row of its table is not met.
Needs: pip install flax optax rich scikit-learn
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

PROGRAM = Path(__file__).with_name("train.py")
RUNNERS = {"JAX": [sys.executable], "PyTorch": [sys.executable, "-m", "unified.cli", "run"]}
INITIAL_GAP = 1e-6
LOSS_GAP = 1e-4
LEAST_ACCURACY = 0.95


def train(steps: int) -> dict[str, dict[str, np.ndarray]]:
    """Return what the program saves on each framework."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for framework, command in RUNNERS.items():
            out = Path(folder) / f"{framework}.npz"
            subprocess.run([*command, str(PROGRAM), "--steps", str(steps), "--out", str(out)], check=True)
            with np.load(out) as saved:
                results[framework] = dict(saved)
    return results


def main(steps: int = 100, least_accuracy: float = LEAST_ACCURACY) -> bool:
    """Print the table, and return whether all of its rows are met."""
    results = train(steps)
    jax, torch = results["JAX"], results["PyTorch"]
    names = [name for name in jax if name.startswith("initial/")]
    initial = max(float(np.abs(jax[name] - torch[name]).max()) for name in names if name in torch)
    losses = float(np.max(np.abs(jax["losses"] - torch["losses"]) / np.maximum(np.abs(jax["losses"]), 1.0)))
    accuracy = min(float(jax["accuracy"]), float(torch["accuracy"]))
    rows = [
        ("names of the parameters", str(len(names)), "equal", jax.keys() == torch.keys()),
        ("largest gap of initial values", f"{initial:.1e}", f"≤ {INITIAL_GAP:.0e}", initial <= INITIAL_GAP),
        (f"largest gap of the losses, {steps} steps", f"{losses:.1e}", f"≤ {LOSS_GAP:.0e}", losses <= LOSS_GAP),
        ("accuracy on held-out images", f"{accuracy:.3f}", f"≥ {least_accuracy}", accuracy >= least_accuracy),
    ]
    table = Table("", "measured", "required", "", title="train.py by python on JAX and by unified run on PyTorch")
    for what, measured, required, is_met in rows:
        table.add_row(what, measured, required, "met" if is_met else "NOT MET")
    Console().print(table)
    return all(is_met for *_, is_met in rows)


if __name__ == "__main__":
    sys.exit(not main())
