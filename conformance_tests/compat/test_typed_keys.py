"""Typed keys on torch beside JAX's: what they are, what moves them, what refuses them, and their bits."""

import copy
import pickle
import threading
from typing import Any

import jax as oracle
import numpy as np
import pytest
import torch

import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as jax
from conformance_tests.compat.differential import on

# Of a key `k`, four `ks` and a square `k2`; `m` is JAX, or JAX on torch, and `r`, `jnp`, `lax` are its modules.
EXPRESSIONS = [
    "r.key(-1)",
    "r.key(2**40+3)",
    "r.key(np.uint64(2**40+3))",
    "r.key(np.int32(-4))",
    "r.PRNGKey(-1)",
    "r.PRNGKey(2**40+3)",
    "r.key(1.5)",
    "r.key(jnp.array([1,2]))",
    "m.vmap(r.key)(jnp.arange(3))",
    "m.vmap(r.PRNGKey)(jnp.arange(3))",
    'r.key(3,impl="zzz")',
    "r.key(3,impl=r.key_impl(k))",
    "r.split(k)",
    "r.split(k,(2,3))",
    "r.fold_in(k,7)",
    "r.fold_in(k,jnp.uint32(7))",
    "r.clone(ks)",
    "r.key_data(ks)",
    "r.key_data(r.PRNGKey(1))",
    "r.key_data(jnp.ones(3))",
    "r.wrap_key_data(np.arange(4,dtype=np.uint32).reshape(2,2))",
    "r.wrap_key_data(np.arange(3,dtype=np.uint32))",
    "r.wrap_key_data(k)",
    "r.split(ks)",
    "r.uniform(ks)",
    "r.uniform(k,(3,))",
    "r.uniform(key=k)",
    "r.uniform(3)",
    "r.permutation(k,5)",
    "r.permutation(k,jnp.arange(4.))",
    "r.choice(k,jnp.arange(5),(2,),replace=False)",
    "r.categorical(k,jnp.zeros(4),shape=(5,))",
    "r.randint(k,(3,),0,9)",
    "r.bernoulli(k,0.5,(4,))",
    "r.bits(k,(3,))",
    "m.vmap(r.split,out_axes=-1)(ks)",
    "m.vmap(r.split,out_axes=1)(ks)",
    "m.vmap(lambda a:a,in_axes=-1)(k2)",
    "m.vmap(lambda a: r.uniform(a,(2,)))(ks)",
    "m.vmap(m.vmap(r.uniform))(k2)",
    "m.vmap(lambda a,b: r.uniform(r.fold_in(a,b)),in_axes=(None,0))(k,jnp.arange(3))",
    "lax.scan(lambda c,x:(r.fold_in(c,1),(x,r.uniform(x))),k,ks)",
    "lax.fori_loop(0,3,lambda i,c:r.fold_in(c,i),k)",
    "lax.while_loop(lambda c:r.uniform(c)<0.9,lambda c:r.fold_in(c,1),k)",
    "lax.cond(True,lambda c:r.fold_in(c,1),lambda c:c,k)",
    "m.vmap(lambda p,c: lax.cond(p,lambda c:r.fold_in(c,1),lambda c:c,c))(jnp.array([True,False,True,False]),ks)",
    "lax.map(r.uniform,ks)",
    "m.jit(r.split)(k)",
    'm.tree_util.tree_map(lambda a:a,{"a":k,"b":[ks]})',
    "m.grad(lambda x,k: (x*r.uniform(k)).sum())(jnp.ones(2),k)",
    "m.grad(lambda k:1.0)(k)",
    "m.vmap(lambda k: lax.all_gather(k, 'i'), axis_name='i')(ks)",
    "m.vmap(lambda k: lax.ppermute(k, 'i', [(0, 1), (1, 2), (2, 3), (3, 0)]), axis_name='i')(ks)",
    "m.vmap(lambda k: lax.psum(k, 'i'), axis_name='i')(ks)",
    "m.value_and_grad(lambda x,k: ((x*r.uniform(k)).sum(),k),has_aux=True)(jnp.ones(2),k)",
    "m.eval_shape(r.split,k)",
    "m.eval_shape(r.split,m.ShapeDtypeStruct((),k.dtype))",
    "m.ShapeDtypeStruct((2,),k.dtype)",
    "jnp.asarray(k)",
    "jnp.array([k,k])",
    "jnp.asarray(k,k.dtype)",
    "jnp.array(ks)",
    "jnp.zeros(3,k.dtype)",
    "jnp.empty((2,),k.dtype)",
    "jnp.zeros_like(ks)",
    "jnp.full_like(ks,k)",
    "jnp.full((2,),k)",
    "jnp.stack([k,k])",
    "jnp.stack([k,1])",
    "jnp.stack(list(ks))",
    "jnp.concatenate([ks,ks])",
    "jnp.hstack([ks,ks])",
    "jnp.vstack([ks,ks])",
    "jnp.append(ks,ks)",
    "jnp.expand_dims(k,0)",
    "jnp.squeeze(ks[:1])",
    "jnp.where(jnp.array([True,False]),k,ks[:2])",
    "jnp.where(True,k,1)",
    "jnp.where(True,k,k)",
    "jnp.broadcast_to(k,(3,))",
    "jnp.broadcast_arrays(k,ks)",
    "jnp.tile(ks,2)",
    "jnp.repeat(ks,2)",
    "jnp.reshape(ks,(2,2))",
    "jnp.ravel(k2)",
    "jnp.moveaxis(k2,0,1)",
    "jnp.swapaxes(k2,0,1)",
    "jnp.transpose(k2)",
    "jnp.take(ks,jnp.array([0,2]))",
    "jnp.take(ks,jnp.array([0,2]),axis=0)",
    "jnp.take_along_axis(ks,jnp.array([0,2]),axis=0)",
    "jnp.split(ks,2)",
    "jnp.array_split(ks,2)",
    "jnp.flip(ks)",
    "jnp.roll(ks,1)",
    "jnp.atleast_1d(k)",
    "jnp.delete(ks,1)",
    "jnp.insert(ks,1,k)",
    "jnp.unstack(ks)",
    "jnp.select([jnp.array([True,False,False,True])],[ks],ks[::-1])",
    "jnp.array_equal(ks,ks)",
    "jnp.shape(ks)",
    "jnp.ndim(ks)",
    "jnp.size(ks)",
    "jnp.isscalar(k)",
    "jnp.result_type(k)",
    "jnp.add(k,k)",
    "jnp.sum(ks)",
    "jnp.sort(ks)",
    "jnp.dot(ks,ks)",
    "jnp.exp(k)",
    "lax.dynamic_slice(ks,(1,),(2,))",
    "lax.dynamic_slice_in_dim(ks,1,2)",
    "lax.dynamic_index_in_dim(ks,1)",
    "lax.dynamic_update_slice(ks,ks[:1],(2,))",
    "lax.dynamic_update_index_in_dim(ks,k,2,0)",
    "lax.index_in_dim(ks,1)",
    "lax.slice(ks,(1,),(3,))",
    "lax.slice_in_dim(ks,1,3)",
    "lax.select(jnp.array([True,False,False,True]),ks,ks[::-1])",
    "lax.select_n(jnp.array([True,False,False,True]),ks,ks[::-1])",
    "lax.concatenate([ks,ks],0)",
    "lax.expand_dims(k,(0,))",
    "lax.squeeze(ks[:1],(0,))",
    "lax.reshape(ks,(2,2))",
    "lax.rev(ks,(0,))",
    "lax.broadcast(k,(2,))",
    "lax.broadcast_in_dim(k,(2,),())",
    "lax.stop_gradient(ks)",
    "lax.full((2,),k)",
    "lax.eq(ks,ks)",
    "lax.add(ks,ks)",
    "lax.optimization_barrier(ks)",
    "lax.transpose(k2,(1,0))",
    "lax.collapse(k2,0)",
    "ks==ks",
    "ks==k",
    "ks!=ks",
    "k==3",
    "ks<ks",
    "ks[0]",
    "ks[1:]",
    "ks[-1]",
    "ks[jnp.array([0,2])]",
    "ks[jnp.array([True,False,True,False])]",
    "ks[None]",
    "ks[...]",
    "k2[:,0]",
    "k2[0,1]",
    "ks[9]",
    "ks.at[0].set(k)",
    "ks.at[0].set(1)",
    "ks.at[0].get()",
    "ks.at[0].add(k)",
    "ks.at[jnp.array([0,1])].set(ks[2:])",
    "len(ks)",
    "len(k)",
    "list(ks)",
    "list(k)",
    "[a for a in reversed(ks)]",
    "k.reshape(1)",
    "k2.flatten()",
    "k2.ravel()",
    "k2.T",
    "k2.transpose(1,0)",
    "ks.squeeze()",
    "k.copy()",
    "k2.swapaxes(0,1)",
    "ks.take(jnp.array([1]))",
    "k2.shape,k2.ndim,k2.size,k2.itemsize,k2.nbytes,str(k2.dtype)",
    'repr(k),str(ks),f"{k}"',
    "repr(k.dtype)",
    "hash(k)",
    "bool(k)",
    "int(k)",
    "float(k)",
    "np.asarray(k)",
    "k.item()",
    "k.tolist()",
    "k.astype(jnp.float32)",
    "k.view(jnp.uint32)",
    "-k",
    "+k",
    "abs(k)",
    "~k",
    "k.sum()",
    "k.real",
    "k.round()",
    "round(k)",
    "k in ks",
    "k+k",
    "k+1",
    "1+k",
    "k*2.0",
    "k//k",
    "k%k",
    "k**2",
    "ks@ks",
    "k&k",
    "divmod(k,k)",
    "jnp.issubdtype(k.dtype, m.dtypes.prng_key)",
    "jnp.issubdtype(k.dtype, m.dtypes.extended)",
    "jnp.issubdtype(k.dtype, np.generic)",
    "jnp.issubdtype(k.dtype, np.number)",
    "jnp.issubdtype(k.dtype, k.dtype)",
    "jnp.issubdtype(jnp.float32, m.dtypes.prng_key)",
    "jnp.issubdtype(jnp.ones(2).dtype, m.dtypes.prng_key)",
    "jnp.issubdtype(m.dtypes.prng_key, m.dtypes.extended)",
    "m.dtypes.canonicalize_dtype(k.dtype,allow_extended_dtype=True)",
    "m.dtypes.canonicalize_dtype(k.dtype)",
    "m.device_put(k)",
    "m.device_get(k)",
    "m.block_until_ready(ks)",
    "isinstance(k,m.Array)",
    "isinstance(k,jnp.ndarray)",
    "k.devices() and 1",
    "r.key_impl(k)",
    "r.key_dtype()",
    "m.checkpoint(lambda k:r.uniform(k))(k)",
    "m.vjp(lambda x,k: x*r.uniform(k),jnp.float32(1),k)[0]",
    "m.typeof(k).shape",
    "m.pmap(r.split)(ks[:1])",
    "m.linearize(lambda x: x*r.uniform(k), jnp.float32(1.))[0]",
    "m.jvp(lambda x: x*r.uniform(k), (jnp.float32(1.),),(jnp.float32(1.),))",
    "m.jacfwd(lambda x: x*r.uniform(k))(jnp.ones(2))",
]


