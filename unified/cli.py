"""The command `unified`: `unified run` runs a program that is written in JAX, `unified port` changes its imports."""

import argparse
import sys
from pathlib import Path

__all__ = ["main"]


def _shapes(text: str) -> list[tuple[int, ...]]:
    return [tuple(int(size) for size in shape.split(",") if size) for shape in text.split(";")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="unified", description="Neural networks written once for PyTorch and JAX.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a program that imports JAX, Haiku, Flax or optax on PyTorch, as it is")
    run.add_argument("--backend", default="torch", help='"torch", or "jax" to run it as python does')
    run.add_argument("-m", dest="module", action="store_true", help="the program is a module's name, as for python -m")
    run.add_argument("program", help="the file")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="what it finds in sys.argv")
    port = commands.add_parser("port", help="change the imports of a Haiku file so that it runs on PyTorch too")
    port.add_argument("file", nargs="?", help="the file")
    port.add_argument("-o", "--output", help="where to write; by default the new text is printed")
    port.add_argument("--check", metavar="MODULE:FUNCTION", help="run the original and its port, and compare them")
    port.add_argument("--shapes", default="1", help='the shapes of the arguments, such as "8,784" or "8,3;8"')
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status: 1 if a name is not covered or a check fails, 2 without libcst."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "run":
        from unified.compat.loader.script import run

        run(options.program, options.arguments, module=options.module, backend=options.backend)
        return 0
    if options.file is None and options.check is None:
        parser.error("give a file to port, or --check module:function")
    try:
        from unified.port import check, port
    except ImportError as error:
        print(f'unified port needs libcst ({error}): pip install "unified-nn[port]"', file=sys.stderr)
        return 2
    status = 0
    if options.file is not None:
        text, missing = port(Path(options.file).read_text())
        if options.output is None:
            print(text, end="")
        else:
            Path(options.output).write_text(text)
        for name in missing:
            print(f"{options.file}:{name.line}: {name.reason}", file=sys.stderr)
        status = int(bool(missing))
    if options.check is not None:
        sys.path.insert(0, "")
        report, equal = check(options.check, _shapes(options.shapes))
        print(report)
        status = max(status, int(not equal))
    return status


if __name__ == "__main__":
    sys.exit(main())
