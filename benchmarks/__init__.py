"""Benchmarks of unified against the code that a careful user would write in the framework itself.

`python -m benchmarks` measures every speed row of docs/guarantees.md and prints one table.
`python -m benchmarks jax_trace init` runs only these benchmarks, `--json FILE` writes the numbers, and `--rounds N`
sets the number of rounds.

Each benchmark is a file with a function `run(rounds) -> list[Row]`, which runs in a separate process. Contestants are
timed in turns, round by round; a row shows the median over all rounds of *ours / baseline* and its quartiles. A slow
spell of the machine affects both sides of a round alike, so the ratio is steadier than either time.
"""
