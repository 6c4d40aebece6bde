"""The command `unified`: `doctor` says what is installed, `run` runs a program that is written in JAX, `port` changes
its imports, `compare` and `convert` are for two implementations of one model."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import unified
from unified.core.errors import BackendError
from unified.core.pages import link
from unified.doctor.packages import absent_package, how_to_install

if TYPE_CHECKING:
    from unified.port import Missing

__all__ = ["main"]

ABOUT = "Neural networks written once, run as PyTorch modules and as pure JAX functions: the tools around the library."
EXAMPLES = f"""examples:
  unified doctor                         is all there, and does it fit together?
  unified run train.py --epochs 3        a program in JAX, Haiku or Flax, on PyTorch
  unified port model.py -o ported.py     the same program with imports that work on both
  unified compare compare.toml           do two implementations agree, and which weights belong together?
  unified convert weights.safetensors --mapping mapping.toml -o weights.msgpack

`unified COMMAND --help` explains each. Documentation: {link("install")}"""
RUN = """Run a program that imports JAX, Haiku, Flax, optax or other libraries that are written in JAX on PyTorch.
No file is changed: while the program runs, these imports are bound to JAX's functions on torch. JAX need not
be installed."""
RUNNING = f"""exit status: the program's; 2 if the framework is not installed, or there is no such file

examples:
  unified run train.py --epochs 3        options after the file are the program's
  unified run -m project.train
  unified run --backend jax train.py     as python runs it

{link("libraries#a-whole-program")}"""
PORT = """Change the imports of a file that uses JAX, Haiku, Flax, optax or another library that is written in JAX to
those of unified, so that it runs on PyTorch and on JAX. The rest of the text stays as it is. Names that
torch has not are listed with their lines; an import of such a name stays JAX's."""
PORTING = f"""exit status: 0; 1 if a name is not on torch, a check fails or a file cannot be ported; 2 if a package
is missing: libcst, and for --check also torch, jax and dm-haiku

examples:
  unified port train.py -o ported.py
  unified port package -o out/
  unified port --check package.model:forward --shapes "8,3;int(10):8"
  unified port --check package.model:forward --inputs package.data:batch

{link("haiku")}"""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="unified", description=ABOUT, epilog=EXAMPLES, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"unified {unified.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    from unified.doctor.command import add_parser

    add_parser(commands)
    run = commands.add_parser(
        "run",
        help="run a program that imports JAX, Haiku, Flax or optax on PyTorch, as it is",
        description=RUN,
        epilog=RUNNING,
        formatter_class=raw,
    )
    run.add_argument("--backend", default="torch", help='"torch", or "jax" to run it as python does')
    run.add_argument("-m", dest="module", action="store_true", help="the program is a module's name, as for python -m")
    run.add_argument("program", help="the file")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="what it finds in sys.argv")
    port = commands.add_parser(
        "port",
        help="change the imports of a JAX file or package so that it runs on PyTorch too",
        description=PORT,
        epilog=PORTING,
        formatter_class=raw,
    )
    port.add_argument("file", nargs="?", help="a Python file, or the folder of a package (with -o)")
    port.add_argument(
        "-o",
        "--output",
        help="where to write: a file or a folder for a file, which is printed by default; a folder that is empty or "
        "new for a package, which is written to a folder of its name in it",
    )
    port.add_argument(
        "--check",
        metavar="MODULE:FUNCTION",
        help="call a function of Haiku modules with dm-haiku on JAX, and its port on torch, and compare initial "
        "values, outputs, gradients and state; modules of its package, and beside it, are ported with it in memory",
    )
    port.add_argument(
        "--shapes",
        default="1",
        help='the shapes of its arguments: "8,784", "8,3;8" for two; "int:2,5" for integers below 10, "int(30):2,5" '
        'for those below 30, "bool:8"; other values are normally distributed',
    )
    port.add_argument(
        "--inputs",
        metavar="MODULE:FUNCTION",
        help="a function that returns the tuple of its arguments, instead of --shapes",
    )
    from unified.compare.commands import add_parsers

    add_parsers(commands)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status: 2 if a package that it needs is not installed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "doctor":
        from unified.doctor.command import run as run_doctor

        return run_doctor(options)
    if options.command == "run":
        return _run(options)
    if options.command == "port" and options.file is None and options.check is None:
        parser.error("give a file to port, or --check module:function")
    run = _port if options.command == "port" else _compare
    try:
        return run(options)
    except Exception as error:
        package = absent_package(error)
        if package is None:
            raise
        return _say_missing(options.command, package)


def _say_missing(command: str, module: str) -> int:
    print(f"unified {command} needs {module}, which is not installed: {how_to_install(module)}", file=sys.stderr)
    return 2


def _run(options: argparse.Namespace) -> int:
    """Run a program; what it raises itself is shown as Python shows it."""
    from unified.core import backends

    try:
        backends.load(options.backend)
    except BackendError as error:
        package = absent_package(error)
        if package is not None:
            return _say_missing("run", package)
        print(f"unified run: {error}", file=sys.stderr)
        return 2
    if not options.module and not Path(options.program).exists():
        print(f"unified run: there is no file {options.program!r}", file=sys.stderr)
        return 2
    from unified.compat.loader.script import NoProgramError, run

    try:
        run(options.program, options.arguments, module=options.module, backend=options.backend)
    except NoProgramError as error:
        print(f"unified run: {error}", file=sys.stderr)
        return 1  # as python -m does
    return 0


def _compare(options: argparse.Namespace) -> int:
    from unified.compare.commands import ERRORS, run

    try:
        return run(options)
    except ERRORS as error:
        if absent_package(error) is not None:
            raise
        print(f"unified {options.command}: {error}", file=sys.stderr)
        return 1


def _port(options: argparse.Namespace) -> int:
    import unified.port as port

    status = 0
    try:
        if options.file is not None:
            path = Path(options.file)
            status = _port_package(path, options.output) if path.is_dir() else _port_file(path, options.output)
        if options.check is not None:
            sys.path.insert(0, "")
            report, equal = port.check(options.check, port.parse_inputs(options.shapes), inputs=options.inputs)
            print(report)
            status = max(status, int(not equal))
    except (port.PortError, BackendError) as error:
        if absent_package(error) is not None:
            raise
        print(f"unified port: {error}", file=sys.stderr)
        return 1
    return status


def _port_file(path: Path, output: str | None) -> int:
    from unified.port.files import port_file, write

    ported, encoding = port_file(path)
    if output is None:
        print(ported.text, end="")
    else:
        write(Path(output, path.name) if Path(output).is_dir() else Path(output), ported.text, encoding)
    return _warn(path, ported.missing)


def _port_package(folder: Path, output: str | None) -> int:
    from unified.port import PortError, port_package
    from unified.port.package import summary

    if output is None:
        raise PortError(f"{folder} is a folder: say with -o which folder to write its port to")
    files = port_package(folder, Path(output))
    print(summary(files, Path(output)))
    status = 0
    for file in files:
        status = max(status, _warn(folder / file.name, file.missing))
        if file.error is not None:
            print(file.error, file=sys.stderr)
            status = 1
    return status


def _warn(path: Path, names: "Sequence[Missing]") -> int:
    """Print which names are not covered, and return the exit status."""
    for name in names:
        print(f"{path}:{name.line}: {name.reason}", file=sys.stderr)
    return int(bool(names))


if __name__ == "__main__":
    sys.exit(main())
