"""Errors of kind CRV3 beside pyfixest, a package that the book does not need and that is fetched for this test.

pyfixest adds up the squared changes of a slope when each cluster is left out in turn; MacKinnon, Nielsen and Webb
(2023) weigh their sum by (G - 1) / G, and so does the book. It refits the model without every cluster.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import strangers

from compendium.chapters import politics
from compendium.methods.tiers import multiverse as mv

PACKAGES = (  # itself, and what it draws tables with: it imports that, whatever it is asked
    *("pyfixest==0.60.0", "maketables==0.2.0", "great-tables==1.1.0", "faicons==0.2.2", "htmltools==0.7.0"),
    *("importlib-resources==7.1.0", "multimark==0.4.0", "nokap==0.1.0", "python-docx==1.2.0", "lxml==6.1.3"),
    "websockets==17.4",
)
PROGRAM = """
import json, sys
import pandas as pd, pyfixest
found = []
for path in sys.argv[1:]:
    rows = pd.read_csv(path)
    columns = [name for name in rows if name.startswith("x")]
    formula = "y ~ " + " + ".join(columns) + (" | g" if "within" in path else "")
    plain = pyfixest.ssc(k_adj=False, G_adj=False)
    fit = pyfixest.feols(formula, rows, vcov={"CRV3": "g"}, ssc=plain)
    found.append([float(fit.coef()["x0"]), float(fit.se()["x0"])])
print(json.dumps(found))
"""


@pytest.mark.check
def test_errors_of_kind_crv3_are_those_of_pyfixest(tmp_path: Path) -> None:
    facts = politics.facts()
    linear = [spec for spec in politics.grid(facts).valid if spec.estimator == "linear"]
    specs = mv.published([spec for spec in linear if spec.performance == "rule of law"], per_cell=6)[3::24]
    assert {spec.country_effects for spec in specs} == {"none", "within"}
    files, clusters = [], []
    for place, spec in enumerate(specs):
        data = mv.data_of(facts.panel, spec)
        rows = pd.DataFrame(data.design, columns=[f"x{at}" for at in range(data.design.shape[1])])
        files.append(tmp_path / f"{place}-{spec.country_effects}.csv")
        rows.assign(y=data.outcome.astype(float), g=data.clusters.codes).to_csv(files[-1], index=False)
        clusters.append(data.clusters.count)
    unchecked = "the errors of kind CRV3 were NOT compared with it"
    found = strangers.answer(PACKAGES, PROGRAM, *files, unchecked=unchecked)
    ours = mv.permutation_test(facts.panel, specs, draws=1, null="given performance", errors="CRV3").scores[:, 0]
    for spec, t, count, (slope, error) in zip(specs, ours, clusters, found, strict=True):
        theirs = mv.POLITICS[spec.politics].predicted_sign * slope / (error * np.sqrt((count - 1) / count))
        assert t == pytest.approx(theirs, rel=1e-5), spec
