"""Releases in an object store: whole or not there, complete after any death, and only ours to read.

In memory and in a folder for what any store does; in a local S3 server (slow) for what that one does, with
``kill -9`` at random moments, of which a run tries some and ``PROTE_KILLS=100`` so many.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import fsspec
import pytest
from release_documents import REPAIRS, make_document, make_outcome, make_outcomes, publish
from release_s3 import new_bucket, push_in_child, s3_server

from flows import cli
from flows.exits import ExitCode
from release import mirror
from release.bag import BadBag
from release.layout import DATA, TAG_MANIFEST
from release.mirror import YOUNG, fetch, prune, push
from release.publish import Release
from release.store import BadURL, MissingLibrary, Store, Stored, StoreError
from release.verify import NoRelease, verify
from repair.document import Outcome

VERSIONS = {"prote": "0.1.0", "dictionaries": "1"}
KILLS = int(os.environ.get("PROTE_KILLS", "6"))
LATER = 2 * YOUNG


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with s3_server() as environment:
        yield environment


@pytest.fixture
def s3(server: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Lead ``s3://`` to the local server; return the URL of a place in a bucket of our own."""
    return f"s3://{new_bucket(server, monkeypatch, tmp_path)}/un corpus"


@pytest.fixture(params=["memory", "file", pytest.param("s3", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "s3":
        return str(request.getfixturevalue("s3"))
    return f"memory://{tmp_path.name}/un corpus" if request.param == "memory" else f"file://{tmp_path}/store"


def _corpora() -> list[list[Outcome]]:
    """Return corpora each of which has some documents of the one before; names that stores stumble over."""
    names = ["l'été à Paris", "a & b #1 [x]", "50 % d'eau %25", "quoi ?*", "~tilde", "a+b"]
    more = [make_outcome(make_document(name, repairs=REPAIRS[n % 4 :])) for n, name in enumerate(names)]
    return [[*make_outcomes(), *more], [*make_outcomes()[1:], *more[:3]], make_outcomes()[:3]]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    clean = tmp_path_factory.mktemp("local") / "clean"
    return [publish(corpus, clean, versions=VERSIONS) for corpus in _corpora()]


@pytest.fixture
def clean(releases: list[Release]) -> Path:
    """Return the folder of the releases; nothing in it is to be changed."""
    return releases[0].path.parents[1]


def _whole(store: Store, tmp_path: Path) -> str:
    """Check the current release as a reader would who trusts nothing; return its ID."""
    into = tmp_path / f"fetched-{random.getrandbits(64):x}"
    folder, added = fetch(store, into)
    assert added == []
    assert verify(folder).faults == ()
    return folder.name


def _file(store: Store, identity: str, path: str, content: bytes | None) -> None:
    """Change an object behind our back, or take it away."""
    name = store._path(identity, path)
    if content is None:
        store._fs.rm_file(name)
    else:
        store._fs.pipe_file(name, content)


def _remove(store: Store, identity: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        store._fs.rm(f"{store._root}/releases/{identity}", recursive=True)


# Pushing


def test_a_pushed_release_is_the_local_one(url: str, releases: list[Release], tmp_path: Path) -> None:
    store = Store(url)
    assert store.current() is None
    steps: list[tuple[int, int]] = []
    pushed = push(releases[0].path, store, lambda done, total: steps.append((done, total)))
    count = sum(path.is_file() for path in releases[0].path.rglob("*"))
    assert (pushed.release, pushed.uploaded, pushed.copied) == (releases[0].id, count, 0)
    assert pushed.switched
    assert steps[-1] == (count, count)
    assert _whole(store, tmp_path) == releases[0].id
    # What a reader does who knows the URL only.
    with fsspec.open(f"{url}/current") as file:
        assert file.read() == f"{releases[0].id}\n".encode()


def test_what_is_there_is_not_sent_again(url: str, releases: list[Release], tmp_path: Path) -> None:
    store = Store(url)
    push(releases[0].path, store)
    again = push(releases[0].path, store)
    assert (again.uploaded, again.copied, again.switched) == (0, 0, False)
    second = push(releases[1].path, store)
    assert second.copied > 20
    assert second.uploaded < 25
    assert _whole(store, tmp_path) == releases[1].id
    back = push(releases[0].path, store)
    assert (back.uploaded, back.copied, back.switched) == (0, 0, True)
    assert _whole(store, tmp_path) == releases[0].id


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "added", "manifest", "tag manifest"])
def test_a_push_mends_what_is_there(url: str, releases: list[Release], tmp_path: Path, damage: str) -> None:
    store, identity, path = Store(url), releases[0].id, f"{DATA}/text/rapport.txt"
    whole = (releases[0].path / path).read_bytes()
    spoilt: dict[str, tuple[str, bytes | None]] = {
        "changed": (path, whole[:-1] + b"?"),
        "cut": (path, whole[:-1]),
        "gone": (path, None),
        "added": (f"{DATA}/text/autre.txt", b"x"),
        "manifest": ("manifest-sha256.txt", b"x"),
        "tag manifest": (TAG_MANIFEST, b""),
    }
    push(releases[0].path, store)
    _file(store, identity, *spoilt[damage])
    folder, added = fetch(store, tmp_path / "spoilt")
    assert [*added, *verify(folder).faults] != []
    # Neither what another release takes over from it, nor the next push of it, has the damage.
    push(releases[1].path, store)
    assert _whole(store, tmp_path) == releases[1].id
    push(releases[0].path, store)
    assert _whole(store, tmp_path) == identity


def test_a_damaged_release_is_not_pushed(url: str, releases: list[Release], tmp_path: Path) -> None:
    push(releases[0].path, Store(url))
    folder = tmp_path / releases[1].id
    shutil.copytree(releases[1].path, folder)
    page = folder / DATA / "README.md"
    page.chmod(0o644)
    page.write_bytes(page.read_bytes() + b" ")
    with pytest.raises(BadBag, match=r"README\.md"):
        push(folder, Store(url))
    assert Store(url).current() == releases[0].id
    assert Store(url).releases() == [releases[0].id]


def test_what_does_not_arrive_is_not_switched_to(
    releases: list[Release], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = Store(f"memory://{tmp_path.name}/lossy")
    push(releases[0].path, store)
    put = store._fs.put_file

    def lossy(file: str, target: str) -> None:
        put(file, target)
        if target.endswith("croissant.json"):
            store._fs.pipe_file(target, bytes(Path(file).stat().st_size))

    monkeypatch.setattr(store._fs, "put_file", lossy)
    with pytest.raises(StoreError, match=r"croissant\.json' does not arrive"):
        push(releases[1].path, store)
    assert _whole(store, tmp_path) == releases[0].id


def test_a_store_that_tells_no_md5_is_read(releases: list[Release], tmp_path: Path) -> None:
    class Mute(Store):
        read = 0

        @staticmethod
        def _stored(info: dict[str, Any]) -> Stored:
            # As with SSE-KMS: an ETag that looks like an MD5, and is none.
            return Store._stored({**info, "ETag": f'"{"0" * 32}"'})

        def sha256(self, identity: str, path: str) -> str:
            self.read += 1
            return super().sha256(identity, path)

    store = Mute(f"memory://{tmp_path.name}/mute")
    pushed = push(releases[0].path, store)
    assert store.read == pushed.uploaded
    assert _whole(store, tmp_path) == releases[0].id


@pytest.mark.slow
def test_s3_tells_what_arrived(s3: str, releases: list[Release], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("read what the store tells")

    monkeypatch.setattr(Store, "sha256", refuse)
    push(releases[0].path, Store(s3))
    assert not push(releases[0].path, Store(s3)).uploaded


@pytest.mark.slow
def test_a_large_file_comes_in_pieces(s3: str, tmp_path: Path) -> None:
    store = Store(s3)
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(110 << 20)  # beyond what s3fs sends in one piece: it has no MD5 for an ETag
    store.put(large, "0" * 64, "data/large")
    assert store.files("0" * 64)["data/large"].md5 == ""
    assert store.sha256("0" * 64, "data/large") == mirror.hashlib.sha256(bytes(110 << 20)).hexdigest()


def test_what_is_no_release_is_not_replaced(url: str, releases: list[Release]) -> None:
    store = Store(url)
    push(releases[0].path, store)
    store._fs.pipe_file(f"{store._root}/current", b"somebody's own\n")
    with pytest.raises(StoreError, match="current does not hold the ID"):
        push(releases[0].path, store)


def test_an_output_folder_is_no_store(releases: list[Release], clean: Path) -> None:
    with pytest.raises(StoreError, match="current does not hold the ID"):
        push(releases[0].path, Store(f"file://{clean}"))


# Several at once, and killed


def _context() -> Any:
    """Return a way to start children that are born without our threads, and with what they need loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["release.mirror", "s3fs"])
    return context


@pytest.mark.slow
def test_pushes_at_once_give_no_mixture(
    s3: str, server: dict[str, str], releases: list[Release], tmp_path: Path
) -> None:
    for _ in range(2):
        children = [
            _context().Process(target=push_in_child, args=(release.path, s3, server))
            for release in [*releases, releases[0]]
        ]
        for child in children:
            child.start()
        for child in children:
            child.join(60)
        assert [child.exitcode for child in children] == [0] * len(children)
        store = Store(s3)
        assert _whole(store, tmp_path) in {release.id for release in releases}
        for release in releases:
            store.switch(release.id)
            assert _whole(store, tmp_path) == release.id
        for release in releases[1:]:
            _remove(store, release.id)


@pytest.mark.slow
def test_killed_at_random_moments_readers_see_a_whole_release(
    s3: str, server: dict[str, str], releases: list[Release], tmp_path: Path
) -> None:
    chance = random.Random(6)  # noqa: S311 - no secret
    store, context = Store(s3), _context()
    push(releases[0].path, store)
    begun = context.Event()

    def start(release: Release) -> Any:
        begun.clear()
        child = context.Process(target=push_in_child, args=(release.path, s3, server, begun))
        child.start()
        assert begun.wait(60)
        return child

    timed = start(releases[1])
    started = time.perf_counter()
    timed.join(60)
    longest = time.perf_counter() - started
    killed = sent = switched = 0
    turn = cycle([1, 2, 0])
    while killed < KILLS:
        new = releases[next(turn)]
        before = _whole(store, tmp_path)
        if new.id != before and chance.random() < 0.7:  # else what the last one left is there, or all
            _remove(store, new.id)
        child = start(new)
        time.sleep(chance.uniform(0, 1.2 * longest))
        child.kill()
        child.join(60)
        found = _whole(store, tmp_path)
        assert found in (before, new.id)
        if child.exitcode == -signal.SIGKILL:
            killed += 1
            switched += found == new.id
            sent += found == before and bool(store.files(new.id))
        if chance.random() < 0.5:
            push(new.path, store)
            assert store.current() == new.id
            assert store.files(new.id).keys() == {
                str(path.relative_to(new.path)) for path in new.path.rglob("*") if path.is_file()
            }
    print(f"{killed} killed, {sent} in the midst of sending, {switched} after the switch")
    assert sent > KILLS / 10
    for release in releases:
        push(release.path, store)
        assert _whole(store, tmp_path) == release.id


_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.listdir", "os.scandir"}


def _push_and_die(folder: Path, url: str, last_event: int) -> bool:
    """Push in a child that kills itself at its n-th event on the file system; return whether it did."""
    child = os.fork()
    if child == 0:
        left = last_event

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal left
            if event in _EVENTS and "/store" in str(arguments[0]):
                left -= 1
                if left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            push(folder, Store(url))
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_killed_at_any_event_in_a_folder_readers_see_a_whole_release(
    releases: list[Release], tmp_path: Path
) -> None:
    url = f"file://{tmp_path}/store"
    store = Store(url)
    push(releases[1].path, store)
    seen = []
    for event in range(1, 10_000, 5):
        _remove(store, releases[2].id)
        died = _push_and_die(releases[2].path, url, event)
        seen.append(_whole(store, tmp_path))
        if not died:
            break
        store.switch(releases[1].id)
    assert seen[-1] == releases[2].id
    assert len(seen) > 20
    assert set(seen) == {releases[1].id, releases[2].id}


# Pruning


def _later() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + LATER


def test_pruning_keeps_the_current_one_and_the_last(
    url: str, releases: list[Release], tmp_path: Path
) -> None:
    store = Store(url)
    for release in (releases[1], releases[2], releases[0]):
        push(release.path, store)
        time.sleep(1.1 if url.startswith("s3") else 0.01)  # the clock of S3 ticks in seconds
    assert prune(store, 1) == (mirror.Pruned((), 0), 2)  # all are young
    pruned, young = prune(store, 2, _later())
    assert (pruned.releases, young) == ((releases[1].id,), 0)
    assert pruned.bytes == sum(path.stat().st_size for path in releases[1].path.rglob("*") if path.is_file())
    assert store.files(releases[1].id) == {}
    for release in (releases[2], releases[0]):
        store.switch(release.id)
        assert _whole(store, tmp_path) == release.id
    assert prune(store, 2, _later())[0].releases == ()


def test_pruning_sweeps_what_a_killed_push_left(url: str, releases: list[Release], tmp_path: Path) -> None:
    store = Store(url)
    push(releases[1].path, store)
    push(releases[0].path, store)
    store.put(releases[2].path / "bagit.txt", releases[2].id, "bagit.txt")
    assert prune(store, 2) == (mirror.Pruned((), 0), 1)  # somebody may be at it
    pruned, _ = prune(store, 2, _later())  # it does not count as one of the two
    assert pruned.releases == (releases[2].id,)
    assert _whole(store, tmp_path) == releases[0].id
    store.switch(releases[1].id)
    assert _whole(store, tmp_path) == releases[1].id


def test_what_is_pushed_again_is_young_again(url: str, releases: list[Release]) -> None:
    store = Store(url)
    push(releases[0].path, store)
    push(releases[1].path, store)
    before = store.files(releases[0].id)[TAG_MANIFEST].modified
    time.sleep(1.1)
    push(releases[0].path, store)
    assert store.files(releases[0].id)[TAG_MANIFEST].modified > before


def test_there_is_nothing_to_prune(url: str) -> None:
    with pytest.raises(NoRelease):
        prune(Store(url), 1)
    with pytest.raises(NoRelease):
        fetch(Store(url), Path("nowhere"))


# What is said


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("zzz://a/b", BadURL, "no store is known for zzz://"),
        ("s3://", BadURL, "no URL of a place"),
        ("s3:///", BadURL, "names no bucket"),
        ("file:///", BadURL, "names no bucket"),
        ("s3//bucket", BadURL, "no URL of a place"),
        ("simplecache::s3://bucket", BadURL, "no URL of a place"),
        ("gs://bucket/corpus", MissingLibrary, "gcsfs"),
        ("s3://name:secret@bucket/corpus", BadURL, "credentials do not belong"),
    ],
)
def test_what_is_no_store_is_refused(url: str, error: type[StoreError], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)) as found:
        Store(url)
    assert "secret" not in str(found.value)


def _call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["prote", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clean: Path
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    loaded = sys.modules["fsspec.registry"]._registry  # fsspec.registry is a view of it
    for scheme in ("s3", "s3a"):
        monkeypatch.delitem(loaded, scheme, raising=False)
    assert _call(monkeypatch, "push", "s3://b/c", "--clean", clean) == ExitCode.MISSING_PROGRAM
    assert "pip install 'prote[s3]'" in capsys.readouterr().err


def test_the_commands(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    releases: list[Release],
    clean: Path,
    tmp_path: Path,
) -> None:
    def call(*arguments: object) -> tuple[int, str, str]:
        code = _call(monkeypatch, *arguments)
        captured = capsys.readouterr()
        assert "do-not-show-me" not in captured.out + captured.err
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    here = ("--clean", clean)
    code, _, err = call("verify", url)
    assert (code, "prote push brings one there" in err) == (ExitCode.NO_RELEASE, True)
    assert call("prune", url)[0] == ExitCode.NO_RELEASE
    assert call("push", url, "ffffffff", *here)[0] == ExitCode.USAGE
    assert call("push", url, "--clean", tmp_path / "none")[0] == ExitCode.NO_RELEASE
    code, out, err = call("push", url, *here)
    assert (code, out) == (0, "")
    assert f"release {releases[2].id} is the current one in {url}" in err
    code, out, err = call("verify", url)
    assert (code, err) == (0, "")
    assert f"release {releases[2].id} is sound" in out
    assert call("push", url, releases[0].id[:12], *here)[0] == 0
    code, out, err = call("prune", url, "--keep", "1")
    assert (code, out, "1 younger than an hour" in err) == (0, "", True)
    store = Store(url)
    _file(store, releases[0].id, "data/autre.txt", b"x")
    _file(store, releases[0].id, "data/README.md", None)
    code, _, err = call("verify", url)
    assert code == ExitCode.NOT_VERIFIED
    assert "data/autre.txt: is not part of the release" in err
    assert "README.md: is missing" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "no credentials for it in the environment",
        ),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
    ],
)
def test_a_store_that_cannot_be_asked_says_why(
    s3: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clean: Path,
    change: dict[str, str | None],
    said: str,
) -> None:
    for key, value in change.items():
        monkeypatch.delenv(key) if value is None else monkeypatch.setenv(key, value)
    assert _call(monkeypatch, "push", s3, "--clean", clean) == ExitCode.FAILURE
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert "do-not-show-me" not in err


@pytest.mark.slow
def test_a_bucket_that_is_not_there(s3: str, releases: list[Release]) -> None:
    with pytest.raises(StoreError, match="no such bucket"):
        push(releases[0].path, Store(f"{s3.rpartition('/')[0]}-autre/corpus"))


@pytest.mark.parametrize("method", ["put_file", "pipe_file", "cp_file", "find", "cat_file"])
def test_no_permission(
    monkeypatch: pytest.MonkeyPatch, releases: list[Release], tmp_path: Path, method: str
) -> None:
    store = Store(f"memory://{tmp_path.name}/closed")
    push(releases[0].path, store)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    with monkeypatch.context() as patch:
        patch.setattr(store._fs, method, refuse)
        if method == "cp_file":  # what cannot be copied is sent
            push(releases[1].path, store)
        else:
            with pytest.raises(StoreError, match="does not permit"):
                push(releases[1].path, store)
    expected = releases[1 if method == "cp_file" else 0].id
    assert _whole(store, tmp_path) == expected


@pytest.mark.slow
def test_the_guide_reads_from_a_store(
    s3: str, releases: list[Release], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    # Tests of the consumers may have had the library loaded offline; the store is on this machine.
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", False)
    push(releases[0].path, Store(s3))
    guide = (Path(__file__).parents[1] / "docs/stores.md").read_text(encoding="utf-8")
    given: dict[str, Any] = {}
    codes = re.findall(r"^```python\n(.*?)^```$", guide, re.M | re.S)
    assert len(codes) == 6
    for code in codes:
        exec(compile(code.replace("s3://bucket/corpus", s3), "docs/stores.md", "exec"), given)  # noqa: S102 - ours
    count = releases[0].published
    assert [len(given[name]) for name in ("documents", "texts", "published")] == [count] * 3
    assert sum(number for _, number in given["licences"]) == count
    (tmp_path / "release").rename(tmp_path / releases[0].id)
    assert verify(tmp_path / releases[0].id).faults == ()
