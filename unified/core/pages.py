"""The pages of the documentation that errors and commands refer to, and their addresses."""

import re
from typing import Literal

__all__ = ["BASE", "Page", "end_with_link", "link", "without_links"]

BASE = "https://unified-nn.github.io/unified/"

# A page of docs/ by name, and after `#` one of its sections as the site names it: a test holds that each is there.
Page = Literal[
    "body",
    "compare",
    "compare#the-file",
    "compare#what-goes-wrong",
    "explicit",
    "from_torch",
    "from_torch#what-it-refuses",
    "haiku",
    "haiku#pitfalls",
    "haiku_names",
    "haiku_names#not-supported",
    "install",
    "install#extras",
    "install#unified-doctor",
    "jax#why-paramssplit",
    "libraries#a-whole-program",
    "libraries#what-differs-from-jax",
    "names#structure-is-fixed-by-init",
    "numpy#all-functions",
    "numpy#which-framework",
    "objects",
    "port_torch#what-to-change",
    "pytorch#before-init",
    "pytorch#what-differs-and-why",
    "state#random-numbers",
    "state#saving-and-loading",
    "state#selecting",
    "state#what-a-body-must-not-do",
    "styles",
    "transforms",
    "transforms#many-layers-as-one",
    "transforms#notes",
    "trees",
]

_LINKS = re.compile(rf"\n?See {re.escape(BASE)}[\w/#-]*")


def link(page: Page) -> str:
    """Return the address of a page: `link("state#growing")`."""
    name, hash_, anchor = page.partition("#")
    return f"{BASE}{name}/{hash_}{anchor}"


def end_with_link(text: str, page: Page) -> str:
    """Return the text of an error with one link at its end, also where it quotes an error that has one."""
    text = without_links(text)
    return f"{text}\nSee {link(page)}" if text else f"See {link(page)}"


def without_links(text: object) -> str:
    """Return the text of an error without its link, to be quoted within a sentence."""
    return _LINKS.sub("", str(text))
