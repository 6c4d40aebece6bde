"""The commands `unified compare` and `unified convert`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from unified.compare.config import Config, ConfigError
from unified.compare.errors import MappingError, SideError
from unified.compare.files import FileError, read, write
from unified.compare.mapping import Mapping
from unified.compare.page import page
from unified.core.pages import link

__all__ = ["ERRORS", "add_parsers", "run"]

# What a user of the commands can put right; the message says how.
ERRORS = (ConfigError, FileError, MappingError, SideError, OSError)

COMPARE = """Compare two implementations of one model, as a file says:

  first = "models:torch_side"       # functions that return a side of unified.testing.sides
  second = "models:jax_side"
  inputs = "models:inputs"          # one that returns the tuple of NumPy arrays
  mapping = "mapping.toml"          # found if it is not there, and written if the sides agree
  layouts = {0 = "NCHW->NHWC"}
  rtol = 1e-4
  atol = 1e-5
  tolerances = {"*.norm*" = [1e-3, 1e-4]}   # rtol and atol of some layers
  gradients = true                  # compare these too,
  steps = 3                         # and weights and state after steps of SGD
  learning_rate = 0.01              # of these steps
  training = true                   # run in training, and compare the state afterwards
  dtype = "float64"                 # run both sides in it"""
COMPARING = f"""exit status: 0 if they agree; 1 if they differ or cannot be compared; 2 if a package is missing

examples:
  unified compare compare.toml
  unified compare compare.toml --html report.html

{link("compare")}"""
CONVERT = """Convert the weights of one implementation to those of another, by the mapping that unified compare wrote.
Nothing that a file contains is run: PyTorch's files are read as tensors alone."""
CONVERTING = f"""exit status: 0; 1 if the weights do not fit the mapping, or a file cannot be read or written; 2 if a
package is missing: torch for .pt, .pth and .bin, flax for .msgpack, orbax-checkpoint for folders

examples:
  unified convert model.pt --key state_dict --mapping mapping.toml -o model.msgpack
  unified convert model.msgpack --mapping mapping.toml -o model.safetensors --to first

{link("compare#the-file")}"""


def add_parsers(commands: Any) -> None:
    """Add the parsers of both commands."""
    compare = commands.add_parser(
        "compare",
        help="compare two implementations of one model, and find the mapping of their weights",
        description=COMPARE,
        epilog=COMPARING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("config", help="the TOML file")
    compare.add_argument("--html", metavar="PAGE", help="write a page with the difference along the depth")
    convert = commands.add_parser(
        "convert",
        help="convert the weights of one implementation to those of another, by a mapping",
        description=CONVERT,
        epilog=CONVERTING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    convert.add_argument("weights", help="safetensors, .pt, .pth, .bin, .msgpack, or the folder of an Orbax checkpoint")
    convert.add_argument("--mapping", required=True, help="the file of the mapping, which unified compare writes")
    convert.add_argument("-o", "--output", required=True, help="where to write, by the same endings")
    convert.add_argument("--to", choices=("first", "second"), help="the side to convert to; told by names by default")
    convert.add_argument("--key", help="the entry of a PyTorch file that has the weights, such as state_dict")


def run(options: argparse.Namespace) -> int:
    """Run a command and return its exit status.

    Raises:
        ConfigError, FileError, MappingError, SideError, OSError: of `ERRORS`, with a message for the user.
        ImportError: a package is not installed.
    """
    return _compare(options) if options.command == "compare" else _convert(options)


def _compare(options: argparse.Namespace) -> int:
    report = Config.load(options.config).run(depth=options.html is not None)
    print(report)
    if options.html is not None:
        Path(options.html).write_text(page(report), encoding="utf-8")
    return int(not report.agrees)


def _convert(options: argparse.Namespace) -> int:
    mapping = Mapping.load(options.mapping)
    target = _target(mapping, options)
    source = mapping.libraries[1 - target]
    values = read(options.weights, source, options.key)
    found = mapping.forward(values) if target else mapping.backward(values)
    write(options.output, found, mapping.libraries[target])
    print(f"{len(values)} arrays of {source} became {len(found)} of {mapping.libraries[target]}: {options.output}")
    for side, what in ((1 - target, "not converted"), (target, "not in the output")):
        if mapping.left_over[side]:
            print(f"  {what}, left over in the mapping: {', '.join(mapping.left_over[side])}")
    return 0


def _target(mapping: Mapping, options: argparse.Namespace) -> int:
    """Return the side to convert to: 1 if the weights have the first side's names.

    Raises:
        FileError: they have the names of both sides or of neither.
    """
    if options.to is not None:
        return int(options.to == "second")
    counts = []
    for side in (0, 1):
        names = {piece.path for rule in mapping.rules for piece in (rule.first, rule.second)[side]}
        counts.append(len(names & set(read(options.weights, mapping.libraries[side], options.key))))
    if counts[0] == counts[1]:
        raise FileError(
            f"{options.weights} has {counts[0]} names of each side of {options.mapping}: say with --to first or --to "
            f"second what to convert to, and with --key which entry has the weights"
        )
    return int(counts[0] > counts[1])