def shown(m: Any, leaf: Any) -> Any:
    """Return what is compared of a leaf."""
    if "Struct" in type(leaf).__name__ or "KeyTy" in type(leaf).__name__ or "KeyDtype" in type(leaf).__name__:
        return repr(leaf)
    if not hasattr(leaf, "dtype"):
        return leaf
    words = m.random.key_data(leaf) if str(leaf.dtype) == "key<fry>" else leaf
    return str(leaf.dtype), tuple(leaf.shape), np.asarray(words).tolist()


def outcome(m: Any, expression: str) -> Any:
    r = m.random
    k, ks, k2 = r.key(3), r.split(r.key(3), 4), r.split(r.key(3), (2, 2))
    names = {"m": m, "r": r, "jnp": m.numpy, "lax": m.lax, "np": np, "k": k, "ks": ks, "k2": k2}
    try:
        return [shown(m, leaf) for leaf in m.tree_util.tree_leaves(eval(expression, names))]
    except Exception:
        return "refused"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_expressions(every: int) -> None:
    expressions = EXPRESSIONS[::every]
    theirs = [outcome(oracle, expression) for expression in expressions]
    with on("torch"):
        ours = [outcome(jax, expression) for expression in expressions]
    differences = [row for row in zip(expressions, theirs, ours, strict=True) if row[1] != row[2]]
    assert differences == []


