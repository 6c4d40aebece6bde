"""How fast unified is, side by side with what a careful user would write in the framework itself.

`python -m benchmarks` measures every speed row of the design's table of promises, and prints one table.
`python -m benchmarks jax_trace init` runs some, `--json FILE` writes the numbers, `--rounds N` changes how often each
pair is measured.

Each benchmark is a file with a function `run(rounds) -> list[Row]`, started in a process of its own. What is compared
is timed in turns, round by round; a row shows the median over all rounds of *ours / baseline* and its quartiles. Slow
spells of the machine hit both sides of a round alike, so that the ratio is steadier than either time.
"""
