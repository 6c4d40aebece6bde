"""Networks as trees: classes whose fields make their constructor, immutable, and pytrees of torch and of JAX."""

from unified.trees.applying import apply
from unified.trees.fields import field, var
from unified.trees.layer import Layer
from unified.trees.layers import *
from unified.trees.module import BoundMethod, Module, replace
from unified.trees.sequential import Sequential
from unified.trees.variables import combine, fill, load_params, params, partition
