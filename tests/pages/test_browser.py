"""The pages in a real browser that can reach nothing else: charts are drawn, no script gets in."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.pages.canned import CANNED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page, Request

CHROMIUM = Path("/usr/bin/chromium")
# No name but this machine's has an address.
ALONE = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
MARKS = "document.querySelectorAll('#chart-{0} svg .role-mark path').length"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no /usr/bin/chromium here")


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (needed here alone)

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ALONE)
        # Pages of one context share what they have loaded, scripts above all.
        yield started.new_context()
        started.close()


class Visit:
    """A page, what it complained of, and what it wanted from elsewhere."""

    def __init__(self, page: Page, served: str) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page = page
        self.hears: dict[Any, Callable[[Any], None]] = {
            "request": self._ask,
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": lambda said: self._hear(said.type, said.text),
            "dialog": lambda dialog: self.complaints.append(f"dialog: {dialog.message}"),
        }

    def __call__(self, path: str) -> Page:
        answer = self.page.goto(self.served + path)
        assert answer is not None
        assert answer.status == 200
        self.page.wait_for_load_state("networkidle")
        return self.page

    def went_well(self) -> bool:
        assert self.complaints == []
        assert self.elsewhere == []
        assert self.page.evaluate("window.hacked") is None
        return True

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def _ask(self, request: Request) -> None:
        if not request.url.startswith((f"{self.served}/", "data:")):
            self.elsewhere.append(request.url)


@pytest.fixture(scope="module")
def page(browser: BrowserContext) -> Page:
    """One page for all visits: a new one costs as much as what is shown."""
    return browser.new_page()


@pytest.fixture
def visit_demo(page: Page, demo: str) -> Iterator[Visit]:
    with visiting(page, demo) as made:
        yield made


@contextmanager
def visiting(page: Page, served: str) -> Iterator[Visit]:
    """Visit what is served at an address; nothing of the visit before is left in the page."""
    page.goto("about:blank")
    made = Visit(page, served)
    for event, hear in made.hears.items():
        page.on(event, hear)
    yield made
    for event, hear in made.hears.items():
        page.remove_listener(event, hear)


@pytest.mark.parametrize(
    ("path", "charts", "sentences"),
    [
        ("pulls", 1, ["daily_pulls: another day", "growing: scrapy crawl org -a org=bitnami"]),
        ("pushes", 1, ["weekly_events: scrapy crawl org -a org=bitnami"]),
        ("sizes", 2, []),
        (
            "shared",
            0,
            ["shared_bytes: scrapy crawl org -a org=bitnami -a depth=layers", "shared_layers: "],
        ),
        (
            "lineage",
            0,
            [
                "image_layers: scrapy crawl tags -a repo=bitnami/nginx -a depth=layers",
                *("image_bases: depth=layers", "image_dependents: depth=layers"),
            ],
        ),
        ("pulls/daily_pulls?org=bitnami", 0, ["pulls: another day"]),
        ("pulls?org=nobody", 0, ['growing: got "nobody"; run: scrapy crawl org -a org=nobody']),
        ("lineage?image=a+b", 0, ["image_layers: image: expected "]),
        ("sizes?repo=nobody", 0, ['sizes_by_tag: got "library/nobody"; run: scrapy crawl tags']),
    ],
)
def test_where_nothing_is_to_be_drawn_a_sentence_says_what_brings_it(
    visit_demo: Visit, path: str, charts: int, sentences: list[str]
) -> None:
    page = visit_demo(f"/-/dashboards/{path}")
    assert page.locator("svg.marks").count() == charts
    for name, _, words in (each.partition(": ") for each in sentences):
        assert words in page.inner_text(f"#chart-{name} .chart-nothing")
    assert visit_demo.went_well()


def test_every_page_of_the_demo_loads_without_a_complaint(visit_demo: Visit) -> None:
    page = visit_demo("/")
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    paths = {path for path in found if path.startswith("/dockerhub")}
    assert len(paths) > len(CANNED)
    for path in sorted(paths):
        assert page.request.get(visit_demo.served + path).status == 200, path
    # A browser draws some of them; all would take a minute.
    drawn = ("/dockerhub/outdated", "/dockerhub/changes", "/dockerhub/layers")
    some = [path for path in sorted(paths) if path.partition("?")[0] in drawn]
    assert len(some) >= len(drawn)
    for path in some:
        page.goto(visit_demo.served + path)
    assert visit_demo.went_well()


@pytest.fixture
def visit(page: Page, served: str) -> Iterator[Visit]:
    with visiting(page, served) as made:
        yield made


@pytest.mark.parametrize(
    ("dashboard", "charts"),
    [
        ("pulls?org=acme", {"daily_pulls": 90, "most_pulled": 4, "growing": 2}),
        ("pushes?org=acme", {"pushed_tags": 4, "weekly_events": 2}),
        ("sizes?repo=acme%2Fapp", {"sizes_over_time": 6, "sizes_by_tag": 6}),
        ("shared?org=acme", {"shared_bytes": 2, "shared_layers": 8}),
        ("lineage?image=acme%2Fweb:2", {"image_layers": 5, "image_bases": 2}),
        ("lineage?image=debian:12", {"image_dependents": 3}),
    ],
    ids=lambda each: each.partition("=")[0] if isinstance(each, str) else "",
)
def test_a_dashboard_draws_its_charts(visit: Visit, dashboard: str, charts: dict[str, int]) -> None:
    page = visit(f"/-/dashboards/{dashboard}")
    for name, marks in charts.items():
        page.wait_for_selector(f"#chart-{name} svg .role-mark path", state="attached", timeout=5000)
        assert page.evaluate(MARKS.format(name)) >= marks, name
    assert visit.went_well()


@pytest.mark.parametrize("board", ["lineage"])
def test_a_dashboard_starts_with_what_is_in_the_database(visit: Visit, board: str) -> None:
    page = visit(f"/-/dashboards/{board}")
    page.wait_for_selector("svg .role-mark path", state="attached", timeout=5000)
    assert "acme" in page.url
    assert visit.went_well()


def test_the_front_page_leads_to_all(visit: Visit) -> None:
    page = visit("/")
    assert page.locator(".use").count() == 7
    assert page.locator(".use-dashboard").count() == 5
    assert visit.went_well()
    page.click("text=Pulls of an organisation")
    page.wait_for_selector("svg .role-mark path", state="attached", timeout=5000)
    assert visit.went_well()


def test_a_search_finds(visit: Visit) -> None:
    page = visit("/")
    page.fill("#q", "walrus hand")
    page.press("#q", "Enter")
    page.wait_for_selector("table.rows-and-columns")
    assert page.locator("tbody tr").count() == 1
    assert "acme/funny" in page.inner_text("tbody")
    page.click("text=acme/funny")
    page.wait_for_load_state("networkidle")
    assert page.input_value("[name=repo]") == "acme/funny"
    assert visit.went_well()


@pytest.mark.parametrize(
    "path",
    [
        "/dockerhub/repositories",
        "/dockerhub/repositories?_search=walrus",
        "/dockerhub/tags?_facet=namespace",
        "/dockerhub/layers_of?image=acme%2Fweb:2",
        "/dockerhub?sql=select+description+from+repositories",
        "/-/dashboards",
        "/-/dashboards/pulls/daily_pulls?org=acme",
    ],
)
def test_pages_load_without_a_complaint(visit: Visit, path: str) -> None:
    visit(path)
    assert visit.went_well()


def test_hostile_text_is_shown_and_does_nothing(visit: Visit) -> None:
    page = visit("/dockerhub/repositories?name=funny")
    cell = page.inner_text("td.col-description")
    assert "<script>window.hacked = 1</script>" in cell
    assert not {"\x1b", "\u202e"} & set(cell)
    assert len(page.inner_text("td.col-full_description")) <= 301
    assert page.locator("td img").count() == 0
    assert visit.went_well()


def test_a_script_that_got_into_a_page_would_not_run(visit: Visit) -> None:
    page = visit("/")
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 3';
            document.body.append(script);
            const image = '<img src=x onerror="window.hacked = 4">';
            document.body.insertAdjacentHTML('beforeend', image);
        }"""
    )
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in each for each in visit.complaints)


def test_any_table_can_be_charted(visit: Visit) -> None:
    page = visit("/dockerhub/pull_history")
    page.click("text=Show charting options")
    page.wait_for_selector("#vis-tool, form select", timeout=5000)
    assert visit.went_well()
