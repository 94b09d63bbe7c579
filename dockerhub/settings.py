"""Every setting of the project, with its unit and its reason.

Those that begin with DOCKERHUB_ are ours; each is also read from the environment variable of the
same name, and `-s NAME=VALUE` wins over both. DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD are read
from the environment alone (auth/credentials.py): a setting would reach logs and statistics.
"""

import os

_environment = os.environ.get

# --- Project ------------------------------------------------------------------------------------

BOT_NAME = "dockerhub"
SPIDER_MODULES = ["dockerhub.spiders"]
NEWSPIDER_MODULE = "dockerhub.spiders"
COMMANDS_MODULE = "dockerhub.commands"
ADDONS: dict[str, int] = {}
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# --- Identity and politeness --------------------------------------------------------------------

# Who to write to when this crawler is a nuisance: an address or a page of whoever runs it. Sent in
# the User-Agent. Read by middlewares/identity.py.
DOCKERHUB_USER_AGENT_CONTACT = _environment("DOCKERHUB_USER_AGENT_CONTACT", "")
# Requests a minute and exit that we allow ourselves on the Hub API; two a second is good manners.
# Below it the service's own headers decide. 0 = no ceiling of ours. Read by scheduler.py.
DOCKERHUB_HUB_RATE = _environment("DOCKERHUB_HUB_RATE", "120")
# Seconds that an exit rests after three 429s in a row that do not say how long, then twice as long,
# at most 15 minutes. Guards were seen to fade after 4 to 15. Read by middlewares/answers.py.
DOCKERHUB_REST_SECONDS = _environment("DOCKERHUB_REST_SECONDS", "300")
# Requests a minute and exit that we allow ourselves at the registry, those that cost no pull:
# Docker speaks of abuse from "thousands of requests per minute" on, over all its services together.
# 0 = no ceiling of ours. Read by scheduler.py.
DOCKERHUB_REGISTRY_RATE = _environment("DOCKERHUB_REGISTRY_RATE", "600")
# Requests a minute of the whole crawl, by all exits to all services together: the ceilings above
# are for one exit each. 0 = no such cap. Read by scheduler.py.
DOCKERHUB_TOTAL_RATE = _environment("DOCKERHUB_TOTAL_RATE", "0")
# Documented APIs with limits of their own; hub.docker.com/robots.txt is about its web pages.
ROBOTSTXT_OBEY = False
COOKIES_ENABLED = False  # default True; the API needs none, and a cookie ties requests together
REFERER_ENABLED = False  # default True; a URL of ours is nobody's business

# --- Rate limits and retries --------------------------------------------------------------------

