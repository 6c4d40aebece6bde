"""The training step of `benchmarks.steps`, compiled: `u.jit(step, compile=True)` against a compiled module and update.

Both compile for some seconds up to a minute, and it needs a C++ compiler.
"""

from benchmarks.row import Row, compare, guarded
from benchmarks.steps import BAR, OPTIMIZERS, SIZES, measure, title

ROUNDS = 60


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows: list[Row] = []
    for size in SIZES:
        for name in OPTIMIZERS:
            label = title("compiled", size, name)

            def measured(size: str = size, name: str = name, label: str = label) -> list[Row]:
                return [compare(label, measure(rounds, 0, size, name, compiles=True), bar=BAR)]

            rows += guarded(label, measured)
    return rows