@pytest.fixture
def key() -> Any:
    with on("torch"):
        yield jax.random.key(3)


def test_other_generators_are_refused(key: Any) -> None:
    with pytest.raises(u.BackendError, match="threefry2x32"):
        jax.random.key(3, impl="rbg")
    with pytest.raises(ValueError, match="zzz"):
        jax.random.key(3, impl="zzz")


def test_arithmetic_says_what_to_do(key: Any) -> None:
    for compute in (lambda: key + 1, lambda: -key, lambda: jax.numpy.exp(key), lambda: torch.add(key, 1)):
        with pytest.raises(TypeError, match=r"jax\.random\.key_data"):
            compute()


def test_copies(key: Any) -> None:
    for other in (pickle.loads(pickle.dumps(key)), copy.copy(key), copy.deepcopy(key), key.copy()):
        assert other.dtype == key.dtype
        assert bool(other == key)
    assert pickle.loads(pickle.dumps(key.dtype)) is key.dtype


def test_in_another_thread(key: Any) -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(jax.random.split(key)))
    thread.start()
    thread.join()
    assert bool((found[0] == jax.random.split(key)).all())


def test_compiled(key: Any) -> None:
    def draw(key: Any, x: Any) -> Any:
        return x * jax.random.uniform(key, (2,)), jax.random.split(key)[1], jax.random.key(7)

    x = jax.numpy.ones(2)
    compiled = torch.compile(jax.jit(draw), fullgraph=True, backend="aot_eager")(key, x)
    for ours, expected in zip(compiled, draw(key, x), strict=True):
        assert ours.dtype == expected.dtype
        assert bool((ours == expected).all())


