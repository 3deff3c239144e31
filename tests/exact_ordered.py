"""The ordered logit of statsmodels with sharp derivatives, for tests and timings that compare many digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_hess_cs


class ExactOrderedModel(OrderedModel):
    """statsmodels' model with a complex-step Hessian: its own forward differences are good to some 2e-5 only."""

    def cdf(self, x: Any) -> Any:
        finite = np.isfinite(x.real)
        return np.where(finite, 1 / (1 + np.exp(-np.where(finite, x, 0))), (x.real > 0) * 1.0)

    def hessian(self, params: Any) -> Any:
        return approx_hess_cs(params, self.loglike)
