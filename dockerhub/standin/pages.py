"""Bodies that do not come from the Hub API but from what stands before it."""

from __future__ import annotations

from aiohttp import web

_HTML = "text/html; charset=UTF-8"

SERVER_ERROR = """<!DOCTYPE html>
<html><head><title>500 Internal Server Error</title></head>
<body><h1>Internal Server Error</h1><p>Something went wrong on our side.</p></body></html>
"""
BAD_GATEWAY = """<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>edge</center></body>
</html>
"""
UNAVAILABLE = "upstream did not answer in time; try again later\n"
GUARD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="UTF-8"><title>Access denied</title>
<meta name="robots" content="noindex,nofollow"></head>
<body><h1>You have been stopped</h1>
<p>This site is protected. Requests from your network look automated.</p>
<p>Enable JavaScript and cookies to continue.</p></body></html>
"""
MAINTENANCE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="UTF-8"><title>We will be right back</title></head>
<body><h1>Scheduled maintenance</h1><p>Thank you for your patience.</p></body></html>
"""


def html_page(text: str, status: int) -> web.Response:
    """Return *text* as a page of HTML."""
    return web.Response(body=text.encode(), status=status, headers={"Content-Type": _HTML})


def guard_page() -> web.Response:
    """Return the 403 of a bot guard: HTML, where a policy of Docker Hub would be JSON."""
    return html_page(GUARD, 403)


def server_error() -> web.Response:
    """Return the 500 of a gateway."""
    return html_page(SERVER_ERROR, 500)
