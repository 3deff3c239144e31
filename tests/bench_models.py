"""`make bench`: models per second, the book's fitter beside statsmodels and beside the package specification_curve.

The peer package is installed into a throw-away environment; where it cannot be had this is said.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from compendium import multiverse, tables

PEER = "specification_curve==0.3.9"
PEER_SCRIPT = """
import sys, time, warnings
import pandas as pd
warnings.simplefilter("ignore")
from specification_curve import specification_curve as sc
frame = pd.read_csv(sys.argv[1])
controls = [c for c in frame.columns if c not in ("bad", "politics", "year")]
curve = sc.SpecificationCurve(frame, y_endog="bad", x_exog="politics", controls=controls)
began = time.perf_counter()
curve.fit()
seconds = time.perf_counter() - began
print(len(curve.df_r) / seconds)
"""


def rate(work: Callable[[], object], models: int) -> float:
    """Models per second."""
    began = time.perf_counter()
    work()
    return models / (time.perf_counter() - began)


def statsmodels_ordered(panel: multiverse.Panel, specs: list[multiverse.Specification]) -> None:
    """The same ordered logits by statsmodels, with its cluster-robust errors."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    for spec in specs:
        data = multiverse.data_of(panel, spec)
        OrderedModel(data.outcome, data.design, distr="logit").fit(
            method="bfgs", maxiter=500, disp=0, cov_type="cluster", cov_kwds={"groups": data.clusters.codes}
        )


def peer_rate(panel: multiverse.Panel) -> float | None:
    """Linear models per second by specification_curve on the same rows; None if the package cannot be had."""
    data = multiverse.data_of(panel, multiverse.BASELINE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        import pandas as pd

        frame = pd.DataFrame(data.design[:, :5], columns=["politics", "a", "b", "c", "d"]).assign(
            bad=data.outcome >= 2
        )
        frame.astype(float).to_csv(folder / "rows.csv", index=False)
        (folder / "peer.py").write_text(PEER_SCRIPT)
        for command in (
            [sys.executable, "-m", "venv", folder / "venv"],
            [folder / "venv/bin/pip", "-q", "install", PEER],
        ):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return None
        done = subprocess.run(
            [folder / "venv/bin/python", folder / "peer.py", folder / "rows.csv"],
            capture_output=True,
            text=True,
            check=False,
        )
        return float(done.stdout.split()[-1]) if done.returncode == 0 and done.stdout.split() else None


def main() -> int:
    """Print the rates."""
    warnings.simplefilter("ignore")
    names = ("tip_tiers", "country_panel", "anti_trafficking_3p", "countries")
    panel = multiverse.build_panel(*(tables.read(name) for name in names))
    specs = multiverse.published(multiverse.grid(panel)[0])
    ordered = [spec for spec in specs if spec.estimator == "ordered logit"]
    some = [ordered[i] for i in np.linspace(0, len(ordered) - 1, 20).astype(int)]
    linear = [spec for spec in specs if spec.estimator == "linear"]
    measured = {
        f"the whole published curve ({len(specs)})": rate(lambda: multiverse.run(panel, specs), len(specs)),
        f"ordered logits, all {len(ordered)}": rate(lambda: multiverse.run(panel, ordered), len(ordered)),
        "ordered logits, 20 scattered": rate(lambda: multiverse.run(panel, some), 20),
        "the same 20 by statsmodels": rate(lambda: statsmodels_ordered(panel, some), 20),
        f"linear models ({len(linear)})": rate(lambda: multiverse.run(panel, linear), len(linear)),
    }
    print("models per second, one core, one run")
    for what, value in measured.items():
        print(f"  {what:<44} {value:9.1f}")
    peer = peer_rate(panel)
    print(f"  {f'linear models by {PEER}':<44} {peer:9.1f}" if peer else f"  {PEER} could not be had: NOT compared")
    return 0


if __name__ == "__main__":
    sys.exit(main())
