"""The search for a mapping: candidates by shape, ordered by first use and names, settled by running."""