# Pulls (GETs of manifests) left to the people behind the same address or account: the crawl never
# takes the last of a window. Read by scheduler.py.
DOCKERHUB_PULL_RESERVE = _environment("DOCKERHUB_PULL_RESERVE", "20")
# Whether to wait for the next window once the pulls are spent, instead of leaving the rest to the
# next run. Read by scheduler.py.
DOCKERHUB_PULL_WAIT = _environment("DOCKERHUB_PULL_WAIT", "false")
# Where layers come from: hub (no pulls), registry (proven, costs pulls), auto (hub, of which a
# sample is checked against the registry, and registry where hub has none). Read by the spiders.
DOCKERHUB_LAYERS_FROM = _environment("DOCKERHUB_LAYERS_FROM", "auto")
# Tags of a repository that are asked for one by one in a crawl where their list is cut: the rest
# comes with the next crawls. Read by the spiders.
DOCKERHUB_TAG_DETAILS = _environment("DOCKERHUB_TAG_DETAILS", "200")
# New repositories a request below which a discovery ends: over a whole window of searches, and one
# of lists, each brought less. 0: it goes on until nothing is left. Read by spiders/catalog.py.
DOCKERHUB_CATALOG_MIN_YIELD = _environment("DOCKERHUB_CATALOG_MIN_YIELD", "0.2")
# Requests in such a window. Read by spiders/catalog.py.
DOCKERHUB_CATALOG_WINDOW = _environment("DOCKERHUB_CATALOG_WINDOW", "1000")
SCHEDULER = "dockerhub.scheduler.BudgetScheduler"
CONCURRENT_REQUESTS = 16  # requests; Scrapy's default, said because the kill tests count on it
CONCURRENT_REQUESTS_PER_DOMAIN = 16  # requests; default 8; the budget paces, not the slot
CONCURRENT_ITEMS = 8  # items a response; default 100 starts 100 tasks for each response
DOWNLOAD_TIMEOUT = 60  # s; default 180; a page of tags takes Hub a second, ten at worst
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # bytes; default 1 GiB; a page of 100 tags has 0.2 MB
DOWNLOAD_WARNSIZE = 8 * 1024 * 1024  # bytes; default 32 MiB
RETRY_ENABLED = False  # middlewares/answers.py knows the kinds of "no" and owns repetition
RETRY_TIMES = 4  # repetitions of a broken answer; default 2; with doubling waits, half a minute
# spiders/refusals.py repeats what it cannot read: such a request keeps its count on purpose.
META_COPY_WARN_SKIP_KEYS = ["retry_times"]
REDIRECT_ENABLED = False  # a token never follows a redirect; the Hub API has none
METAREFRESH_ENABLED = False
# "Direct" means direct: no proxy out of http_proxy and its like.
HTTPPROXY_ENABLED = False

# --- Components ---------------------------------------------------------------------------------

DOWNLOADER_MIDDLEWARES = {
    # Outside of HttpCompression (590), because it reads bodies.
    "dockerhub.middlewares.answers.AnswersMiddleware": 560,
    # Inside of answers, so that a repeated request gets the token of its time.
    "dockerhub.middlewares.sign_in.SignInMiddleware": 570,
    # The same for the registry, whose tokens are its own.
    "dockerhub.middlewares.registry_tokens.RegistryTokensMiddleware": 572,
    # Inside of answers, which would take a redirect for a refusal.
    "dockerhub.middlewares.blobs.BlobsMiddleware": 575,
    "dockerhub.middlewares.identity.IdentityMiddleware": 580,
    # Inside of all that decide: it must see every answer and failure of what was handed out.
    "dockerhub.middlewares.budgets.BudgetsMiddleware": 950,
    # Innermost: what a proxy says itself, nobody is to take for a word of Docker's.
    "dockerhub.middlewares.exits.ExitsMiddleware": 960,
}
ITEM_PIPELINES = {
    # Before the store, so that what came twice is written once.
    "dockerhub.pipelines.dedupe.DedupePipeline": 200,
    "dockerhub.pipelines.store.StorePipeline": 300,
}
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,  # progress says the same in one line
    "dockerhub.extensions.progress.ProgressExtension": 500,
    "dockerhub.extensions.summary.SummaryExtension": 510,
    "dockerhub.extensions.timers.TimersExtension": 520,
    "dockerhub.extensions.metrics.MetricsExtension": 530,  # only with DOCKERHUB_METRICS_DIR
}
FEED_EXPORTERS = {
    "csv": "dockerhub.feeds.RowsCsvExporter",
    "json": "dockerhub.feeds.RowsJsonExporter",
    "jsonl": "dockerhub.feeds.RowsJsonLinesExporter",
    "jsonlines": "dockerhub.feeds.RowsJsonLinesExporter",
    "jl": "dockerhub.feeds.RowsJsonLinesExporter",
    # Formats that would hold whole pages instead of rows.
    "xml": None,
    "marshal": None,
    "pickle": None,
}
FEED_EXPORT_ENCODING = "utf-8"  # default: \u escapes in JSON
TELNETCONSOLE_ENABLED = False  # default True; a console without need is a door
REMOTE_CONTROL_ENABLED = False  # default True since 2.19; runs code sent to it

# --- Endpoints ----------------------------------------------------------------------------------

