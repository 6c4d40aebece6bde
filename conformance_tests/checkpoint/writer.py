"""Write checkpoints one after the other until killed: `python -m conformance_tests.checkpoint.writer FILE`."""

import itertools
import sys

import numpy as np

import unified as u


def values(number: int) -> u.Params:
    """Return variables filled with `number`."""
    return u.Params({f"layer_{i}/weight": np.full((50, 40), number, np.float32) for i in range(20)})


if __name__ == "__main__":
    path, most = sys.argv[1], int(sys.argv[2]) or None
    for number in itertools.count(1):
        u.save(path, values(number), max_bytes=most)
        if number == 1:
            print("ready", flush=True)
