"""The command `unified doctor`."""

import argparse
from typing import Any

from unified.core.pages import link

__all__ = ["add_parser", "run"]

DESCRIPTION = """Say which frameworks and libraries are installed and where, whether their versions are those that
unified is made for, which environment variables change what it does, and run a small network on each
framework that is there: the initial values must be equal to the bit, and the outputs within 1e-5. Each
finding says what to do."""
EPILOG = f"""exit status: 0; 1 if there is a problem

examples:
  unified doctor
  unified doctor --json > doctor.json    to send with a question
  unified doctor --devices               lets JAX start its GPUs or TPUs, to list them

{link("install#unified-doctor")}"""


def add_parser(commands: Any) -> None:
    """Add the parser of the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is installed, and whether it fits together",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print an object of JSON instead of text")
    parser.add_argument("--devices", action="store_true", help="let JAX start all of its devices, to list them")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from unified.doctor.report import examine

    report = examine(devices=options.devices)
    print(report.to_json() if options.json else report)
    return int(not report.is_well)
