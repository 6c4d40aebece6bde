"""What holds where neither framework is installed."""

import contextlib
import io

import unified as u
import unified.explicit as bx
from unified.cli import main

assert u.available_backends() == ()
for name in ("torch", "jax"):
    try:
        u.transform(lambda x: x, backend=name)
    except u.BackendError as error:
        assert f'pip install "unified-nn[{name}]"' in str(error) and "/install/" in str(error), error
    else:
        raise AssertionError(name)
graph = bx.Graph("net")
assert bx.Linear(graph / "up", 2, 3).arguments["out_features"] == 3  # networks are built without a framework


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([*arguments])
        except SystemExit as exit:
            status = int(exit.code or 0)
    return status, out.getvalue(), err.getvalue()


status, out, _ = run("doctor")
assert status == 1 and "none of jax, torch is installed" in out, out
status, out, _ = run("--help")
assert status == 0 and "unified doctor" in out
for command, package in (("port", "libcst"), ("run", "torch")):
    status, _, err = run(command, __file__)
    assert status == 2 and err.startswith(f"unified {command} needs {package}, which is not installed"), err
