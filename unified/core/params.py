"""`Params`: an immutable mapping from the path of a variable to its array, the same class on every backend."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.annotations import Array, Device, DType, Mesh
from unified.core.conversion import convert, on_host, unify
from unified.core.dtypes import dtype_name, is_floating, is_same_dtype
from unified.core.filters import Filter, all_of, as_predicate
from unified.core.graph import Graph
from unified.core.keys import as_seed, with_key_words
from unified.core.naming import closest, different_paths, path_names
from unified.core.renaming import rename_paths, transposed
from unified.core.sharding import axes_of_all
from unified.core.stacks import StackForm
from unified.core.structure import Growth, Structure, StructureOfPaths, VariableInfo, describe_value
from unified.core.unmatched import nothing_matches
from unified.core.unstacking import convert_stacks, stack_variables, unstack_variables, with_form

__all__ = ["Params", "as_params"]


def _info_of(path: str, value: Any) -> VariableInfo:
    return VariableInfo(path, tuple(value.shape), dtype_name(value.dtype))


def _updated(info: VariableInfo, value: Any) -> VariableInfo:
    """Return the info with the shape and the dtype of `value`, if it is an array."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return info
    shape, dtype = tuple(shape), dtype_name(dtype)
    if is_same_dtype(info.dtype, dtype):
        dtype = info.dtype
    return info if (shape, dtype) == (info.shape, info.dtype) else replace(info, shape=shape, dtype=dtype)


def _cast(value: Any, dtype: str) -> Any:
    """Return an array in another dtype, also one that has a shape alone."""
    backend = backends.of_array(value)
    if backend is not None:
        return backend.astype(value, dtype)
    return value.astype(dtype) if hasattr(value, "astype") else value.update(dtype=dtype)  # a jax.ShapeDtypeStruct


def _is_stored(info: VariableInfo) -> bool:
    """Return whether a `state_dict` has the variable, which random state and what does not persist are not in."""
    return info.collection != "rng" and info.metadata.get("persistent") is not False


def _fitted(path: str, value: Any, old: Any) -> Any:
    """Return `value` as an array of the framework of `old`; raise `ValueError` unless shapes and dtypes are equal."""
    backend, owner = backends.of_array(old), backends.of_array(value)
    is_foreign = backend is not None and owner is not backend and (owner is not None or isinstance(value, np.ndarray))
    for what in ("shape", "dtype"):
        expected, actual = getattr(old, what), getattr(value, what, None)
        if what == "shape":
            expected, actual = tuple(expected), None if actual is None else tuple(actual)
            same = expected == actual
        else:
            names = dtype_name(expected), dtype_name(actual)
            same = is_same_dtype(*names) if is_foreign else names[0] == names[1]
        if not same:
            raise ValueError(
                f"{path!r} has {what} {expected}, and cannot be updated with "
                + (f"an array of {what} {actual}" if actual is not None else f"{value!r}, which is no array")
            )
    if backend is None or not is_foreign:
        return value
    return backend.astype(convert(path, value, backend, old), dtype_name(old.dtype))


def _memory_of(value: Any) -> Any:
    """Return the identity of an array's memory: tensors that torch has tied are distinct objects in a `state_dict`."""
    pointer = getattr(value, "data_ptr", None)
    return id(value) if pointer is None else (pointer(), tuple(value.shape))


def _check_paths(values: Any) -> None:
    """Raise `TypeError` unless `values` are a mapping from strings."""
    if not isinstance(values, Mapping):
        raise TypeError(f"params are Params or arrays by path, {{'linear/weight': ...}}, got {type(values).__name__}")
    for path in values:
        if not isinstance(path, str):
            raise TypeError(f"params map paths, such as 'linear/weight', to arrays, got the key {path!r}")


def _check_array(path: str, value: Any) -> None:
    """Raise `TypeError` unless `value` has a shape and a dtype."""
    if not (hasattr(value, "shape") and hasattr(value, "dtype")):
        nested = ": Params.from_nested(...) takes nested dicts" if isinstance(value, Mapping) else ""
        raise TypeError(
            f"params map whole paths, such as 'linear/weight', to arrays, and {path!r} is a "
            f"{type(value).__name__}{nested}"
        )


