"""Matrix products where numpy has no BLAS of its own, as in a reader's browser: scipy has one there."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

HAS_BLAS = sys.platform != "emscripten"  # numpy's wheel for the browser is built without


def product(a: Floats, b: Floats) -> Floats:
    """The product (..., m, n) of matrices (..., m, k) and (..., k, n) of one precision, single or double.

    Both are one matrix, or stacks of as many.
    """
    if HAS_BLAS:
        return np.matmul(a, b)
    if a.ndim == 2:
        return by_scipy(a, b)
    return np.stack([product(*pair) for pair in zip(a, b, strict=True)])


def by_scipy(a: Floats, b: Floats) -> Floats:
    """The same of two matrices by scipy's BLAS, which counts columns first: the transposed of the transposed."""
    from scipy.linalg import blas

    gemm = blas.sgemm if a.dtype == np.float32 else blas.dgemm
    found: Any = gemm(1, b.T, a.T)
    return found.T
