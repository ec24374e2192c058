"""A local S3 server for the tests, in a process of its own, and the environment that leads to it alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pytest

from release.mirror import push
from release.store import Store

_SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Start a server; give the environment in which ``s3://`` is it."""
    nobody = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=nobody
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "do-not-show-me",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "no_proxy": "127.0.0.1",
            "NO_PROXY": "127.0.0.1",
        }
    finally:
        process.stdin.close()  # what it waits for
        process.wait(timeout=30)


def new_bucket(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Lead ``s3://`` to a server; return the name of a new bucket there, called as the folder of a test."""
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower())[-50:].strip("-")
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(name)
    return name


def push_in_child(folder: Path, url: str, environment: dict[str, str], begun: Any = None) -> None:
    """Push in a child that is to be killed; here, where it need import no more than what pushes.

    Args:
        folder: of the release.
        url: where to.
        environment: in which the store is found.
        begun: an event that is set when the push begins.
    """
    os.environ.update(environment)
    store = Store(url)
    store.current()  # to load what speaks S3 and to connect takes longer than all that is to be killed
    if begun is not None:
        begun.set()
    push(folder, store)