class Params(Mapping[str, Array]):
    """An immutable mapping from variable path to array.

    ```
    params["block_1/linear/weight"]
    params = params.update({"block_1/linear/bias": new_bias})
    trainable, rest = params.split()
    params = trainable | rest | changes          # the right side wins
    ```

    On JAX it is a pytree whose leaves are the arrays; anything static (what each variable is, `graph`) is one
    object that costs nothing to compare. Setting or deleting an item or attribute raises `TypeError`.

    >>> import numpy as np, unified as u
    >>> params = u.Params({"linear/weight": np.ones((3, 2)), "linear/bias": np.zeros(3)})
    >>> params
    Params(2 variables, 9 values, numpy)
      linear/weight  float64[3, 2]
      linear/bias    float64[3]
    >>> params.update({"linear/bias": np.ones(4)})
    Traceback (most recent call last):
    ValueError: 'linear/bias' has shape (3,), and cannot be updated with an array of shape (4,)
    """

    __slots__ = ("_structure", "_values")

    _structure: Structure
    _values: tuple[Any, ...]

    def __new__(cls, values: Mapping[str, Array]) -> "Params":
        if isinstance(values, Params):
            return values
        _check_paths(values)
        for path, value in values.items():
            _check_array(path, value)
        values = with_key_words(values)
        infos = tuple(_info_of(path, value) for path, value in values.items())
        return cls._make(Structure.of(infos, tuple(values)), unify(values, tuple(values.values())))

    @staticmethod
    def in_collection(values: Mapping[str, Array], collection: str) -> "Params":
        """Return params of one collection, which are trainable if it is `"params"`.

        Args:
            values: arrays by path.
            collection: `"params"`, `"state"`, or a name of your own.

        >>> Params.in_collection({"norm/mean": np.zeros(3)}, "state").info["norm/mean"].trainable
        False
        """
        plain = Params(values)
        trained = collection == "params"
        infos = tuple(replace(info, collection=collection, trainable=trained).fixed() for info in plain.info.values())
        return Params._make(Structure.of(infos, tuple(values)), plain._values)

    @staticmethod
    def _make(structure: Structure, values: tuple[Any, ...]) -> "Params":
        params = object.__new__(Params)
        object.__setattr__(params, "_structure", structure)
        object.__setattr__(params, "_values", values)
        return params

    @staticmethod
    def _of(variables: list[tuple[VariableInfo, Any]]) -> "Params":
        """Return params of these variables, without a record of the body."""
        infos = tuple(info for info, _ in variables)
        structure = Structure.of(infos, tuple(info.path for info in infos))
        return Params._make(structure, tuple(value for _, value in variables))

    def _variables(self) -> list[tuple[VariableInfo, Any]]:
        return list(zip(self._structure.infos, self._values, strict=True))

    def __getitem__(self, path: str) -> Array:
        try:
            return self._values[self._structure.index[path]]
        except (KeyError, TypeError):  # what has no hash
            if not isinstance(path, str):
                raise TypeError(
                    f"Params map the paths of variables, such as {next(iter(self), 'linear/weight')!r}, to arrays, got "
                    f"{path!r}: list(params.values()) are the arrays in order"
                ) from None
            raise KeyError(f"there is no variable {path!r}{closest(path, self)}") from None

    def get(self, path: str, default: Any = None) -> Any:
        """Return the array at `path`, or `default`; a mapping's own would look for the closest path first.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.get("tail/weight") is None, params.get("head/weight").tolist()
        (True, [1.0])
        """
        position = self._structure.index.get(path)
        return default if position is None else self._values[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self._structure.index)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, path: object) -> bool:
        return path in self._structure.index

    def __eq__(self, other: object) -> bool:
        """Return whether `other` are `Params` of the same variables with equal values; of any framework, or a file."""
        if not isinstance(other, Params):
            return NotImplemented
        if self is other:
            return True
        if self._structure is not other._structure:
            ours, theirs = self._current(), other._current()  # without the scopes, which files do not keep
            if (ours.infos, ours.growth) != (theirs.infos, theirs.growth):
                return False
        pairs = zip(self._values, other._values, strict=True)
        return all(one is two or np.array_equal(on_host(one), on_host(two)) for one, two in pairs)

    def __hash__(self) -> int:
        return hash(tuple(self._structure.index))

    def _refuse(self, *args: Any) -> Any:
        raise TypeError("Params are immutable: make new ones with `update({path: value})` or `params | other`")

    __setattr__ = __delattr__ = __setitem__ = __delitem__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Params._make, (self._structure, self._values)

    def _current(self) -> Structure:
        """Return the structure with the shapes and dtypes of the values that are here now."""
        infos = self._structure.infos
        current = tuple(map(_updated, infos, self._values))
        return self._structure if current == infos else self._structure.with_infos(current)

    @property
    def info(self) -> Mapping[str, VariableInfo]:
        """The `VariableInfo` of each variable, by path; shapes and dtypes are those of the arrays.

        >>> import numpy as np, unified as u
        >>> params = u.Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.info["head/weight"].shape
        (1,)
        """
        return self._current().by_path

    @property
    def graph(self) -> Graph:
        """The modules and layers of the model: `params.graph.walk()`, `params.graph.find(unified.Linear)`.

        >>> import torch, unified as u
        >>> net = u.transform(lambda x: u.Linear(2, 3)(x), backend="torch").init(torch.ones(1, 2), rng=0)
        >>> list(net.params.graph.find(u.Linear))
        ['linear']
        """
        return Graph(self._current())

    @property
    def is_locked(self) -> bool:
        """Whether a call that asks for a missing variable raises instead of creating it."""
        return self._structure.growth is None

    def locked(self) -> "Params":
        """Return the same params, to which calls cannot add variables.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.unlocked(0).locked() == params
        True
        """
        return self._with_growth(None)

    def unlocked(self, rng: Any = 0) -> "Params":
        """Return the same params, to which calls may add variables, initialised from the seed or key `rng`.

        Args:
            rng: an integer or a key.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.is_locked, params.unlocked(rng=0).is_locked
        (True, False)
        """
        return self._with_growth(Growth(as_seed(rng)))

    @staticmethod
    def growing(rng: Any = None, framework: str | None = None) -> "Params":
        """Return params without variables, to which calls add them: from the seed or key `rng`, on `framework`.

        Args:
            rng: an integer or a key; `None` for params that the first call has to be given one for.
            framework: a backend's name; `None` for that of the first inputs.

        >>> params = Params.growing(0, "torch")
        >>> len(params), params.framework
        (0, 'torch')
        """
        return Params({})._with_growth(Growth(None if rng is None else as_seed(rng), framework))

    def _with_growth(self, growth: Growth | None) -> "Params":
        s = self._structure
        return Params._make(Structure.of(s.infos, s.order, s.scopes, growth, s.extends), self._values)

    @property
    def growth(self) -> int | None:
        """The seed of the variables that a call may add; `None` if the params are locked, or have no seed."""
        growth = self._structure.growth
        return None if growth is None else growth.seed

    @property
    def framework(self) -> str | None:
        """The framework of the arrays, or of those that a call may add; `None` if neither says."""
        owner = next(filter(None, map(backends.of_array, self._values)), None)
        growth = self._structure.growth
        return owner.name if owner is not None else growth.framework if growth is not None else None

    def grown(self, initial: "Params") -> "Params":
        """Return those of `initial`, a model's first values, with the values of these params where there are any.

        Args:
            initial: what `init` of the model returns.

        >>> initial = Params({"a": np.zeros(1), "b": np.zeros(1)})
        >>> Params({"a": np.ones(1)}).grown(initial).nested()
        {'a': array([1.]), 'b': array([0.])}
        """
        structure = initial._structure
        order = tuple(dict.fromkeys((*structure.order, *self._structure.order)))
        grown = Structure.of(structure.infos, order, structure.scopes, None, self._structure.scopes)
        return Params._make(grown, initial._values).merge(self)

    def values_at(self, paths: Iterable[str]) -> list[Any]:
        """Return the arrays at `paths`, with `None` for one that is not here.

        Args:
            paths: the paths.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> [value is None for value in params.values_at(["head/weight", "tail/weight"])]
        [False, True]
        """
        values, positions = self._values, map(self._structure.index.get, paths)
        return [None if position is None else values[position] for position in positions]

    def with_info(self, info: VariableInfo) -> "Params":
        """Return the same params, with other metadata or trainability of the variable at the path of `info`.

        Args:
            info: what replaces it; the path says which.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> from dataclasses import replace
        >>> params.with_info(replace(params.info["head/weight"], trainable=False)).info["head/weight"].trainable
        False
        """
        infos = tuple(info if old.path == info.path else old for old in self._structure.infos)
        return Params._make(self._structure.with_infos(infos), self._values)

    def pick(self, paths: Container[str]) -> "Params":
        """Return the variables at `paths`, in the order of the model.

        Args:
            paths: a set, a list or another container of paths.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.pick({"head/weight"}))
        ['head/weight']
        """
        return self._select(tuple(position for position, path in enumerate(self) if path in paths))

    def split(self, filter: Filter | None = None) -> tuple["Params", "Params"]:
        """Return the variables that `filter` accepts (by default the trainable ones), and the rest.

        Either may be empty.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> [list(part) for part in params.split("encoder/*")]
        [['encoder/weight'], ['head/weight']]
        """
        accept = as_predicate((lambda info: info.trainable) if filter is None else filter)
        accepted = tuple(position for position, info in enumerate(self._structure.infos) if accept(info))
        rest = tuple(sorted(set(range(len(self))) - set(accepted)))
        return self._select(accepted), self._select(rest)

    def partition(self, *filters: Filter) -> tuple["Params", ...]:
        """Return params for each filter: the variables that it is the first to accept; `...` takes the rest.

        Any of them may be empty. Raises `ValueError` if a variable is left over. `unified.filters` says what a filter
        is.

        >>> params = Params({"encoder/weight": np.ones(2), "encoder/bias": np.ones(2), "head/weight": np.ones(1)})
        >>> [list(part) for part in params.partition("*/bias", "encoder/*", ...)]
        [['encoder/bias'], ['encoder/weight'], ['head/weight']]
        """
        by_filter: list[list[int]] = [[] for _ in filters]
        predicates = [as_predicate(filter) for filter in filters]
        for position, info in enumerate(self._structure.infos):
            for positions, accept in zip(by_filter, predicates, strict=True):
                if accept(info):
                    positions.append(position)
                    break
            else:
                raise ValueError(f"no filter accepts {info.path!r} of {info.collection!r}: end with ... for the rest")
        return tuple(self._select(tuple(positions)) for positions in by_filter)

    def filter(self, *filters: Filter) -> "Params":
        """Return the variables that any of `filters` accepts, which may be none.

        Args:
            *filters: patterns of paths, collections' names, functions of a `VariableInfo`; see `unified.filters`.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.filter("head/*"))
        ['head/weight']
        """
        return self.split(filters)[0]

    def pop(self, *filters: Filter) -> tuple["Params", "Params"]:
        """Remove the variables that any of `filters` accepts: return them, and the rest.

        `sown, changes = changes.pop("intermediates")`. Either may be empty.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> head, rest = params.pop("head/*")
        >>> list(head), list(rest)
        (['head/weight'], ['encoder/weight'])
        """
        return self.split(filters)

    def mask(self, *filters: Filter) -> "Params":
        """Return booleans, true for the variables that any of `filters` accepts: the mask of `optax.masked`.

        There may be none.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> dict(params.mask("head/*"))
        {'encoder/weight': False, 'head/weight': True}
        """
        accept = as_predicate(filters)
        return Params._make(self._structure, tuple(bool(accept(info)) for info in self._structure.infos))

    def labels(self, **filters: Filter) -> "Params":
        """Return the name of the first filter that accepts each variable: the labels of `optax.multi_transform`.

        Args:
            **filters: the filters, by the names that they give.

        Raises `ValueError` for a variable that none accepts.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> dict(params.labels(slow="encoder/*", fast=...))
        {'encoder/weight': 'slow', 'head/weight': 'fast'}
        """
        names = {
            path: name for name, part in zip(filters, self.partition(*filters.values()), strict=True) for path in part
        }
        return Params._make(self._structure, tuple(names[path] for path in self))

    def freeze(self, *filters: Filter) -> "Params":
        """Return the same params, with the parameters that `filters` accept (all by default) not trainable.

        They are in the second half of `split()`, and on torch they are tensors without gradients that share their
        memory with these. Raises `ValueError` if there is no such parameter.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.freeze("encoder/*").split()[0])
        ['head/weight']
        """
        return self._with_trainable(filters or (...,), False)

    def unfreeze(self, *filters: Filter) -> "Params":
        """Return the same params, with the parameters that `filters` accept (all by default) trainable.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.freeze().unfreeze("head/*").split()[0])
        ['head/weight']
        """
        return self._with_trainable(filters or (...,), True)

    def _with_trainable(self, filters: tuple[Filter, ...], trainable: bool) -> "Params":
        accept = all_of("params", filters)
        infos, values = list(self._structure.infos), list(self._values)
        accepted = [position for position, info in enumerate(infos) if accept(info)]
        if not accepted:
            raise nothing_matches(filters, [info.path for info in infos if info.collection == "params"], "parameter")
        for position in accepted:
            infos[position] = replace(infos[position], trainable=trainable)
            backend = backends.of_array(values[position])
            if backend is not None:
                values[position] = backend.with_gradient(values[position], trainable)
        return Params._make(self._structure.with_infos(tuple(infos)), tuple(values))

    def annotate(self, *filters: Filter, **metadata: Any) -> "Params":
        """Return the same params, with `metadata` added to that of the variables that any of `filters` accepts.

        Args:
            *filters: which variables.
            **metadata: what is added, such as `sharding=("model", None)`.

        Raises `ValueError` if the filters accept no variable.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> dict(params.annotate("head/*", role="output").info["head/weight"].metadata)
        {'role': 'output'}
        """
        accept = as_predicate(filters)
        if filters and not any(map(accept, self._structure.infos)):
            raise nothing_matches(filters, self)
        infos = tuple(
            replace(info, metadata=MappingProxyType({**info.metadata, **metadata})) if accept(info) else info
            for info in self._structure.infos
        )
        return Params._make(self._structure.with_infos(infos), self._values)

    def shardings(self, mesh: Mesh, rules: Mapping[str, Any] | None = None) -> "Params":
        """Return the sharding of each variable on a mesh of devices, from its metadata `sharding`.

        `params.annotate("*/linear/weight", sharding=("model", None))` splits the first dimension over the axis `model`.
        Variables without that are on every device. `rules` translate logical names (`{"heads": "model"}`), and a rule
        for a pattern of paths (`{"*/linear/weight": ("model", None)}`) stands in for the annotations of the variables
        that it is the first to match; in a stack of layers it names the dimensions of one layer (the record of the
        body, which params of a file lack, says what is a stack).

        Returns:
            For a `jax.sharding.Mesh` a `NamedSharding` each, for `jax.device_put(params, params.shardings(mesh))` and
            `jax.jit(..., in_shardings=..., out_shardings=...)`, of params with these paths, whatever their metadata;
            for a torch `DeviceMesh` a tuple of `DTensor` placements each.

        Raises:
            ValueError: an annotation does not fit its variable or the mesh, or a pattern matches no variable; it names
                both.
        """
        backend = backends.load(type(mesh).__module__.partition(".")[0])
        sizes = backend.mesh_sizes(mesh)
        axes = axes_of_all(self._current().infos, self.stacks, sizes, rules)
        structure = StructureOfPaths.like(self._structure)
        return Params._make(structure, tuple(backend.sharding(mesh, names) for names in axes))

    def subtree(self, path: str) -> "Params":
        """Return the variables below `path`, by their paths from there; raise `KeyError` if there are none.

        >>> params = Params({"encoder/linear/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.subtree("encoder"))
        ['linear/weight']
        """
        below = f"{path}/"
        positions = tuple(position for position, name in enumerate(self) if name.startswith(below))
        if not positions:
            raise KeyError(f"there is nothing below {path!r}{closest(path, self)}")
        structure = self._structure.below(path, positions)
        return Params._make(structure, tuple(self._values[position] for position in positions))

    def prefixed(self, path: str) -> "Params":
        """Return the same variables below `path`: the inverse of `subtree`.

        >>> list(Params({"linear/weight": np.ones(2)}).prefixed("encoder"))
        ['encoder/linear/weight']
        """
        return Params._make(self._structure.prefixed("/".join(path_names(path))), self._values)

    def added(self, variables: Iterable[tuple[VariableInfo, Array]]) -> "Params":
        """Return the params with further variables, which come last; raise `ValueError` for a path that is here.

        Args:
            variables: pairs of a `VariableInfo` and an array.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> import unified as u
        >>> list(params.added([(u.VariableInfo("scale", (1,), "float64"), np.ones(1))]))
        ['encoder/weight', 'head/weight', 'scale']
        """
        infos, values = [], []
        for info, value in variables:
            if info.path in self:
                raise ValueError(f"there is a variable {info.path!r} already: change it by replaced or update")
            infos.append(info)
            values.append(value)
        return Params._make(self._structure.added(tuple(infos)), (*self._values, *values))

    def replaced(self, values: Mapping[str, Array]) -> "Params":
        """Return the params with other values, of any shape and dtype; `update` is held to those that are here.

        Raises `KeyError` for a path that is not here.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.replaced({"head/weight": np.ones(5)})["head/weight"].shape
        (5,)
        """
        _check_paths(values)
        new = list(self._values)
        for path, value in values.items():
            if path not in self:
                raise KeyError(f"there is no variable {path!r}{closest(path, self)}")
            new[self._structure.index[path]] = value
        return Params._make(self._structure, tuple(new))

    def rename(self, rules: Mapping[str, str | None], transpose: str | Iterable[str] = ()) -> "Params":
        """Return the variables at other paths, for the checkpoint of a model with other names.

        Args:
            rules: for each pattern (a regular expression that matches a whole path) the new path, in which `\\1` stands
                for the pattern's first group, or `None` to leave the variable out. The first pattern that matches
                decides; a path that none matches stays.
            transpose: patterns of the old paths of matrices that are transposed, such as the weights of Hugging Face's
                `Conv1D`, which are `(in, out)`.

        The result has no record of the body: give it to `initial.from_state_dict(...)` of the model's own params, which
        compares names and shapes. A `.` in a name counts as `/`.

        Raises `ValueError` for a pattern that matches nothing, for two variables with one new path, and for an array to
        transpose that is no matrix.

        >>> params = Params({"model.h.0.c_fc.weight": np.ones((2, 8)), "model.h.0.bias": np.ones((1, 1))})
        >>> renamed = params.rename({r"model/h/(\\d+)/bias": None, r"model/(.*)": r"\\1"}, transpose=r".*/c_fc/weight")
        >>> list(renamed), renamed["h/0/c_fc/weight"].shape
        (['h/0/c_fc/weight'], (8, 2))
        """
        old = [path.replace(".", "/") for path in self]
        patterns = (transpose,) if isinstance(transpose, str) else tuple(transpose)
        variables = []
        new = rename_paths(old, rules, patterns)
        for path, (target, is_transposed), (info, value) in zip(old, new, self._variables(), strict=True):
            if target is not None:
                array = transposed(path, value) if is_transposed else value
                variables.append((replace(info, path=target, shape=tuple(array.shape)), array))
        return Params._of(variables)

    def unstack(self, path: str | None = None) -> "Params":
        """Return the variables of a stack at `path` (`layer_stack`) as those of its layers, `<path>/0/...` and so on.

        Each has an axis less, the first, or the one after those of stacks around it that the params know of. Without a
        path all stacks that are `layer_stack`s of the params' model are split. The result has no record of the body;
        a model of either form loads it.

        >>> params = Params({"layer_stack/linear/bias": np.ones((2, 3))}).unstack("layer_stack")
        >>> list(params), params["layer_stack/1/linear/bias"].shape
        (['layer_stack/0/linear/bias', 'layer_stack/1/linear/bias'], (3,))
        """
        if path is not None:
            return Params._of(unstack_variables(self._variables(), path, self.stacks))
        return self._with_stacks(separate=True)

    def stack(self, path: str | None = None) -> "Params":
        """Return the variables of the layers `<path>/0`, `<path>/1`, ... as those of a stack: `unstack`'s inverse.

        Raises `ValueError` if the layers are not alike, or if only some of them are frozen.

        >>> layers = Params({"h/0/bias": np.ones(3), "h/1/bias": np.ones(3)})
        >>> layers.stack("h")["h/bias"].shape
        (2, 3)
        """
        if path is not None:
            return Params._of(stack_variables(self._variables(), path, self.stacks))
        return self._with_stacks(separate=False)

    def _with_stacks(self, separate: bool) -> "Params":
        """Return the variables with all stacks of layers in one form."""
        if not self._structure.scopes:
            raise ValueError("these params have no record of a model, which tells where stacks are: pass their paths")
        return Params._of(convert_stacks(self._variables(), with_form(self.stacks, separate)))

    @property
    def stacks(self) -> Mapping[str, StackForm]:
        """How the variables of each stack are kept, by its path; empty without a record of the body."""
        records = self._structure.scopes.by_path
        return {path: record.stack for path, record in records.items() if record.stack is not None}

    def in_form_of(self, expected: "Params") -> "Params":
        """Return the variables with each `layer_stack` as in `expected`, a model's params: stacked or separate.

        Variables of other models stay as they are. Raises `ValueError` if layers to stack are not alike, or if only
        some of them are frozen.

        >>> import torch, unified as u
        >>> def forward(x):
        ...     return u.layer_stack(2, name="h")(lambda x: u.Linear(4, 4, bias=False)(x))(x)
        >>> nets = [u.transform(forward, backend="torch", stacks=form) for form in ("stacked", "separate")]
        >>> stacked, separate = (net.init(torch.ones(1, 4), rng=0).params for net in nets)
        >>> list(stacked), list(stacked.in_form_of(separate))
        (['h/linear/weight'], ['h/0/linear/weight', 'h/1/linear/weight'])
        """
        variables = self._variables()
        converted = convert_stacks(variables, expected.stacks, expected.keys())
        return self if converted is variables else Params._of(converted)

    def nested(self) -> dict[str, Any]:
        """Return the variables as nested dicts, a level for each part of a path.

        >>> Params({"encoder/linear/weight": np.ones(1)}).nested()
        {'encoder': {'linear': {'weight': array([1.])}}}
        """
        tree: dict[str, Any] = {}
        for path, value in self.items():
            *scopes, name = path.split("/")
            level = tree
            for scope in scopes:
                level = level.setdefault(scope, {})
            level[name] = value
        return tree

    @staticmethod
    def from_nested(tree: Mapping[str, Any]) -> "Params":
        """Return params from nested dicts, whose keys may be paths themselves (`{"mlp/linear_0": {"w": ...}}`).

        Args:
            tree: dicts of dicts of arrays.

        >>> list(Params.from_nested({"mlp/linear_0": {"w": np.ones((2, 3)), "b": np.ones(3)}}))
        ['mlp/linear_0/w', 'mlp/linear_0/b']
        """
        variables: dict[str, Any] = {}

        def visit(level: Mapping[str, Any], path: str) -> None:
            for name, value in level.items():
                inner = f"{path}/{name}" if path else str(name)
                if isinstance(value, Mapping):
                    visit(value, inner)
                elif inner in variables:
                    raise ValueError(f"{inner!r} is there twice")
                else:
                    variables[inner] = value

        visit(tree, "")
        return Params(variables)

    def _select(self, positions: tuple[int, ...]) -> "Params":
        return Params._make(self._structure.select(positions), tuple(self._values[p] for p in positions))

    def merge(self, *others: Mapping[str, Array]) -> "Params":
        """Return the variables of these params and `others`, in the order of the model; the last of a path wins.

        Args:
            *others: `Params`, or arrays by path.

        Raises:
            KeyError: a dict, which knows nothing of a model, has a path that the model of these locked params lacks.
                `Params` may have any: those of several models are merged, and `Params({path: array})` adds a variable.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.merge({"head/weight": np.zeros(1)})["head/weight"].tolist()
        [0.0]
        """
        merged = self
        for given in others:
            other = Params(given)
            if other is not given:
                merged._structure.check_known(other)
            structure, where = merged._structure.merge(other._structure)
            values = unify((*merged, *other), merged._values + other._values)
            merged = Params._make(structure, tuple(values[position] for position in where))
        return merged

    def __or__(self, other: Mapping[str, Array]) -> "Params":
        return self.merge(other) if isinstance(other, Mapping) else NotImplemented

    def __ror__(self, other: Mapping[str, Array]) -> "Params":
        if not isinstance(other, Mapping):
            return NotImplemented
        left = Params(other)
        self._structure.check_known(left)
        return left.merge(self)

    def update(self, values: Mapping[str, Array]) -> "Params":
        """Return the same params, with new values for some variables.

        Raises `KeyError` for a path that is not here and `ValueError` for another shape or dtype. An array of NumPy or
        of another framework becomes an array of the framework of the one it replaces.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.update({"head/weight": np.zeros(1)})["head/weight"].tolist()
        [0.0]
        """
        _check_paths(values)
        new = list(self._values)
        for path, value in with_key_words(values).items():
            new[self._structure.index[path]] = _fitted(path, value, self[path])
        return Params._make(self._structure, tuple(new))

    def astype(self, dtype: DType, *filters: Filter) -> "Params":
        """Return the same params with the floating-point arrays that `filters` accept (all by default) in `dtype`.

        Integers stay as they are, and so does the state of random numbers (`rng/key`, `rng/counter`), which a cast of
        all arrays (`jax.tree.map(lambda x: x.astype(dtype), params)`) would turn into floats that draws refuse. Raises
        `ValueError` if the filters accept no variable.

        >>> params = Params({"linear/weight": np.ones(2), "count": np.zeros(1, int)}).astype("float16")
        >>> [str(array.dtype) for array in params.values()]
        ['float16', 'int64']
        """
        accept, name = as_predicate(filters or (...,)), dtype_name(dtype)
        if filters and not any(map(accept, self._structure.infos)):
            raise nothing_matches(filters, self)
        values = tuple(
            _cast(value, name) if accept(info) and info.collection != "rng" and is_floating(info.dtype) else value
            for info, value in self._variables()
        )
        return Params._make(Params._make(self._structure, values)._current(), values)

    def to(self, framework: str, device: Device = None) -> "Params":
        """Return the same params as arrays of another framework; those that are its already stay.

        Args:
            framework: `"torch"`, `"jax"`, another backend's name, or `"numpy"`.
            device: where they are put; the framework's default device if `None`.

        >>> type(Params({"weight": np.ones(2)}).to("torch")["weight"]).__name__
        'Tensor'
        """
        target = None if framework == "numpy" else backends.load(framework)
        values = []
        for path, value in with_key_words(self).items():
            source = backends.of_array(value)
            if target is not None and device is None:
                values.append(convert(path, value, target))
                continue
            host = value if source is None else source.to_numpy(value)
            values.append(host if target is None else target.from_numpy(host, device))
        return Params._make(self._structure, tuple(values))

    def state_dict(self) -> dict[str, Array]:
        """Return the variables by their dotted names, as `torch.nn.Module.state_dict` does.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> list(params.state_dict())
        ['encoder.weight', 'head.weight']
        """
        return {path.replace("/", "."): value for path, value in self.items()}

    def from_state_dict(self, state_dict: Mapping[str, Array], strict: bool = True) -> "Params":
        """Return the same params with the values of a `state_dict`, of any framework.

        Names that are aliases of one that is here, as tied tensors are, count for nothing, and stacks of layers may be
        in either form. Raises `KeyError` that lists
        missing and unexpected names (unless not `strict`), and `ValueError` for
        another shape. Values are converted to the dtype of the variable they replace.

        >>> params = Params({"encoder/weight": np.ones(2), "head/weight": np.ones(1)})
        >>> params.from_state_dict({"encoder.weight": np.zeros(2), "head.weight": np.zeros(1)})["head/weight"].tolist()
        [0.0]
        """
        _check_paths(state_dict)
        named = with_key_words({name.replace(".", "/"): value for name, value in state_dict.items()})
        if any(form.is_layers for form in self.stacks.values()):
            named = Params(named).in_form_of(self)
        infos = self.info
        missing = [path for path in self if path not in named and _is_stored(infos[path])]
        memory = {_memory_of(value) for path, value in named.items() if path in self}
        unexpected = [path for path, value in named.items() if path not in self and _memory_of(value) not in memory]
        if strict and (missing or unexpected):
            raise different_paths("the state_dict does not fit", missing, unexpected, self)
        values = {}
        for path in (path for path in self if path in named):
            old, value = self[path], named[path]
            _check_array(path, value)
            backend = backends.of_array(old)
            if backend is None:
                values[path] = np.array(on_host(value), dtype=old.dtype)
            else:
                values[path] = backend.astype(convert(path, value, backend, old), dtype_name(old.dtype))
        return self.update(values)

    def _repr_html_(self) -> str:
        """Return the tree of the variables as HTML, which notebooks show."""
        from unified.core.notebook import html

        return html(self)

    def __treescope_repr__(self, path: str | None, subtree_renderer: Any) -> Any:
        from unified.core.notebook import render_params

        return render_params(self, path, subtree_renderer)

    def __repr__(self) -> str:
        arrays = {path: value for path, value in self.items() if hasattr(value, "shape")}
        owners = {getattr(backends.of_array(value), "name", "numpy") for value in arrays.values()}
        infos = self._current().infos
        count = sum(info.size for info in infos if info.path in arrays)
        head = f"Params({len(self)} variables, {count:,} values{''.join(f', {owner}' for owner in sorted(owners))})"
        shown = infos[:12]
        width = max((len(info.path) for info in shown), default=0)
        lines = [
            f"  {info.path:{width}}  {describe_value(info, value)}"
            for info, value in zip(shown, self._values, strict=False)
        ]
        if len(self) > len(shown):
            lines.append(f"  ... {len(self) - len(shown)} more")
        return "\n".join([head, *lines])


def as_params(params: Any) -> Params:
    """Return `params`, or a bare dict of arrays, as `Params`; raise for anything else."""
    if isinstance(params, Params):
        return params
    if not isinstance(params, Mapping):
        raise TypeError(
            f"apply takes params first, as init returned them: apply(params, *args), got {type(params).__name__}"
        )
    return Params(params)
