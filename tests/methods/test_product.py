"""A product is the same whoever has the BLAS: numpy here, scipy in a browser."""

from __future__ import annotations

import numpy as np
import pytest

from compendium.methods import product as module
from compendium.methods.product import by_scipy, product


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 5, 7), (1, 4, 1), (6, 0, 2)])
def test_both_ways_give_one_product(precision: type, shape: tuple[int, int, int]) -> None:
    m, k, n = shape
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(m, k)).astype(precision), rng.normal(size=(k, n)).astype(precision)
    expected = [[sum(a[i, j] * b[j, c] for j in range(k)) for c in range(n)] for i in range(m)]
    for found in (product(a, b), by_scipy(a, b)):
        assert found.shape == (m, n) and found.dtype == precision
        np.testing.assert_allclose(found, np.reshape(expected, (m, n)), rtol=1e-5, atol=1e-6)


def test_scipy_is_asked_where_numpy_has_no_blas_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(module, "by_scipy", lambda a, b: asked.append("scipy"))
    product(np.ones((2, 2)), np.ones((2, 2)))
    assert module.HAS_BLAS and asked == []  # these tests run in no browser
    monkeypatch.setattr(module, "HAS_BLAS", False)
    product(np.ones((2, 2)), np.ones((2, 2)))
    assert asked == ["scipy"]


@pytest.mark.parametrize("has_blas", [True, False])
def test_stacks_are_multiplied_one_by_one(monkeypatch: pytest.MonkeyPatch, has_blas: bool) -> None:
    monkeypatch.setattr(module, "HAS_BLAS", has_blas)
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(4, 2, 3)), rng.normal(size=(3, 4, 5))
    found = product(a, b.transpose(1, 0, 2))
    assert found.shape == (4, 2, 5)
    for which in range(4):
        np.testing.assert_allclose(found[which], a[which] @ b[:, which], rtol=1e-12)


@pytest.mark.parametrize("has_blas", [True, False])
def test_stacks_of_other_lengths_have_no_product(monkeypatch: pytest.MonkeyPatch, has_blas: bool) -> None:
    monkeypatch.setattr(module, "HAS_BLAS", has_blas)
    with pytest.raises(ValueError):
        product(np.ones((4, 2, 3)), np.ones((5, 3, 2)))


def test_a_part_of_a_larger_array_is_multiplied_as_it_stands() -> None:
    whole = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    a, b = whole[:, 1, ::2], whole[1, :3]
    np.testing.assert_array_equal(by_scipy(a, b), a @ b)
