"""Init of bodies that torch refuses while tensors are unfilled."""

import pytest
import torch

import unified as u


@pytest.fixture
def filled_with_nan():
    """Fill new memory with NaN, which it may contain at any time anyway."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def test_indices_computed_from_parameters(filled_with_nan):
    def forward(x):
        return u.Embedding(16, 8)((u.Linear(3, 4)(x).sigmoid() * 15).long())

    net = u.transform(forward, backend="torch").init(torch.ones(2, 3), rng=0)
    assert net(torch.ones(2, 3)).shape == (2, 4, 8)


def test_decomposition_of_a_parameter(filled_with_nan):
    def forward(x):
        w = u.get_parameter("w", (3, 3), u.initializers.normal())
        return torch.linalg.cholesky(w @ w.T + torch.eye(3)) @ x

    net = u.transform(forward, backend="torch").init(torch.ones(3), rng=0)
    assert net(torch.ones(3)).isfinite().all()


def test_the_bodys_own_error_is_raised(filled_with_nan):
    def forward(x):
        u.Linear(3, 4)(x)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        u.transform(forward, backend="torch").init(torch.ones(2, 3), rng=0)
