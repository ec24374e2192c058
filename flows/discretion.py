"""What the program does not say: the passwords, keys and tokens that its settings hold.

They come from the environment. `hide` takes them out of a text, `hide_in_logs` out of all that is logged in
this process, by whichever library. A release, its lineage and the state hold no setting at all.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

HIDDEN = "***"

_OURS = re.compile(r"PROTE_|PREFECT_|AWS_|FSSPEC_|S3_")
"""Beginnings of the names of settings that we or our libraries read."""
_SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|AUTH|CREDENTIAL|CONNECTION_URL|WEBHOOK|NOTIF")
"""In the names of those that nobody is shown: the address of a webhook is its password."""
_SHORTEST = 6
"""Signs. What is shorter stands in any text, and is no password."""
_IN_URL = re.compile(r"(?<=://)[^\s/?#@'\"]+(?=@)")


def hide(text: str) -> str:
    """Return a text with stars for the secrets of the environment, and for who signs in by a URL.

    >>> hide("cannot reach http://ana:geheim@prefect.example.org/api")
    'cannot reach http://***@prefect.example.org/api'
    """
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _IN_URL.sub(HIDDEN, text)


def _secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        if _OURS.match(name) and _SECRET.search(name):
            yield from (one for one in (value, *value.split()) if len(one) >= _SHORTEST)  # some have several


def hide_in_logs() -> None:
    """Have no log of this process say a secret, whoever writes it and wherever it goes; once is enough."""
    made_by = logging.getLogRecordFactory()
    if not isinstance(made_by, _Discreet):
        logging.setLogRecordFactory(_Discreet(made_by))


class _Discreet:
    """Makes the records of the logs, without secrets."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *told: object, **more: object) -> logging.LogRecord:
        record = self._make(*told, **more)
        with suppress(Exception):  # what cannot be put together is for the handler to complain of
            said = record.getMessage()
            if (shown := hide(said)) != said:
                record.msg, record.args = shown, ()
            if record.exc_info:
                record.exc_text = hide(logging.Formatter().formatException(record.exc_info))
        return record
