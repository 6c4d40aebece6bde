"""The core: names, scopes, variables, random numbers and the declaration of each layer. It imports no framework."""
