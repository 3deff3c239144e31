"""`python -m compendium`: build the book, verify it, accept reviewed verdicts, look at claims and data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from compendium.evidence import licences, paths, tables
from compendium.run import (
    build,
    certificate,
    environment,
    execute,
    kernels,
    lock,
    part,
    pdf,
    plant,
    records,
    reproduce,
    second,
    settings,
    stress,
    verify,
)
from compendium.run import history as past
from compendium.trial import claims, history, readme, rules, verdicts

SAME, DIFFERENT, COULD_NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 if all is as published, 1 if something differs, 2 if it could not run."""
    kernels.prepare()  # before numpy loads: its threads would fight over the cores with the workers of a command
    options = _parser().parse_args(arguments)
    try:
        paths.check_place()
        settings.check()
        return options.run(options)
    except (rules.ClaimError, tables.TableError, reproduce.NotReproducible) as error:
        print(f"error: {error}", file=sys.stderr)
        return DIFFERENT
    except (
        paths.PlaceError,
        settings.SettingError,
        lock.BusyError,
        execute.ExecutionError,
        build.BuildError,
        pdf.PdfError,
        second.NoRError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except OSError as error:
        print(f"error: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print("interrupted; nothing is lost, run the same command again", file=sys.stderr)
        return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m compendium", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: object, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(run=run)
        sub.add_argument("--quiet", action="store_true", help="no progress bar")
        return sub

    command("build", _build, "execute what changed and build the site")
    sub = command("verify", _verify, "execute chapters in fresh kernels and compare with the published verdicts")
    sub.add_argument("names", nargs="*", metavar="chapter-or-claim", help="all if none is named")
    sub.add_argument("--perturb", action="store_true", help="stress test: drop sources, move inputs to their ends")
    sub.add_argument("--plant", action="store_true", help="plant evidence: each verdict must move as declared")
    sub.add_argument("--r", action="store_true", help="compute the claims a second way too, in R (optional)")
    sub.add_argument(
        "--publish", action="store_true", help="publish the certificate, or what a test found, in data/"
    )
    command("execute", _execute, "execute the chapters that changed, without building the site")
    command("accept", _accept, "write the recomputed verdicts to data/verdicts.json, after review")
    command("claims", _claims, "list every claim with its verdict")
    sub = command("data", _data, "list the tables, check them, or seal them after an intended change")
    sub.add_argument("action", choices=("list", "check", "seal"), nargs="?", default="list")
    command("history", _history, "write data/history.json anew from the repository's history")
    command("pdf", _pdf, "print the whole book as one PDF, with an installed Chromium")
    command("reproducible", _reproducible, "build twice in different folders and compare every byte")
    command("records", _records, "write CITATION.cff, codemeta.json, .zenodo.json and codecheck.yml anew")
    command("environment", _environment, "write environment.yml from the lock")
    return parser


def _pdf(options: argparse.Namespace) -> int:
    print(f"The PDF is at {pdf.make()}")
    return SAME


def _history(options: argparse.Namespace) -> int:
    print(f"{paths.DATA / history.FILE} holds {past.rebuild()} entries; look at them with git diff")
    return SAME


def _reproducible(options: argparse.Namespace) -> int:
    print(f"two clean builds gave the same {reproduce.build_twice()} files, byte for byte")
    return SAME


def _environment(options: argparse.Namespace) -> int:
    print(f"wrote {environment.write()}")
    return SAME


def _records(options: argparse.Namespace) -> int:
    print(f"wrote {', '.join(path.name for path in records.write())}")
    return SAME


def _build(options: argparse.Namespace) -> int:
    print(f"The book is at {build.build(not options.quiet)}")
    return SAME


def _verify(options: argparse.Namespace) -> int:
    if options.perturb:
        return _perturb(options)
    if options.plant:
        return _plant(options)
    if options.publish and options.names:
        print("error: a certificate is of the whole book; leave out the names, or --publish", file=sys.stderr)
        return COULD_NOT_RUN
    if options.r:
        second.check_r()  # before anything long is begun
    report = verify.verify(options.names, not options.quiet, not options.publish, with_r=options.r)
    if report.rows:
        print(verify.table(report))
    if report.second:
        print(f"\nA second way, in R {report.second.r} ({report.second.seconds:.0f} s):\n")
        print("\n".join([second.table(report.second), "", *second.remarks(report.second), ""]))
    for problem in report.problems:
        print(f"NOT REPRODUCED: {problem}")
    path = certificate.leave(report)
    where = str(path)
    if path != certificate.FILE:
        where += f" ({paths.ROOT} can only be read)"
    if options.publish:
        where = str(certificate.write(report, paths.DATA / path.name))
    outcome = "everything was reproduced" if report.same else f"{len(report.problems)} problem(s)"
    print(
        f"{len(report.rows)} claims, {len(report.chapters)} chapters, {len(report.tables)} tables "
        f"in {report.seconds:.0f} s: {outcome}. Certificate: {where}"
    )
    return SAME if report.same else DIFFERENT


def _perturb(options: argparse.Namespace) -> int:
    results = stress.stress(execute.find(options.names), progress=not options.quiet)
    print(stress.table(results))
    if options.publish:
        print(f"wrote {stress.write(results)}")
    return SAME


def _plant(options: argparse.Namespace) -> int:
    outcomes = plant.plant(execute.find(options.names), progress=not options.quiet)
    print(plant.table(outcomes))
    unmoved = sum(not outcome.moved for outcome in outcomes)
    print(f"{len(outcomes)} plantings, {unmoved} did not move their part as declared")
    if options.publish:
        print(f"wrote {plant.write(outcomes)}")
    return DIFFERENT if unmoved else SAME


def _execute(options: argparse.Namespace) -> int:
    with lock.held():
        pages = execute.refresh(not options.quiet)
    for page in pages:
        print(f"{page.page.chapter:<14} {page.seconds:5.1f} s  {'executed' if page.fresh else 'unchanged'}")
    return SAME


def _accept(options: argparse.Namespace) -> int:
    with lock.held():
        before, after = verdicts.published(), execute.concluded(execute.refresh(not options.quiet))
    for difference in verdicts.compare(before, after, claims.registry().claims):
        print(f"{difference.claim}: {difference.what}: {difference.published} -> {difference.recomputed}")
    verdicts.accept(after)
    part.publish()
    for line in history.reworded(history.read()):
        print(line)
    history.write(history.with_present(history.read(), after))
    readme.write(after)
    records.write()
    print(
        f"{paths.DATA / 'verdicts.json'} holds {len(after)} verdicts; look at them with git diff before committing"
    )
    return SAME


def _claims(options: argparse.Namespace) -> int:
    published = verdicts.published()
    for claim in claims.registry().claims.values():
        verdict = published[claim.id].verdict if claim.id in published else rules.PENDING
        print(f"{claim.id:<26} {claim.chapter:<12} {claim.holder:<10} {verdict}")
    return SAME


def _data(options: argparse.Namespace) -> int:
    if options.action == "seal":
        tables.seal()
    if options.action != "list":
        licences.check()
    for name in tables.names():
        rows = len(tables.read(name)) if options.action != "list" else ""
        print(f"{name:<28} {rows!s:>6}  {tables.describe(name)['title']}")
    return SAME
