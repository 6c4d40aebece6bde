"""The site, which `make site` builds of `docs/` and of the sources: pages of the reference, mkdocs's hooks, checks."""
