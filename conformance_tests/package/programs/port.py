"""`unified port`, where no framework is installed."""

import tempfile
from pathlib import Path

from unified.cli import main

with tempfile.TemporaryDirectory() as folder:
    file, out = Path(folder, "model.py"), Path(folder, "ported.py")
    file.write_text("import haiku as hk\nimport jax.numpy as jnp\n\nx = jnp.sum  # kept\n")
    assert main(["port", str(file), "-o", str(out)]) == 0
    text = "import unified.compat.haiku as hk\nimport unified.compat.jax.numpy as jnp\n\nx = jnp.sum  # kept\n"
    assert out.read_text() == text
    assert main(["port", "--check", "model:f"]) == 2