# Origins without a path; http only for loopback hosts. Read by scheduler.py and the spiders.
DOCKERHUB_HUB_URL = _environment("DOCKERHUB_HUB_URL", "https://hub.docker.com")
DOCKERHUB_REGISTRY_URL = _environment("DOCKERHUB_REGISTRY_URL", "https://registry-1.docker.io")
DOCKERHUB_AUTH_URL = _environment("DOCKERHUB_AUTH_URL", "https://auth.docker.io")
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False: anybody between could read the token

# --- Credentials and proxies --------------------------------------------------------------------

# The ways out: http://[user:password@]host:port or direct, with commas or white space between;
# {session} in a user name makes a sticky session. Empty: no proxies. Read by scheduler.py and
# middlewares/exits.py.
DOCKERHUB_PROXIES = _environment("DOCKERHUB_PROXIES", "")
# The same as a file, one a line, where passwords are in no environment; not both. Read by those.
DOCKERHUB_PROXY_FILE = _environment("DOCKERHUB_PROXY_FILE", "")
# Requests after which a sticky session gives way to a new one: below the 100 pulls of an anonymous
# address, with the reserve of 20 left to others. Read by scheduler.py.
DOCKERHUB_PROXY_SESSION_REQUESTS = _environment("DOCKERHUB_PROXY_SESSION_REQUESTS", "80")
# Seconds without any exit that lets us through after which the crawl ends: two of the longest rests
# below. Read by scheduler.py.
DOCKERHUB_PROXY_PATIENCE = _environment("DOCKERHUB_PROXY_PATIENCE", "600")
# The library's own settings: how long a proxy rests that fails, at first and at most, doubling.
ROTATING_PROXY_BACKOFF_BASE = 5  # s; default 300; a proxy that starts anew is back within seconds
ROTATING_PROXY_BACKOFF_CAP = 300  # s; default 3600; longer ones would outlast our patience
# How often a request is tried by another proxy, while others get through, before it is given up.
ROTATING_PROXY_PAGE_RETRY_TIMES = 5  # the library's default, said because we read it ourselves

# --- Storage and logs ---------------------------------------------------------------------------

# Where the database is. Read by pipelines/store.py, the spiders and the commands.
DOCKERHUB_DATABASE_URL = _environment("DOCKERHUB_DATABASE_URL", "sqlite:///dockerhub.db")
# The file in which crawls at once share Hub's limit; empty: beside the database, where that is a
# file. Read by scheduler.py.
DOCKERHUB_LEDGER = _environment("DOCKERHUB_LEDGER", "")
# Seconds without a sign of life after which the jobs of a worker go back into the queue; it gives
# one three times as often. Read by commands/worker.py.
DOCKERHUB_WORKER_SILENCE = _environment("DOCKERHUB_WORKER_SILENCE", "30")
# How often a job is tried whose crawl fails or leaves something. Read by commands/worker.py.
DOCKERHUB_JOB_TRIES = _environment("DOCKERHUB_JOB_TRIES", "5")
# Seconds until its second try, then four times as long each, at most six hours. Read by that.
DOCKERHUB_JOB_BACKOFF = _environment("DOCKERHUB_JOB_BACKOFF", "30")
# Days after which an unchanged list is walked in full again, to see what was deleted.
DOCKERHUB_FULL_WALK_DAYS = _environment("DOCKERHUB_FULL_WALK_DAYS", "30")
# The folder for a Prometheus text file a crawl; empty: none. Read by extensions/metrics.py.
DOCKERHUB_METRICS_DIR = _environment("DOCKERHUB_METRICS_DIR", "")
LOG_LEVEL = "INFO"  # default DEBUG, which prints a line for every request and every item
LOG_FORMATTER = "dockerhub.extensions.log_formatter.SafeLogFormatter"  # no signed URL in a log
LOG_FORMAT = "%(asctime)s %(levelname)s: %(message)s"  # default names the module too
STATS_DUMP = False  # default True; the summary says it for people, the crawl table for programs
