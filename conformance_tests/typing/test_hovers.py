"""What an editor shows of a name: pyright's language server is asked, as editors ask it.

Layers of `unified.trees`, `unified.explicit` and `unified.nn` are made at run time, so that their stubs hold the first
paragraph of the docstring; those of bodies have sources that the server finds.
"""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import unified as u
import unified.explicit as explicit
import unified.nn as nn
import unified.trees as trees
from unified.core import layers

PACKAGES = {"unified": u, "unified.explicit": explicit, "unified.nn": nn, "unified.trees": trees}
OWN = {"unified.explicit": {"GRU", "LSTM"}}  # recurrences by the names of layers
IMPORTS = "import unified, unified.explicit, unified.nn, unified.trees, unified.functional, unified.numpy\n"
NAMES = [
    *(
        f"{package}.{name}"
        for package, module in PACKAGES.items()
        for name in layers.__all__
        if hasattr(module, name) and name != "Sequential" and name not in OWN.get(package, ())
    ),
    *(f"unified.{name}" for name in u.__all__ if callable(getattr(u, name)) and name not in (*layers.__all__, "Array")),
    *("unified.functional.gelu", "unified.numpy.sum", "unified.nn.Sequential", "unified.explicit.LSTM"),
]


class Server:
    """A language server that talks on its pipes."""

    def __init__(self, folder: Path) -> None:
        run = "import sys; from pyright.langserver import main; sys.exit(main('--stdio'))"
        command = [sys.executable, "-c", run]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0
        folders = [{"uri": folder.as_uri(), "name": "folder"}]
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {"hover": {"contentFormat": ["plaintext"]}},
        }
        root = {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": folders}
        self.ask("initialize", {**root, "capabilities": capabilities})
        self.tell("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        for message in self.messages():
            if "method" not in message and message.get("id") == self.count:
                return message["result"]
            if "method" in message and "id" in message:
                is_settings = message["method"] == "workspace/configuration"
                settings = [{"pythonPath": sys.executable}] * len(message["params"]["items"]) if is_settings else None
                self.send({"id": message["id"], "result": settings})
        raise AssertionError("the server ended")

    def messages(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            size = 0
            while line.strip():
                if line.lower().startswith(b"content-length"):
                    size = int(line.split(b":")[1])
                line = self.process.stdout.readline()
            yield json.loads(self.process.stdout.read(size))


@pytest.fixture(scope="module")
def hovers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is shown of each of `NAMES`."""
    folder = tmp_path_factory.mktemp("hovers")
    (folder / "use.py").write_text(text := IMPORTS + "\n".join(NAMES) + "\n")
    source = str(Path(u.__file__).parents[1])
    (folder / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [source]}))
    document = {"uri": (folder / "use.py").as_uri()}
    server = Server(folder)
    try:
        server.tell(
            "textDocument/didOpen", {"textDocument": {**document, "languageId": "python", "version": 1, "text": text}}
        )
        shown = {}
        for line, name in enumerate(NAMES, 1):
            position = {"line": line, "character": len(name) - 1}
            answer = server.ask("textDocument/hover", {"textDocument": document, "position": position})
            shown[name] = answer["contents"]["value"] if answer else ""
        return shown
    finally:
        server.process.kill()
        server.process.communicate()


@pytest.mark.slow
def test_editors_show_signatures_and_docstrings(hovers: dict[str, str]) -> None:
    assert len(NAMES) > 600
    wrong = []
    for name, text in hovers.items():
        module, _, last = name.rpartition(".")
        is_layer = module in PACKAGES and last in layers.__all__ and last not in OWN.get(module, ())
        source = getattr(u, last) if is_layer and last != "Sequential" else eval(name, {"unified": u})
        first = " ".join((inspect.getdoc(source) or "").partition("\n\n")[0].split())
        if not first or first not in " ".join(text.split()) or "(" not in text:
            wrong.append((name, text))
    assert wrong == []
