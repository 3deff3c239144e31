"""The numbers of the page's claims: what is printed of the 91, looked for by kind, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping

from compendium.chapters.trade.prices import by_case, yearly_wages
from compendium.evidence import study, tables
from compendium.methods.choice import medians
from compendium.methods.counts import cohorts
from compendium.methods.shares import printed, samples
from compendium.methods.shares.proportions import Interval

YEARS = (2009, 2010)  # the years of the country figures beside the 91; the year of the interviews was not seen
WOMEN = 0.8  # women's share, by which the figures of women and of men are put together
Numbers = dict[str, float | None]


def _share_of_the_91(topic: str, about: str = "") -> tuple[int, Interval | None]:
    """How many shares of the 91 are printed on a topic, and the interval that holds all of them."""
    rows = study.figures(topic, "percent", about)
    shares, at_least = rows.value.fillna(rows.value_low) / 100, rows.value.isna()
    found = [
        printed.of_share(float(share), int(n), bool(least))
        for share, n, least in zip(shares, rows.n, at_least, strict=True)
    ]
    return len(found), printed.together(found)


def _ends(name: str, found: Interval | None) -> Numbers:
    return {f"{name}_low": found.low if found else None, f"{name}_high": found.high if found else None}


def _texts(*traits: str, only_read: bool = False, near: bool = False) -> Numbers:
    found = study.texts(*traits, only_read=only_read, near=near)
    return {"texts_reporting": found.reporting, "texts_denying": found.denying}


# ---------------------------------------------------------------- the country beside them


def _country(indicator: str, women: float = WOMEN) -> Interval:
    """Share of Cambodians without something, 0 to 1: women and men as among the 91, lowest and highest year."""
    by_sex = cohorts.by_sex(tables.read("cambodia_series"), indicator).loc[list(YEARS)]
    without = 1 - (women * by_sex.female + (1 - women) * by_sex.male) / 100
    return Interval(without.min(), without.max(), without.mean(), "lowest and highest of the years", 1.0)


def unschooled(women: float = WOMEN) -> Interval:
    """Share of Cambodians of 25 and over without completed primary school."""
    return _country("attain_completed_primary_25plus", women)


def out_of_work(women: float = WOMEN) -> Interval:
    """Share of Cambodians of 15 and over outside the labour force, who neither work nor look for work."""
    return _country("lfpr_15plus", women)


def poor() -> Interval:
    """Share of Cambodians below the old national line."""
    series = cohorts.by_sex(tables.read("cambodia_series"), "poverty_national_line_pct")
    share = series.loc[list(YEARS), "all"] / 100
    return Interval(share.min(), share.max(), share.mean(), "lowest and highest of the years", 1.0)


def _gap(ours: Interval | None, theirs: Interval, name: str) -> Numbers:
    """How much more common it is among the 91: the 91 at one end of their interval, the country at the other."""
    if ours is None:
        return {f"{name}_low": None, f"{name}_high": None}
    return {f"{name}_low": ours.low - theirs.high, f"{name}_high": ours.high - theirs.low}


# ---------------------------------------------------------------- poor, uneducated


def poor_uneducated() -> Numbers:
    """The numbers of the claim `poor-uneducated`."""
    schooling, without_school = _share_of_the_91("social_position", "schooling")
    income, in_poverty = _share_of_the_91("social_position", "income")
    return {
        **_texts("poor", "uneducated"),
        "schooling_figures": schooling,
        "income_figures": income,
        **_ends("unschooled", without_school),
        **_ends("poor", in_poverty),
        **_gap(without_school, unschooled(), "schooling_gap"),
        **_gap(in_poverty, poor(), "income_gap"),
    }


def poor_uneducated_alternatives() -> dict[str, Numbers]:
    """What changes under each declared alternative."""
    return {
        "only-poor": _texts("poor"),
        "only-uneducated": _texts("uneducated"),
        "read-only": _texts("poor", "uneducated", only_read=True),
    }


# ---------------------------------------------------------------- alone or in small groups


def balance() -> samples.Balance:
    """Which way independent samples of traffickers point."""
    return samples.balance_of_samples(tables.read("organisation_samples"))


def _both_sides(found: samples.Balance) -> Numbers:
    return {"organised_samples": found.organised, "small_samples": found.small}


def small_operators() -> Numbers:
    """The numbers of the claim `small-operators`."""
    figures, small = _share_of_the_91("organisation")
    unsophisticated = study.texts("unsophisticated")
    return {
        "unsophisticated_reporting": unsophisticated.reporting,
        "unsophisticated_denying": unsophisticated.denying,
        **_texts("small"),
        "organisation_figures": figures,
        **_ends("small", small),
        **_both_sides(balance()),
    }


def small_operators_alternatives() -> dict[str, Numbers]:
    """What changes under each declared alternative."""
    rows = tables.read("organisation_samples")
    return {
        "with-restated": _both_sides(samples.balance_of_samples(rows, restated=True)),
        "with-words": _both_sides(samples.balance_of_samples(rows, words=True)),
        "with-essay-study": _both_sides(samples.balance_of_samples(rows, same_author=True)),
        "near": _texts("small", near=True),
    }


def small_operators_together() -> dict[str, Numbers]:
    """What changes if two alternatives let samples in at once."""
    rows = tables.read("organisation_samples")
    pairs = {
        "with-restated + with-words": samples.balance_of_samples(rows, restated=True, words=True),
        "with-restated + with-essay-study": samples.balance_of_samples(rows, restated=True, same_author=True),
        "with-words + with-essay-study": samples.balance_of_samples(rows, words=True, same_author=True),
    }
    return {pair: _both_sides(found) for pair, found in pairs.items()}


# ---------------------------------------------------------------- gains


def _sums(kinds: tuple[str, ...] = ("recruiting",), per: tuple[str, ...] = ("person",)) -> Numbers:
    """Interval of the median over cases of what an accused received, in yearly wages; the whole range if few."""
    sums = by_case(kinds, per)
    if sums.empty:
        return {"priced_cases": 0, "sum_low": None, "sum_high": None}
    found = medians.interval(sums.low.tolist(), sums.high.tolist())
    low, high = (found.low, found.high) if found else (sums.low.min(), sums.high.max())
    return {"priced_cases": len(sums), "sum_low": float(low), "sum_high": float(high)}


def modest_gains() -> Numbers:
    """The numbers of the claim `modest-gains`: yearly gains of the 91, and sums for a person, in yearly wages."""
    rows = study.figures("earnings", "US dollars a year")
    yearly_wage = yearly_wages().loc[: YEARS[0]].iloc[-1]
    lows = rows.value_low.fillna(rows.value) / yearly_wage
    highs = rows.value_high.fillna(rows.value).fillna(rows.value_low) / yearly_wage
    return {
        **_texts("gains"),
        "earnings_figures": len(rows),
        "gain_low": float(lows.min()) if len(rows) else None,
        "gain_high": float(highs.max()) if len(rows) else None,
        **_sums(),
    }


def modest_gains_alternatives() -> dict[str, Numbers]:
    """What changes under each declared alternative."""
    return {
        "sale-prices": _sums(("recruiting", "sale")),
        "case-sums": _sums(per=("person", "case", "unclear")),
        "near": _texts("gains", near=True),
    }


def modest_gains_together() -> dict[str, Numbers]:
    """What changes if prices abroad and sums of whole cases are taken at once."""
    return {"sale-prices + case-sums": _sums(("recruiting", "sale"), ("person", "case", "unclear"))}


# ---------------------------------------------------------------- push and pull


def _country_speaks() -> Numbers:
    """Facts on Cambodia, read or restated, for and against a lack of lawful chances and a presence of others."""
    said = tables.read("statement_evidence").query(
        "statement_id in ('E44', 'E45', 'E46') and place == 'Cambodia' and status in ('read', 'restated')"
    )
    return {f"country_{way}": int((said.direction == way).sum()) for way in ("for", "against")}


def push_and_pull() -> Numbers:
    """The numbers of the claim `push-and-pull`."""
    schooling, without_school = _share_of_the_91("social_position", "schooling")
    work, workless = _share_of_the_91("work")
    recruitment, drawn_in = _share_of_the_91("recruitment")
    motives, to_survive = _share_of_the_91("motive")
    reports = study.texts("push")
    return {
        "schooling_figures": schooling,
        "work_figures": work,
        **_gap(without_school, unschooled(), "schooling_gap"),
        **_gap(workless, out_of_work(), "work_gap"),
        "recruitment_figures": recruitment,
        **_ends("pulled", drawn_in),
        "motive_figures": motives,
        **_ends("survival", to_survive),
        "texts_reporting": reports.reporting,
        "texts_denying": reports.denying,
        **_country_speaks(),
    }


def push_and_pull_alternatives() -> dict[str, Mapping[str, float | None]]:
    """What changes if women's or men's figures alone stand for the country."""
    _, without_school = _share_of_the_91("social_position", "schooling")
    _, workless = _share_of_the_91("work")
    return {
        name: {
            **_gap(without_school, unschooled(women), "schooling_gap"),
            **_gap(workless, out_of_work(women), "work_gap"),
        }
        for name, women in (("as-women", 1.0), ("as-men", 0.0))
    }