def test_haiku_takes_them(key: Any) -> None:
    net = hk.transform(lambda x: hk.dropout(hk.next_rng_key(), 0.5, hk.Linear(3)(x)))
    x = torch.ones(2, 4)
    params, raw = net.init(key, x), jax.random.PRNGKey(3)
    assert isinstance(params["linear"]["w"], torch.Tensor)
    assert torch.equal(params["linear"]["w"], net.init(raw, x)["linear"]["w"])
    assert torch.equal(net.apply(params, key, x), net.apply(params, raw, x))


def test_a_model_takes_them(key: Any) -> None:
    net = u.transform(lambda x: u.Linear(4, 3)(x))
    one, two = (net.init(torch.ones(2, 4), rng=rng).state_dict() for rng in (key, 3))
    assert all(torch.equal(one[name], two[name]) for name in two)


def test_conversion_to_their_own_dtype(key: Any) -> None:
    for convert in (
        jax.numpy.astype,
        jax.lax.convert_element_type,
        jax.numpy.asarray,
        lambda key, dtype: key.astype(dtype),
    ):
        for function in (convert, jax.jit(convert, static_argnums=1)):
            same = function(key, key.dtype)
            assert same.dtype == key.dtype
            np.testing.assert_array_equal(jax.random.key_data(same), jax.random.key_data(key))
    with pytest.raises(TypeError, match="key_data"):
        jax.numpy.astype(key, "uint32")
