"""Compare the two implementations in this folder, and again with a mistake in one of them.

`python examples/compare/run.py` takes about fifteen seconds. It exits with status 1 if the first pair differs, or if
the mistake is not found. The command `unified compare examples/compare/compare.toml` does the first half alone.
Needs: pip install flax
"""

import sys
from pathlib import Path

from unified.compare.config import Config
from unified.compare.page import page

HERE = Path(__file__).parent


def main(out: Path = Path("out")) -> bool:
    """Print both reports, write the second as a page, and return whether they are as they must be."""
    same = Config.load(HERE / "compare.toml").run()
    print(same)
    mistaken = Config.load(HERE / "mistaken.toml").run()
    print(mistaken)
    out.mkdir(exist_ok=True)
    (out / "compare.html").write_text(page(mistaken), encoding="utf-8")
    print(f"the page with the difference along the depth: {out / 'compare.html'}")
    first = mistaken.first_difference
    found = first is not None and first.cause is not None and first.cause.name == "gelu's approximate"
    return same.agrees and not mistaken.agrees and found


if __name__ == "__main__":
    sys.exit(not main())
