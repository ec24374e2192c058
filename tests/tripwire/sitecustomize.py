"""Loaded by every Python that has this folder in its path: writes down whom it would speak to, and asks for.

One line each of `$TRIPWIRE`: `connect`, `sendto` or `lookup`, and the address, where it is not this machine.
"""

import os
import sys

_LOG = os.environ.get("TRIPWIRE", "")
_HERE = ("127.", "::1", "localhost", "::ffff:127.")


def _is_here(host: object) -> bool:
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    return host is None or name == "" or name.startswith(_HERE)


def _hook(event: str, told: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = told[1]
        outside = isinstance(address, tuple) and not _is_here(address[0])
        said = f"{event.removeprefix('socket.')} {address!r}"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        outside = not _is_here(told[0])
        said = f"lookup {told[0]!r}"
    else:
        return
    if outside:
        line = f"{said} by {' '.join(sys.orig_argv)[:200]}\n"
        handle = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, line.encode(errors="replace"))
        os.close(handle)


if _LOG:
    sys.addaudithook(_hook)
