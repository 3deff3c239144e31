"""How fast the models of the multiverse are fitted, beside statsmodels and the package specification_curve.

Run by `make bench`, not by pytest. One run on one machine, one core each unless the row says otherwise:

* a common curve, which all three can draw: every subset of six controls for each measure of politics, on the
  country-years where all of them are known, in seconds of the processor. The estimates are compared: as each
  contender stops by its own default, and, for statsmodels, after exact Newton steps that are not timed.
* the published multiverse, on one core, on two, and on a local Dask cluster by naming joblib's backend.

Packages that the book does not need are installed into throw-away environments; what cannot be had is skipped
aloud. Exit status: 0, or 1 if contenders disagree, results are not identical, a budget is missed, or a measurement
breaks.
"""

from __future__ import annotations

import os

# One thread each, as in the Makefile; numpy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import functools
import itertools
import json
import platform
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.evidence import paths, tables
from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import ordered

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PEER = (  # nothing but itself and what its import needs; numpy, pandas and statsmodels are the book's own
    *("specification-curve==0.3.9", "pingouin==0.7.0", "pandas-flavor==0.8.1", "xarray==2026.9.0"),
    *("scikit-learn==1.9.1", "threadpoolctl==3.8.0", "typeguard==4.6.1"),
)
DASK = ("dask[distributed]==2026.8.0",)
INSTALL_SECONDS = 300
BUDGET = 2800  # specifications of the multiverse a second, two processes on two cores

WINDOW, LAG = (2004, 2013), 1
CONTROLS = ("log_income", "log_population", "democracy", "rule_of_law", "control_of_corruption", "p3_total")
TIERS, LISTED = "four tiers", "watch list or worse"
ESTIMATORS = {"ordered logit": TIERS, "logit": LISTED, "linear": LISTED}
# The peer and statsmodels need up to seconds for one ordered logit: they get every n-th of its curve.
EVERY = {"ordered logit": 16, "logit": 1, "linear": 1}
STOPPED = 1e-3  # of a standard error: how far from the maximum a contender may stop
ESTIMATE_TOLERANCE, ERROR_TOLERANCE = 1e-6, 1e-5  # relative, at the maximum


class Unavailable(RuntimeError):
    """A package that cannot be had here; the message says why."""


class Failed(RuntimeError):
    """A measurement that broke although its packages were there; the message is its last words."""


@dataclass(frozen=True)
class Elsewhere:
    """What a throw-away Python measured, or why there is nothing: skipped, or failed."""

    answer: dict[str, Any] | None
    reason: str = ""
    failed: bool = False

    def excuse(self, what: str) -> None:
        """Say aloud that a contender is missing."""
        print(f"{'FAILED' if self.failed else 'SKIPPED'}  {what}: {self.reason}", flush=True)


@dataclass(frozen=True)
class Speed:
    """How many specifications one contender fitted, and in how many seconds."""

    specifications: int
    seconds: float

    @property
    def rate(self) -> float:
        """Specifications per second."""
        return self.specifications / self.seconds


@dataclass(frozen=True)
class Fitted:
    """Estimates and errors (specifications,) of the measure of politics, and the seconds of the processor."""

    estimates: Floats
    errors: Floats
    seconds: float

    @property
    def speed(self) -> Speed:
        """The same as a speed."""
        return Speed(len(self.estimates), self.seconds)


# ---------------------------------------------------------------- the common curve


def panel() -> mv.Panel:
    """The panel of the published multiverse."""
    names = ("tip_tiers", "country_panel", "anti_trafficking_3p", "countries")
    tiers, countries_by_year, performance, countries = (tables.read(name) for name in names)
    return mv.build_panel(tiers, countries_by_year, performance, countries)


def complete(world: mv.Panel) -> tuple[pd.DataFrame, Ints]:
    """The country-years with every column of the common curve, and the country of each.

    The frame has the measures of politics, the controls, and the outcomes by their names; no missing value,
    because the peer has no rule for one.
    """
    columns = (*mv.POLITICS, *CONTROLS)
    frame = pd.DataFrame({column: world.covariates[LAG][column] for column in columns})
    for outcome in (TIERS, LISTED):
        frame[outcome] = np.asarray(mv.OUTCOMES[outcome][0])[world.rank]
    keep = (world.year >= WINDOW[0]) & (world.year <= WINDOW[1]) & np.isfinite(frame.to_numpy()).all(axis=1)
    return frame.loc[keep].reset_index(drop=True), world.country[keep]


