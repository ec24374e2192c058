"""Documents of an object store: what changed is fetched, what is gone goes, nothing leaves the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from processes import run
from release_s3 import new_bucket, s3_server
from test_flows_corpus import CLEAN, DAMAGED

from flows.exits import ExitCode, Stop
from flows.incoming import bring, check_names, fetched_folder
from flows.plan import check_folders
from flows.state import FOLDER
from release.history import current_id
from release.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with s3_server() as environment:
        yield environment


@pytest.fixture
def bucket(server: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return new_bucket(server, monkeypatch, tmp_path)


def _s3() -> Any:
    return fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    (tmp_path / "clean" / FOLDER).mkdir(parents=True)
    return tmp_path / "clean"


def _fetched(raw: str, clean: Path) -> int:
    """Fetch, and return how many files were."""
    told: list[tuple[int, int]] = []
    bring(raw, clean, lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1]
    return told[-1][1]


def _there(clean: Path) -> dict[str, bytes]:
    folder = fetched_folder(clean)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_what_is_new_or_changed_is_fetched_and_what_is_gone_goes(bucket: str, clean: Path) -> None:
    s3, raw = _s3(), f"s3://{bucket}/un corpus"
    given = {"a.txt": b"un", "lois/1905.txt": b"deux", "lois/b.txt": b"trois", "old/c.txt": b"quatre"}
    for name, data in given.items():
        s3.pipe_file(f"{bucket}/un corpus/{name}", data)
    s3.pipe_file(f"{bucket}/un corpus 2/other.txt", b"of another place")
    assert (_fetched(raw, clean), _there(clean)) == (4, given)
    assert _fetched(raw + "/", clean) == 0

    s3.pipe_file(f"{bucket}/un corpus/lois/b.txt", b"TROIS")  # of the same size
    s3.pipe_file(f"{bucket}/un corpus/d.txt", b"")
    s3.rm_file(f"{bucket}/un corpus/old/c.txt")
    changed = given | {"lois/b.txt": b"TROIS", "d.txt": b""}
    del changed["old/c.txt"]
    assert (_fetched(raw, clean), _there(clean)) == (2, changed)
    assert not (fetched_folder(clean) / "old").exists()

    (fetched_folder(clean) / "a.txt").unlink()
    (fetched_folder(clean) / "lois/1905.txt").write_bytes(b"cut")
    assert (_fetched(raw, clean), _there(clean)) == (2, changed)

    # Files of another place may have the same names, sizes and bytes.
    assert (_fetched(f"s3://{bucket}/un corpus 2", clean), list(_there(clean))) == (1, ["other.txt"])
    assert not list((clean / FOLDER).glob("raw.part"))


def test_a_fetch_that_is_cut_short_goes_on(bucket: str, clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        _s3().pipe_file(f"{bucket}/{number:02}.txt", b"x" * number)
    get = Store.get_object

    def failing(store: Store, path: str, file: Path) -> None:
        if path == "12.txt":
            raise KeyboardInterrupt
        get(store, path, file)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "get_object", failing)
        with pytest.raises(KeyboardInterrupt):
            bring(f"s3://{bucket}", clean)
    assert _fetched(f"s3://{bucket}", clean) == 8  # from the twelfth on: what came before is noted
    assert len(_there(clean)) == 20


def test_an_object_that_changes_while_it_is_fetched_is_not_taken(
    bucket: str, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _s3().pipe_file(f"{bucket}/a.txt", b"whole")
    monkeypatch.setattr(Store, "get_object", lambda _store, _path, file: file.write_bytes(b"who"))
    with pytest.raises(Stop, match=r"/a\.txt changed while it was fetched"):
        bring(f"s3://{bucket}", clean)
    assert _there(clean) == {}


def test_where_nothing_is_nothing_is_removed(bucket: str, clean: Path) -> None:
    _s3().pipe_file(f"{bucket}/raw/a.txt", b"un")
    bring(f"s3://{bucket}/raw", clean)
    _s3().rm_file(f"{bucket}/raw/a.txt")
    with pytest.raises(Stop, match="there is no document in s3://") as stop:
        bring(f"s3://{bucket}/raw", clean)
    assert stop.value.code is ExitCode.USAGE
    assert _there(clean) == {"a.txt": b"un"}
    with pytest.raises(Stop, match="no such bucket"):
        bring("s3://there-is-none-such/raw", clean)


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/a", "a//b", "a/", "./a", "a/.", "..", "a\0b", "a/../b"]
)
def test_a_name_that_would_leave_the_folder_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(Stop, match=r"s3://x holds .*has no place in a folder"):
        check_names("s3://x", {"good.txt": None, name: None})


def test_a_name_that_would_leave_the_folder_is_refused_before_anything_is_fetched(
    bucket: str, clean: Path
) -> None:
    _s3().pipe_file(f"{bucket}/raw/good.txt", b"un")
    import botocore.session

    client = botocore.session.get_session().create_client("s3")
    client.put_object(Bucket=bucket, Key="raw/sub/../../../escaped.txt", Body=b"x")
    with pytest.raises(Stop, match="has no place in a folder"):
        bring(f"s3://{bucket}/raw", clean)
    assert not list(clean.parent.rglob("*.txt"))


def test_a_file_that_is_a_folder_too_is_refused() -> None:
    with pytest.raises(Stop, match=r"'lois' and 'lois/1905\.txt'"):
        check_names("s3://x", {"lois": None, "lois/1905.txt": None})
    check_names("s3://x", {"lois.txt": None, "lois/1905.txt": None, "..a": None, "b..": None})


def test_a_folder_is_taken_as_it_is_and_may_not_be_in_the_output_folder(clean: Path) -> None:
    assert bring("raw/sub", clean) == Path("raw/sub")
    fetched_folder(clean).mkdir()
    check_folders(fetched_folder(clean), clean)
    (clean / "mine").mkdir()
    with pytest.raises(Stop, match="one inside the other"):
        check_folders(clean / "mine", clean)


def test_a_run_from_a_store_to_a_store_makes_the_release_that_a_folder_does(
    bucket: str, server: dict[str, str], tmp_path: Path, prefect_server: None
) -> None:
    from flows.corpus import publish_corpus

    (tmp_path / "raw" / "lois").mkdir(parents=True)
    for name, text in (("clair.txt", CLEAN), ("lois/abîmé.txt", DAMAGED), ("vide.txt", "")):
        (tmp_path / "raw" / name).write_text(text, encoding="utf-8")
        _s3().pipe_file(f"{bucket}/raw/{name}", text.encode())
    here = publish_corpus(str(tmp_path / "raw"), str(tmp_path / "here"), decisions="none").release.id

    url = f"s3://{bucket}/corpus"
    code, _, err = run(tmp_path, "run", "--raw", f"s3://{bucket}/raw", "--push", url, **server)
    assert code == ExitCode.DONE, err
    assert current_id(tmp_path / "clean") == Store(url).current() == here
    assert "do-not-show-me" not in err

    # Prefect's runs take the same; a push that fails is told, and the release stands.
    _s3().pipe_file(f"{bucket}/raw/neuf.txt", f"Un autre jour, {CLEAN}".encode())
    with pytest.raises(
        Stop,
        match=rf"is published in .*, and did not come to s3://none-{bucket} .*: mend that, then prote",
    ) as stop:
        publish_corpus(
            f"s3://{bucket}/raw", str(tmp_path / "clean"), decisions="none", push=f"s3://none-{bucket}"
        )
    assert stop.value.code is ExitCode.NOT_PUSHED
    assert current_id(tmp_path / "clean") != here
    assert (tmp_path / "clean" / "current" / "text" / "neuf.txt").exists()


def test_what_is_no_place_in_a_store_is_refused_before_anything_starts(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, "run", "--push", "corpus")
    assert code == ExitCode.USAGE
    assert "'corpus' is no URL of a place in a store" in err
