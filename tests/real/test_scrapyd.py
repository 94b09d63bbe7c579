"""A real Scrapyd runs crawls out of an egg, as the zip that it is: alone, at once, left behind."""

from __future__ import annotations

import signal
import zipfile
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.crawling import CHECKOUT, SIGNED_IN, services
from tests.real.ports import free_port
from tests.real.scrapyd import (
    PASSWORD,
    PROJECT,
    Scrapyd,
    copy_checkout,
    is_job,
    scrapyd_deploy,
    wait_until,
)
from tests.truth import assert_repositories, assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn, World

    Start = Callable[..., Scrapyd]

SPIDERS = ["catalog", "manifests", "org", "repos", "search", "tags"]
TAGS = 1062
"""of the organisation in the stand-in, as its fixture says"""
SLOW = Limit(2, 1)
"""makes a crawl last until it is lifted, half a minute at least"""


@pytest.fixture(scope="session")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The egg that `scrapyd-deploy` makes of this checkout."""
    folder = tmp_path_factory.mktemp("egg")
    checkout = copy_checkout(folder / "checkout")
    made = scrapyd_deploy("--build-egg", str(folder / "hub.egg"), checkout=checkout, home=folder)
    assert made.status == 0, made.err
    return folder / "hub.egg"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
def start(standin_hub: StandIn, egg: Path, tmp_path: Path, database: Path) -> Iterator[Start]:
    """Starts a Scrapyd whose jobs ask the stand-in."""
    started: list[Scrapyd] = []

    def run(*, with_egg: bool = True, **settings: str) -> Scrapyd:
        everything = {
            **services(standin_hub),
            **SIGNED_IN,
            "DOCKERHUB_HUB_URL": standin_hub.url,
            "DOCKERHUB_DATABASE_URL": f"sqlite:///{database}",
            "DOCKERHUB_HUB_RATE": "0",
            "DOCKERHUB_REGISTRY_RATE": "0",
            **settings,
        }
        made = Scrapyd(tmp_path / "scrapyd", everything, egg=egg if with_egg else None)
        started.append(made)
        return made

    yield run
    for each in started:
        each.__exit__(None, None, None)


def is_asked(hub: StandIn, times: int = 1) -> Callable[[], bool]:
    """Tell whether *hub* was asked for so many pages of tags."""
    return lambda: len(hub.journal.of("tag_list")) >= times


def assert_whole(database: Path, world: World, *namespaces: str) -> None:
    for namespace in namespaces:
        assert_repositories(database, world, namespace)
        for repository in world.repositories(namespace):
            assert_tags(database, world, repository.full_name)


def refusal(database: Path, process: int) -> str:
    """Return the line of a job whose subject *process* has."""
    return (
        f"ERROR: scrapy crawl: org: expected to be the only crawl of this into {database},"
        f" another one (process {process}) is under way; let it end, or stop it"
    )


def test_what_is_deployed_runs_as_the_zip_that_it_is(
    start: Start, standin_hub: StandIn, hub_world: World, tmp_path: Path
) -> None:
    scrapyd = start(with_egg=False)
    scrapyd.name_to_deploy()
    checkout = copy_checkout(tmp_path / "checkout")

    deployed = scrapyd_deploy("test", "-v", "1.0", checkout=checkout, home=scrapyd.home)

    assert (deployed.status, '"spiders": 6' in deployed.out) == (0, True), deployed
    assert scrapyd.ask("listspiders", project=PROJECT)["spiders"] == SPIDERS
    assert scrapyd.ask("listjobs", signed_in=False) == {"status": 401}
    (kept,) = (scrapyd.folder / "eggs" / PROJECT).iterdir()
    assert zipfile.is_zipfile(kept)

    # Beside the environment's, and told to the job alone.
    other = tmp_path / "other.db"
    place = f"DOCKERHUB_DATABASE_URL=sqlite:///{other}"
    job = scrapyd.schedule("org", place, job="nightly", _version="1.0", org="bitnami", strict="1")
    job.wait()
    assert "INFO: Spider closed (finished)" in job.lines
    assert any(
        line.startswith("INFO:   read        12 repositories, 1062 tags,") for line in job.lines
    ), job.log
    assert_whole(other, hub_world, "bitnami")
    asked = '{"org": "bitnami", "strict": "1"}'
    assert rows(other, "SELECT arguments, finish_reason FROM crawl") == [(asked, "finished")]
    assert standin_hub.journal.unknown == []
    assert kept.is_file()


def test_an_egg_holds_all_that_it_needs_and_no_test(egg: Path) -> None:
    with zipfile.ZipFile(egg) as archive:
        inside = set(archive.namelist())

    sources = {
        file.relative_to(CHECKOUT).as_posix()
        for file in (CHECKOUT / "dockerhub").rglob("*")
        if file.suffix in {".sql", ".html", ".css", ".py"}
    }
    assert len(sources) > 300
    assert sources - inside == set()
    assert {name.split("/")[0] for name in inside} == {"dockerhub", "EGG-INFO"}


def test_jobs_at_once_share_a_database_and_a_limit(
    start: Start, standin_hub: StandIn, hub_world: World, database: Path
) -> None:
    for namespace in ("one", "two"):
        hub_world.add_namespace(namespace, repositories=30, tags=3)
    standin_hub.options.account_limit = Limit(50, 1)
    scrapyd = start()

    names = ("bitnami", "one", "two")
    jobs = [scrapyd.schedule("org", org=name) for name in names]
    for job in jobs:
        job.wait()
        assert "INFO: Spider closed (finished)" in job.lines
        assert "ERROR" not in job.log
        assert "slow down" not in job.log

    assert_whole(database, hub_world, *names)
    windows = standin_hub.journal.windows()
    assert [each.refused for each in windows] == [0] * len(windows)
    assert standin_hub.journal.statuses()[429] == 0
    assert len(windows) >= 3, "the limit was none"


def test_one_subject_is_crawled_by_one_job_at_a_time(
    start: Start, standin_hub: StandIn, hub_world: World, database: Path
) -> None:
    standin_hub.options.account_limit = SLOW
    scrapyd = start()

    jobs = [scrapyd.schedule("org", job=name, org="bitnami") for name in ("first", "second")]
    wait_until(lambda: any(job.state == "finished" for job in jobs))
    standin_hub.options.account_limit = None
    refused, whole = sorted((job.wait() for job in jobs), key=lambda job: len(job.log))

    assert refused.lines == [refusal(database, whole.pid)]
    assert "INFO: Spider closed (finished)" in whole.lines
    assert rows(database, "SELECT finish_reason FROM crawl") == [("finished",)]
    assert_whole(database, hub_world, "bitnami")


def test_a_job_that_scrapyd_left_behind_is_recognised(
    start: Start, standin_hub: StandIn, hub_world: World, database: Path
) -> None:
    standin_hub.options.account_limit = SLOW
    scrapyd = start()
    orphan = scrapyd.schedule("org", job="evening", org="bitnami")
    wait_until(is_asked(standin_hub))
    scrapyd.end(signal.SIGKILL)
    scrapyd.start()
    assert orphan.state is None
    assert is_job(orphan.pid, scrapyd.folder)

    refused = scrapyd.schedule("org", job="night", org="bitnami").wait()
    assert refused.lines == [refusal(database, orphan.pid)]
    assert is_job(orphan.pid, scrapyd.folder)

    # Nobody reads what it says on standard error; it comes to its end all the same.
    standin_hub.options.account_limit = None
    wait_until(lambda: not is_job(orphan.pid, scrapyd.folder))
    assert "INFO: Spider closed (finished)" in orphan.lines
    assert_whole(database, hub_world, "bitnami")
    standin_hub.journal.clear()
    again = scrapyd.schedule("org", job="morning", org="bitnami").wait()
    assert "INFO: Spider closed (finished)" in again.lines
    assert standin_hub.journal.of("tag_list") == []
    assert "Traceback" not in scrapyd.log + orphan.log + again.log
    reasons = rows(database, "SELECT finish_reason FROM crawl ORDER BY id")
    assert reasons == [("finished",), ("finished",)]


def test_a_job_that_is_cancelled_ends_in_order_and_the_next_goes_on(
    start: Start, standin_hub: StandIn, hub_world: World, database: Path
) -> None:
    standin_hub.options.account_limit = SLOW
    scrapyd = start()
    job = scrapyd.schedule("org", org="bitnami")
    wait_until(is_asked(standin_hub, 3))
    assert scrapyd.ask("cancel", project=PROJECT, job=job.name)["prevstate"] == "running"
    job.wait()

    assert "INFO: Spider closed (shutdown)" in job.lines
    (reason, so_far), = rows(
        database, "SELECT finish_reason, (SELECT COUNT(*) FROM tag) FROM crawl"
    )  # fmt: skip
    assert reason == "shutdown"
    assert 0 < so_far < TAGS
    standin_hub.options.account_limit = None
    pages = len(standin_hub.journal.of("tag_list"))
    standin_hub.journal.clear()
    scrapyd.schedule("org", org="bitnami").wait()
    assert_whole(database, hub_world, "bitnami")
    # Nothing that is whole is asked for again: what was under way at most.
    whole = 1 + sum(-(-len(hub_world.tags(each.full_name)) // 100) or 1
                    for each in hub_world.repositories("bitnami"))  # fmt: skip
    assert len(standin_hub.journal.of("tag_list")) <= whole - pages + 16


def test_a_wrong_job_says_so_in_one_line(start: Start, database: Path) -> None:
    scrapyd = start()
    jobs = {
        "spider org: expected an argument out of": scrapyd.schedule("org", orgs="bitnami"),
        "spider argument depth: expected": scrapyd.schedule("org", org="bitnami", depth="deep"),
        "setting LOG_LEVEL: expected": scrapyd.schedule("org", "LOG_LEVEL=LOUD", org="bitnami"),
        "setting DOCKERHUB_PASSWORD: expected an environment variable": scrapyd.schedule(
            "org", "DOCKERHUB_PASSWORD=pa55", org="bitnami"
        ),
    }

    for begins, job in jobs.items():
        job.wait()
        (line,) = job.lines
        assert line.startswith(f"ERROR: scrapy crawl: {begins}")
    died = scrapyd.log.count("Process died: exitstatus=2 ")
    assert (died, "Traceback" in scrapyd.log) == (len(jobs), False)
    unknown = scrapyd.ask("schedule", project=PROJECT, spider="orgs")
    assert unknown["message"] == "spider 'orgs' not found"
    assert not database.exists()


def test_no_log_tells_a_secret(start: Start, standin_hub: StandIn, hub_world: World) -> None:
    secret, proxy_secret = "s3cret-0f-ada", "s3cret-0f-the-proxy"
    standin_hub.options.accounts = {"ada": secret}
    proxy = f"http://zoe:{proxy_secret}@127.0.0.1:{free_port()}"
    scrapyd = start(DOCKERHUB_PASSWORD=secret, DOCKERHUB_PROXIES=f"direct {proxy}")

    job = scrapyd.schedule("org", "LOG_LEVEL=DEBUG", org="library", depth="layers").wait()

    assert "DEBUG: Crawled (200)" in job.log
    assert "INFO: Spider closed (finished)" in job.lines
    assert [each.account for each in standin_hub.journal.of("tag_list")] == ["ada"] * 2
    kept_by_user = {scrapyd.folder / "scrapyd.conf"}
    files = [each for each in scrapyd.folder.parent.rglob("*") if each.is_file()]
    assert scrapyd.folder / "dbs" / f"{PROJECT}.db" in files
    for file in set(files) - kept_by_user:
        data = file.read_bytes()
        # The last is how every token begins.
        for told in (secret, proxy_secret, PASSWORD, "Bearer ey"):
            assert told.encode() not in data, (file, told)
