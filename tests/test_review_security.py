"""Nobody but its curators uses the desk, and no text of a document runs in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome
from review_desks import HOST, ORIGIN, Desk, form
from starlette.testclient import TestClient

from repair.edits import Decision
from review.curators import BadCurators, add_curator, read_curators
from review.security import COOKIE, LARGEST_FORM, POLICY

READS = (
    *("/", "/documents", "/journal", "/document?name=rapport"),
    *("/question/0123456789abcdef", "/piece?key=x", "/progress?name=rapport"),
)
WRITES = ("/decide", "/undo", "/take-back", "/line", "/leave", "/release", "/again", "/away")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), again=lambda *_: ("", ""))


@pytest.fixture(scope="module")
def anne(desk: Desk) -> TestClient:
    return desk.seat()


@pytest.mark.parametrize("path", READS)
def test_strangers_see_nothing(desk: Desk, path: str) -> None:
    answer = desk.stranger().get(path)
    assert answer.status_code == 401
    assert "acte" not in answer.text
    assert desk.room.release[:12] not in answer.text


@pytest.mark.parametrize("path", WRITES)
def test_strangers_write_nothing(desk: Desk, path: str) -> None:
    assert desk.stranger().post(path, data={"name": "rapport", "why": "x", "token": "x"}).status_code == 401
    assert desk.rulings() == ()


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("token", ["", "x", "0" * 64, "é"])
def test_forms_without_the_sessions_token_write_nothing(
    desk: Desk, anne: TestClient, path: str, token: str
) -> None:
    fields = form(anne.get("/document?name=rapport").text, "/leave")
    assert anne.post(path, data={**fields, "why": "x", "token": token}).status_code == 403
    assert desk.rulings() == ()


def test_the_token_of_another_session_is_not_taken(desk: Desk, anne: TestClient) -> None:
    fields = form(desk.seat(1).get("/document?name=rapport").text, "/leave")
    assert anne.post("/leave", data={**fields, "why": "x"}).status_code == 403
    assert desk.rulings() == ()


@pytest.mark.parametrize(
    "origin",
    [
        *(None, "null", "http://evil.example", "http://127.0.0.1:8540"),
        *("http://127.0.0.1", f"file://{HOST}", ORIGIN + ".evil.example"),
    ],
)
@pytest.mark.parametrize("path", ["/leave", "/enter", "/language"])
def test_forms_of_other_pages_write_nothing(
    desk: Desk, anne: TestClient, origin: str | None, path: str
) -> None:
    fields = form(anne.get("/document?name=rapport").text, "/leave")
    request = anne.build_request("POST", path, data={**fields, "why": "x", "key": desk.tokens[0]})
    del request.headers["origin"]
    if origin is not None:
        request.headers["origin"] = origin
    answer = anne.send(request)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert desk.rulings() == ()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8539", "127.0.0.1", "127.0.0.1:80", "", f"{HOST}.evil.example"]
)
@pytest.mark.parametrize("path", ["/", "/static/desk.js", "/enter"])
def test_other_hosts_are_not_answered(desk: Desk, anne: TestClient, host: str, path: str) -> None:
    answer = anne.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "Prote" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(anne: TestClient, method: str) -> None:
    assert anne.request(method, "/leave").status_code == 405


def test_forms_are_bounded(desk: Desk, anne: TestClient) -> None:
    fields = form(anne.get("/document?name=rapport").text, "/leave")
    assert anne.post("/leave", data={**fields, "why": "x" * LARGEST_FORM}).status_code == 413

    def drops():  # type: ignore[no-untyped-def]
        for _ in range(LARGEST_FORM // 1000 + 2):
            yield b"a=" + b"x" * 998

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert anne.post("/leave", content=drops(), headers=kind).status_code == 411
    lying = anne.build_request("POST", "/leave", content=drops(), headers=kind)
    del lying.headers["transfer-encoding"]
    lying.headers["content-length"] = "10"
    assert anne.send(lying).status_code == 413
    many = {**fields, **{f"f{n}": "x" for n in range(50)}}
    assert anne.post("/leave", data=many).status_code in (400, 403)
    files = {"file": ("x.txt", b"x")}
    assert anne.post("/leave", data=fields, files=files).status_code == 415
    assert desk.rulings() == ()


def test_every_answer_says_what_its_page_may_do(desk: Desk, anne: TestClient) -> None:
    for client in (anne, desk.stranger()):
        for path in (*READS, "/nothing", "/static/desk.css", "/static/nothing", "/enter"):
            answer = client.get(path)
            assert answer.headers["content-security-policy"] == POLICY
            assert "unsafe" not in POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "<script>" not in answer.text
            assert " style=" not in answer.text
            assert " onclick=" not in answer.text
            if "static" not in path:
                assert answer.headers["cache-control"] == "no-store"


def test_the_sessions_cookie_is_the_browsers_alone(desk: Desk) -> None:
    client = desk.stranger()
    answer = client.post("/enter", data={"key": desk.tokens[0]}, follow_redirects=False)
    said = answer.headers["set-cookie"].lower()
    assert all(word in said for word in (COOKIE, "httponly", "samesite=strict", "path=/"))
    assert desk.tokens[0] not in said
    assert "Anne" not in said
    forged = desk.stranger()
    forged.cookies.set(COOKIE, client.cookies[COOKIE][:-3] + "abc")
    assert forged.get("/").status_code == 401


def test_a_curator_who_is_taken_out_is_signed_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client = desk.seat()
    desk.curators.pop(0)
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("token", ["", ".", "x.y", "é.é", "a" * 5000, "'; DROP TABLE", "\x00"])
def test_wrong_tokens_do_not_open(desk: Desk, token: str) -> None:
    answer = desk.stranger().post("/enter", data={"key": token})
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies
    mine = desk.tokens[0]
    for near in (
        mine[:-1],
        mine + "x",
        mine.swapcase(),
        desk.tokens[1].partition(".")[0] + "." + mine.partition(".")[2],
    ):
        assert desk.stranger().post("/enter", data={"key": near}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/desk.js%00", "/static/",
        "/static//etc/passwd", "/document?name=../../current/edits.parquet", "/document?name=/etc/passwd",
        "/document?name=rapport%00", "/document?name=..", "/piece?key=x&document=../../x&start=0",
        "/question/..%2f..%2fx", "/document?name=rapport.txt", "/progress?name=../x",
    ],
)  # fmt: skip
def test_paths_lead_nowhere(anne: TestClient, path: str) -> None:
    answer = anne.get(path)
    assert answer.status_code in (200, 400, 404)
    assert "root:" not in answer.text
    assert "import " not in answer.text
    assert "PAR1" not in answer.text


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/x\r\nset-cookie: a=b",
        "/enter?token=x",
        "//[",
    ],
)
def test_one_is_sent_nowhere_else(anne: TestClient, back: str) -> None:
    answer = anne.post("/language", data={"language": "fr", "back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert "a=b" not in answer.headers.get("set-cookie", "")


HOSTILE = "<script>alert(1)</script>"
BIDI = "\u202egnihton\u202c\u200b\u2066"


def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    reading = (
        f"{HOSTILE} et <img src=x onerror=alert(2)> {BIDI} mot1e ici \" onload='x' {{{{ 7*7 }}}}\n"
        f"{'x' * 1_000_000} mot2e {'y' * 1_000_000}\n" + "fin mot3e.\n"
    )
    doubts = [
        (word, f'{word[:-1]}é"><script>x</script>', Decision.REVIEW) for word in ("mot1e", "mot2e", "mot3e")
    ]
    doubts.insert(1, ("x" * 1_000_000, "z" * 1_000_000, Decision.REVIEW))
    name = "..-<b onclick=x>&'\"é"
    desk = Desk(tmp_path, [make_outcome(make_document(name, reading, doubts, (), ()))])
    client = desk.seat()
    pages = [client.get(path) for path in ("/", "/documents", "/journal")]
    pages.append(client.get("/document", params={"name": name}))
    pages.append(client.get("/document", params={"name": name, "edit": "1"}))
    pages.append(client.get("/documents", params={"wanted": HOSTILE + BIDI}))
    with desk.room.queue() as queue:
        keys = [line.key for line in queue.page(0, 10)]
    assert len(keys) == 4
    for key in keys:
        pages.append(client.get(f"/question/{key}"))
        fields = form(pages[-1].text, "/decide")
        said = {"verdict": "accept", "scope": "here", "why": HOSTILE}
        pages.append(client.post("/decide", data={**fields, **said}))
    pages.append(client.get("/journal"))
    for page in pages:
        assert page.status_code == 200
        lowered = page.text.lower()
        assert "<script>" not in lowered
        assert "<img src=x" not in lowered
        assert "<b onclick" not in lowered
        assert "49" not in lowered.partition("mot1")[2][:60]
        assert not any(sign in page.text.partition('name="was"')[0] for sign in "\u202e\u2066\u200b")
    assert "U+202E" in pages[3].text
    # What is shown is cut; what a form carries for the machine may be long.
    assert all("x" * 10_000 not in page.text for page in pages)
    assert [ruling.document for ruling in desk.rulings()] == [name] * 4


# Curators.


def test_tokens_are_kept_nowhere_and_the_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "state" / "curators.toml"
    token = add_curator(path, "Anne")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token.partition(".")[2] not in path.read_text(encoding="utf-8")
    found = read_curators(path).by_token(token)
    assert found is not None
    assert found.name == "Anne"
    other = add_curator(path, 'Zoé "la prote" \\ d’Aix')
    assert [one.name for one in read_curators(path).everyone] == ["Anne", 'Zoé "la prote" \\ d’Aix']
    assert read_curators(path).by_token(token) == found
    new = add_curator(path, "Anne")
    assert read_curators(path).by_token(token) is None
    assert read_curators(path).by_token(new) is not None
    assert read_curators(path).by_token(other) is not None


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "\u202eeve"])
def test_names_that_cannot_be_seen_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadCurators):
        add_curator(tmp_path / "curators.toml", name)
    assert not (tmp_path / "curators.toml").exists()


def test_a_file_that_is_none_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "curators.toml"
    for content in ("[[curator]]\nname = 1", "x", "[[curator]]\nname='a'\nid='b'"):
        path.write_text(content)
        with pytest.raises(BadCurators):
            read_curators(path)
