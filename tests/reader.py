"""Someone who reads the built site in a browser, and what there is to read.

A story about every page is told for a few pages in `make test` and for the others in `make check`:
    @every(CHAPTERS)
    def test_something(opened, page): ...
A story told of each page in each width or colour scheme is told of the few by turns, once of each of both:
    @every(PAGES, viewport=SIZES, scheme=SCHEMES)
    def test_something(opened, page, viewport, scheme): ...
It is given one of two fixtures of conftest.py:
    opened(page, viewport=PHONE, ...)   a page that is open already, all of it seen, for tests that only look at it
                                        or change its theme or medium; the tests of a page share it: looks are cheap
    reader(viewport=PHONE, ...)         a reader with a browser context of her own, for tests that press something
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.run import execute

SITE = paths.ROOT / "_build" / "html"
PAGES = sorted(str(p.relative_to(SITE)) for p in [*SITE.glob("book/**/*.html"), SITE / "search.html"] if p.exists())
CLAIM_PAGES = sorted(str(p.relative_to(SITE)) for p in SITE.glob("claims/*.html"))
CHAPTERS = [f"{page.docname}.html" for page in execute.pages()]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SIZES = {"wide": WIDE, "phone": PHONE}
SCHEMES = {"light": "light", "dark": "dark"}
LIVE = "figure.live[data-state=live]"
# A chapter with figures of every kind, code, a verdict; the front page; a page for machines; the page of a claim.
FEW = {"book/2-tiers/law.html", "book/index.html", "search.html", "claims/as-murder.html"}
KEPT_OPEN = 4


def every(
    pages: Sequence[Any], name: str = "page", few: Sequence[Any] = (), **settings: Mapping[str, Any]
) -> pytest.MarkDecorator:
    """Tell a story for each page (or each of other cases): the few in `make test`, the others in `make check`.

    With settings it is told for each page in each of them, and in `make test` for the few by turns: the first of
    them in the first setting, the second in the second, until each page and each setting had its turn.
    """
    shown = [page for page in pages if page in FEW or page in few] or list(pages[:1])
    within = list(product(*settings.values()))
    count = max(len(shown), len(within)) if shown else 0
    turns = {(shown[at % len(shown)], within[at % len(within)]) for at in range(count)}
    cases = [
        pytest.param(
            page,
            *(choices[key] for choices, key in zip(settings.values(), keys, strict=True)),
            marks=() if (page, keys) in turns else pytest.mark.check,
            id="-".join([str(page), *keys]),
        )
        for page, keys in product(pages, within)
    ]
    return pytest.mark.parametrize([name, *settings], cases)


# For what is the same in both widths.
ON_A_PHONE_FIRST = pytest.mark.parametrize(
    "viewport", [pytest.param(WIDE, marks=pytest.mark.check, id="wide"), pytest.param(PHONE, id="phone")]
)


class Reader:
    """A reader with a page open; remembers what the browser asked for and complained about."""

    def __init__(self, browser: Any, address: str, context: Any = None, **options: Any) -> None:
        self.address = address
        self.context = context or browser.new_context(**{"viewport": WIDE, **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )

    def open(self, page: str) -> Any:
        self.page.goto(f"{self.address}/{page}")
        return self.page

    def see_all(self) -> None:
        """Open what is folded around live figures, and scroll through the page until every one is drawn."""
        self.page.evaluate(_SEE_ALL)

    def foreign(self) -> list[str]:
        own = ("data:", "blob:", "about:", self.address)
        return [url for url in self.requests if not url.startswith(own)]


# Colours fade when the theme changes; who measures them waits until they have. The page hears of a new theme only
# in its next frame, and the end of one fade may begin another.
_AT_REST = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  for (let going; (going = document.getAnimations()).length; await frame())
    await Promise.allSettled(going.map((one) => one.finished));
}"""

# A figure is drawn when it comes near; a failed one says so in its state.
_SEE_ALL = """async () => {
  for (const fold of document.querySelectorAll("details:has(figure.live)")) fold.open = true;
  for (const figure of document.querySelectorAll("figure.live")) {
    figure.scrollIntoView({ block: "center", behavior: "instant" });
    for (let waited = 0; !figure.dataset.state; waited += 20) {
      if (waited > 30_000) throw Error(`${figure.id} was not drawn`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}"""


class Opened:
    """Pages that were opened and seen, the last few of them kept open; what the browser loaded once it keeps."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: dict[str, Any] = {}
        self.readers: OrderedDict[tuple[str, str], Reader] = OrderedDict()

    def __call__(self, page: str, **options: Any) -> Reader:
        """The reader of a page, at its top, on a screen, in light colours unless `color_scheme` is dark."""
        scheme = options.pop("color_scheme", "light")
        which = repr(sorted({"viewport": WIDE, **options}.items()))
        if (page, which) not in self.readers:
            self.readers[page, which] = self._open(page, which, options)
        self.readers.move_to_end((page, which))
        reader = self.readers[page, which]
        reader.page.emulate_media(media="screen", color_scheme=scheme)
        reader.page.evaluate("scrollTo(0, 0)")
        if options.get("java_script_enabled", True):
            reader.page.evaluate(_AT_REST)
        return reader

    def _open(self, page: str, which: str, options: dict[str, Any]) -> Reader:
        if which not in self.contexts:
            self.contexts[which] = self.browser.new_context(**{"viewport": WIDE, **options})
        while len(self.readers) >= KEPT_OPEN:
            self.readers.popitem(last=False)[1].page.close()
        reader = Reader(self.browser, self.address, self.contexts[which])
        reader.open(page)
        if options.get("java_script_enabled", True):
            reader.see_all()
        return reader
