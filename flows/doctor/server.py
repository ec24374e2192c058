"""The Prefect server of the user's own, where one is set."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from importlib.metadata import version

import httpx

from flows.discretion import hide
from flows.doctor.finding import Finding, House, bad, good, note

_SECONDS = 3.0
_REFUSED = (401, 403)


def prefect(_house: House) -> Iterator[Finding]:
    """Does the server answer that runs report to, and is it of our version?"""
    url = os.environ.get("PREFECT_API_URL")
    if url is None:
        yield good("Prefect", "each run has a server of its own")
        return
    shown = hide(url)
    mend = "Start it, mend PREFECT_API_URL, or unset it: then each run has a server of its own."
    try:
        answer = httpx.get(f"{url.rstrip('/')}/admin/version", headers=_credentials(), timeout=_SECONDS)
        there = str(answer.raise_for_status().json())
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        if code in _REFUSED:
            mend = "Set PREFECT_API_KEY or PREFECT_API_AUTH_STRING to what the server asks for."
        yield bad("Prefect", f"{shown} answers {code}", mend)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        yield bad("Prefect", f"{shown} does not answer ({hide(str(error))})", mend)
    else:
        here = version("prefect")
        if there == here:
            yield good("Prefect", f"{there} at {shown}")
        else:
            mend = f"Bring server and program to one version: the program has {here}."
            yield note("Prefect", f"{there} at {shown}, and {here} here", mend)


def _credentials() -> dict[str, str]:
    """Return what Prefect's own client would show the server."""
    if key := os.environ.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    if told := os.environ.get("PREFECT_API_AUTH_STRING"):
        return {"Authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}
    return {}
