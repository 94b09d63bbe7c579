"""The keys under which our components leave notes in a request's `meta`. None holds a secret."""

SERVICE = "dockerhub_service"
"""the service whose budget the request was handed out from; gone once its answer is counted"""

EXIT = "dockerhub_exit"
"""the name of the exit by which it goes, or went last"""

ONLY_BY = "dockerhub_only_by"
"""the one exit that it may go by: it finds out about that one"""

AVOID = "dockerhub_avoid"
"""the exits by which it went in vain: another one is taken if there is one"""

PROXY_TRIES = "dockerhub_proxy_tries"
"""how often a proxy did not let it through while others got through"""

SENT = "dockerhub_sent"
"""Unix time when it went"""

NOT_BEFORE = "dockerhub_not_before"
"""Unix time before which it is not handed out"""

BACKED_OFF = "dockerhub_backed_off"
"""for which of its repetitions it has waited"""

RENEWED = "dockerhub_renewed"
"""the number of the token that was refused when it went last"""

TOKEN = "dockerhub_token"  # noqa: S105  (a number, not a token)
"""the number of the token that it went with"""

TAKEN_BARE = "dockerhub_taken_bare"
"""no queue has held it, and it is under way by its exit"""

BARE = "dockerhub_bare"
"""its answer goes to who asked, whatever it is: a sign-in"""

KNOWN = "dockerhub_known"
"""what it asks about exists, as far as we know: a 404 is not believed at once"""

PROBED = "dockerhub_probed"
"""it asks about something else, to find out whether this "no" can be believed"""

REPOSITORY = "dockerhub_repository"
"""the repository for which the registry has to give a token"""

REDIRECTED = "dockerhub_redirected"
"""where the registry was asked for the blob that is fetched from elsewhere now"""

REDIRECTED_BY = "dockerhub_redirected_by"
"""the exit by which it was asked there"""

UNREADABLE = "dockerhub_unreadable"
"""a pull was spent on it already, and what came could not be read"""

DOUBTED_URL = "dockerhub_doubted_url"
"""what was asked for before this, which is asked again by another exit if this one is blocked"""

PROBES = "dockerhub_probes"
"""what else may be asked about if that is not there either"""
