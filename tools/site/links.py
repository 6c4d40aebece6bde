"""Links of pages to files of the repository, which are relative there and lead to GitHub from the site."""

import posixpath
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["target"]


def target(link: str, page: str, root: Path, files: str) -> str:
    """Return where a link leads on the site.

    Args:
        link: as it is written, such as `../examples/digits.py`.
        page: the page that has it, by its path in `docs/`.
        root: the folder of the repository.
        files: the address of the repository's files, without the path.

    A link to another page of `docs/`, or to another host, stays as it is.

    Raises:
        ValueError: it leads out of `docs/` to a file that does not exist.
    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return link
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), parts.path))
    if path.startswith("docs/") and (path.endswith((".md", ".ipynb", ".svg")) or not (root / path).exists()):
        return link  # mkdocs checks these
    if not (root / path).exists():
        raise ValueError(f"{page} links to {link}: there is no {path} in the repository")
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    kind = "tree" if (root / path).is_dir() else "blob"
    return f"{files}/{kind}/main/{path}{fragment}"
