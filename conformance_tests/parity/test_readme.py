"""The README's Python runs, from top to bottom, as a newcomer would paste it."""

import pathlib
import re

README = pathlib.Path(__file__).parents[2] / "README.md"


def test_readme():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) >= 5
    names: dict = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)
    assert names["y"].shape == (8, 10)
    assert list(names["net"].state_dict())[:3] == ["linear.weight", "linear.bias", "block.linear.weight"]
    assert names["params"]["block_1/linear_1/bias"].shape == (64,)