def curve(estimator: str) -> list[tuple[str, tuple[str, ...]]]:
    """The specifications of the common curve that all contenders fit: measure of politics, controls."""
    subsets = [set_ for size in range(len(CONTROLS) + 1) for set_ in itertools.combinations(CONTROLS, size)]
    return list(itertools.product(list(mv.POLITICS)[:: EVERY[estimator]], subsets))


def clocked(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> tuple[Any, float]:
    """What the work returns, and its seconds."""
    began = clock()
    return work(), clock() - began


def ours(frame: pd.DataFrame, country: Ints, estimator: str) -> Fitted:
    """The curve by the book, every model from a cold start, errors clustered by country."""
    outcome = frame[ESTIMATORS[estimator]].to_numpy()
    fit = ordered.fit_linear if estimator == "linear" else ordered.fit_ordered

    def work() -> list[ordered.Fit]:
        clusters = ordered.Clusters.of(country)
        designs = (frame[[politics, *controls]].to_numpy() for politics, controls in curve(estimator))
        return [fit(outcome, design, clusters) for design in designs]

    fits, seconds = clocked(work, time.process_time)
    slopes, errors = ([getattr(one, what)[0] for one in fits] for what in ("slopes", "standard_errors"))
    return Fitted(np.array(slopes), np.array(errors), seconds)


def by_statsmodels(frame: pd.DataFrame, country: Ints, estimator: str) -> tuple[Fitted, Fitted]:
    """The curve by statsmodels with the same errors: as it stops, and after exact Newton steps, not timed."""
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.regression.linear_model import OLS

    outcome = frame[ESTIMATORS[estimator]].to_numpy()
    robust: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": country}}

    def fit(politics: str, controls: tuple[str, ...]) -> Any:
        design = frame[[politics, *controls]].to_numpy()
        if estimator == "ordered logit":
            model = OrderedModel(outcome, design, distr="logit")
            return model.fit(method="bfgs", maxiter=500, disp=0, **robust)
        design = np.column_stack([design, np.ones(len(design))])
        if estimator == "logit":
            return Logit(outcome, design).fit(disp=0, **robust)
        return OLS(outcome, design).fit(**robust)

    fits, seconds = clocked(lambda: [fit(*choice) for choice in curve(estimator)], time.process_time)
    sharp = fits
    if estimator == "ordered logit":
        # The Hessian of statsmodels itself is numerical, and its errors are good to four digits only.
        from exact_ordered import ExactOrderedModel

        newton: dict[str, Any] = {"method": "newton", "maxiter": 4, "tol": 1e-10, "disp": 0, **robust}
        designs = [one.model.exog for one in fits]
        exact = [ExactOrderedModel(outcome, design, distr="logit") for design in designs]
        with warnings.catch_warnings():  # the steps arrive before the tolerance is met; the distances tell
            warnings.simplefilter("ignore")
            sharp = [model.fit(start_params=one.params, **newton) for model, one in zip(exact, fits, strict=True)]
    stopped, maximum = (
        Fitted(np.array([one.params[0] for one in some]), np.array([one.bse[0] for one in some]), seconds)
        for some in (fits, sharp)
    )
    return stopped, maximum


def distance(found: Floats, true: Floats) -> float:
    """Largest difference, in parts of the larger of the true value and a hundredth."""
    return float(np.max(np.abs(found - true) / np.maximum(np.abs(true), 0.01)))


# ---------------------------------------------------------------- in a throw-away environment


@contextmanager
def environment(packages: Sequence[str], alone: bool) -> Iterator[Path]:
    """A Python with pinned packages over those of the book; `alone`: without what they say they need.

    Raises Unavailable if they cannot be installed.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        python = folder / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        command = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install"]
        command += ["--quiet", "--no-input", *(["--no-deps"] if alone else []), *packages]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"not installed within {INSTALL_SECONDS} s") from None
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            raise Unavailable(told[-1])
        site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        (site / "book.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        yield python


def inside(python: Path, what: str) -> dict[str, Any]:
    """Run one measurement of this file under another Python; Failed with its last words if it breaks."""
    variables = {**os.environ, "PYTHONPATH": str(paths.BOOK)}
    with tempfile.NamedTemporaryFile("r", suffix=".json") as answer:
        command = [str(python), __file__, "--measure", what, "--answer", answer.name]
        done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
        if done.returncode:
            told = done.stderr.strip().splitlines() or ["no output"]
            raise Failed(told[-1])
        return json.load(answer)


def measure_peer() -> dict[str, Any]:
    """The common curve by specification_curve: for each estimator seconds, and estimate and error of each."""
    import specification_curve
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.regression.linear_model import OLS

    class Ordered:
        """The ordered logit as the package calls an estimator: outcome, design with a constant, fit()."""

        def __init__(self, outcome: pd.Series, design: pd.DataFrame) -> None:
            self.model = OrderedModel(outcome, design.drop(columns="const"), distr="logit")

        def fit(self) -> Any:
            return self.model.fit(method="bfgs", maxiter=500, disp=0)

    class Quiet(Logit):
        """Logit without its report of convergence."""

        def fit(self, **options: Any) -> Any:
            return super().fit(**{"disp": 0, **options})

    frame, _ = complete(panel())
    answer = {}
    for estimator, model in (("ordered logit", Ordered), ("logit", Quiet), ("linear", OLS)):
        measures = list(mv.POLITICS)[:: EVERY[estimator]]
        one = specification_curve.SpecificationCurve(
            frame, y_endog=ESTIMATORS[estimator], x_exog=measures, controls=list(CONTROLS)
        )
        _, seconds = clocked(functools.partial(one.fit, estimator=model), time.process_time)
        rows = [
            (row.x_exog, sorted(set(row.Specification) & set(CONTROLS)), row.Coefficient, row.bse)
            for row in one.df_r.itertuples()
        ]
        answer[estimator] = {"seconds": seconds, "rows": rows}
    return answer


def measure_dask() -> dict[str, Any]:
    """The published multiverse by joblib's backend "dask" on a local cluster, and whether its results are ours."""
    from dask.distributed import Client, LocalCluster

    world = panel()
    specs, _ = mv.grid(world.reach)
    alone = mv.run(world, specs)
    began = time.perf_counter()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        start = time.perf_counter() - began
        found, seconds = clocked(lambda: mv.run(world, specs, jobs=2, backend="dask"))
        tasks = client.run(lambda dask_worker: dask_worker.state.executed_count)
    return {
        "seconds": seconds,
        "start": start,
        "workers": sum(done > 0 for done in tasks.values()),
        "specifications": len(specs),
        "identical": bool(found.equals(alone)),
    }


# ---------------------------------------------------------------- the report


def line(*cells: str) -> None:
    """Print one row of a table."""
    print(f"{cells[0]:<36} {cells[1]:>8} {cells[2]:>9} {cells[3]:>10}  {cells[4]}", flush=True)


def row(name: str, speed: Speed, remark: str = "") -> None:
    """Print what one contender did."""
    line(name, f"{speed.specifications:,}", f"{speed.seconds:.2f}", f"{speed.rate:,.1f}", remark)


def common(peer: Elsewhere) -> bool:
    """Print the common curve, contender by contender; return whether all agree on it."""
    frame, country = complete(panel())
    agree = not peer.failed
    print(
        f"\nThe common curve: {len(frame):,} reports {WINDOW[0]}-{WINDOW[1]} of {len(set(country.tolist()))} "
        f"countries, every subset of {len(CONTROLS)} controls; seconds of the processor.\nErrors are clustered by "
        "country in the book and in statsmodels; specification_curve has no such option and computes plain ones."
    )
    line("contender", "models", "seconds", "a second", "the book's speed, and distance from the book's estimates")

    def report(name: str, found: Fitted, mine: Fitted, more: str = "", same: bool = True) -> bool:
        apart = float(np.max(np.abs(found.estimates - mine.estimates) / mine.errors))
        same &= apart <= STOPPED
        ratio = mine.speed.rate / found.speed.rate
        words = f"{ratio:.3g} times this; at most {apart:.0e} standard errors apart{more}"
        row(name, found.speed, words if same else f"{words}  DISAGREES")
        return same

    for estimator in ESTIMATORS:
        mine = ours(frame, country, estimator)
        row(f"{estimator}, the book", mine.speed)
        stopped, maximum = by_statsmodels(frame, country, estimator)
        gaps = distance(maximum.estimates, mine.estimates), distance(maximum.errors, mine.errors)
        close = gaps[0] <= ESTIMATE_TOLERANCE and gaps[1] <= ERROR_TOLERANCE
        at_maximum = f"; at the maximum {gaps[0]:.0e}, errors {gaps[1]:.0e}, relative"
        agree &= report(f"{estimator}, statsmodels", stopped, mine, at_maximum, close)
        if peer.answer is None:
            peer.excuse(f"{estimator}, specification_curve")
            continue
        rows = {(politics, tuple(controls)): found for politics, controls, *found in peer.answer[estimator]["rows"]}
        found = np.array([rows[politics, tuple(sorted(controls))] for politics, controls in curve(estimator)])
        theirs = Fitted(found[:, 0], found[:, 1], peer.answer[estimator]["seconds"])
        agree &= report(f"{estimator}, specification_curve", theirs, mine)
    return agree


def published(cluster: Elsewhere) -> bool:
    """Print the published multiverse by number of jobs and backend; return whether all agree, in time."""
    world = panel()
    specs, _ = mv.grid(world.reach)
    print(
        f"\nThe published multiverse: all {len(specs):,} valid specifications, with average marginal effects; "
        "seconds by the clock."
    )
    line("how", "models", "seconds", "a second", "results")
    alone, seconds = clocked(lambda: mv.run(world, specs))
    failed = int((alone["status"] != ordered.CONVERGED).sum())
    row("one process", Speed(len(specs), seconds), f"{failed} not estimated, reported as such")
    both, seconds = clocked(lambda: mv.run(world, specs, jobs=2))
    same = bool(both.equals(alone))
    speed = Speed(len(specs), seconds)
    fast = speed.rate >= BUDGET
    met = f"budget {BUDGET:,} a second{'' if fast else ', MISSED'}"
    row("two processes, joblib's own", speed, f"{'identical' if same else 'DIFFERENT'}; {met}")
    same &= fast
    if cluster.answer is None:
        cluster.excuse("a local Dask cluster")
        return same and not cluster.failed
    dask = cluster.answer
    remark = "identical" if dask["identical"] else "DIFFERENT"
    row(
        f"{dask['workers']} workers of a local Dask cluster",
        Speed(dask["specifications"], dask["seconds"]),
        f"{remark}; the cluster took {dask['start']:.1f} s more to start",
    )
    return same and bool(dask["identical"])


def elsewhere(what: str, packages: Sequence[str], alone: bool) -> Elsewhere:
    """Make a measurement under a throw-away Python."""
    try:
        with environment(packages, alone) as python:
            return Elsewhere(inside(python, what))
    except (Unavailable, Failed) as error:
        return Elsewhere(None, str(error), isinstance(error, Failed))


def main() -> int:
    """Print both tables; return the exit status."""
    import statsmodels

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--measure", choices=("peer", "dask"), help="one measurement, for a throw-away Python")
    parser.add_argument("--answer", type=Path, help="the file it is written to")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.measure:
        answer = measure_peer() if options.measure == "peer" else measure_dask()
        options.answer.write_text(json.dumps(answer), encoding="utf-8")
        return 0
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(
        f"Models: Python {platform.python_version()}, numpy {np.__version__}, "
        f"statsmodels {statsmodels.__version__}, {PEER[0]};\n{os.cpu_count()} cores{load}; one thread each"
    )
    agree = common(elsewhere("peer", PEER, alone=True))
    same = published(elsewhere("dask", DASK, alone=False))
    return 0 if agree and same else 1


if __name__ == "__main__":
    sys.exit(main())
