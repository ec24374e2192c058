"""Another dictionary: what is processed again is what it touches, and what stands would come out the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from memory_documents import TRUSTED

import dictionaries
from expectations.gate import judge
from flows import fingerprint
from flows.decisions import Decisions
from flows.entries import Entry, unpack
from flows.exits import Stop
from flows.fingerprint import document_key, read_key
from flows.jobs import Job
from flows.plan import pending
from flows.processing import process_all
from flows.recall import recall
from flows.state import State
from flows.survey import survey
from flows.upgrades import stands
from repair.document import Outcome, Paragraph, Source, Status
from repair.reading.votes.stamps import load_stamps
from repair.structure import genre as genres
from repair.structure.genre import Genre, genre_may_change, load_genres, parse_genre, read_genre
from repair.typography.profiles import load_profile

HOUSE = Path(__file__).parents[1]
SAMPLES = Path(__file__).parent / "samples"

# Genres and documents of a few words, which meet often.

WORDS = ("Décide", "Attendu", "Avis", "Monsieur,", "Signé", "Fin")
KINDS = ("paragraph", "heading", "note", "item")


@st.composite
def drawn_genres(draw: st.DrawFn) -> dict[str, str]:
    """Draw some genres, as files."""
    word = st.sampled_from(WORDS)
    found = {}
    for name in draw(st.lists(st.sampled_from("abc"), unique=True)):
        lines = [
            'title = { fr = "x", en = "x" }\nsource = "x"\n[known_by]',
            f'opening = "{draw(word)}|{draw(word)} 1"\nwithin = {draw(st.integers(0, 3))}',
            *([f'above = "(?!{draw(word)}).*"'] if draw(st.booleans()) else []),
            *([f'also = ["{draw(word)}"]'] if draw(st.booleans()) else []),
            f'[blocks]\npreamble = "{draw(st.sampled_from(["to-number", "line", "none"]))}"',
            *([f'signature = "{draw(word)}"'] if draw(st.booleans()) else []),
            f'[metadata]\ntitle = ["^({draw(word)})$"]',
            f'[opens]\nparagraph = "{draw(word)}"',
        ]
        found[name] = "\n".join(lines)
    return found


@st.composite
def drawn_blocks(draw: st.DrawFn) -> tuple[Paragraph, ...]:
    texts = draw(
        st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(WORDS), st.booleans()), max_size=5)
    )
    return tuple(
        Paragraph(kind, "1" if numbered else "", word, word, 1, place, place)
        for place, (kind, word, numbered) in enumerate(texts)
    )


def of(files: Mapping[str, str]) -> tuple[Genre, ...]:
    return tuple(parse_genre(name, toml) for name, toml in sorted(files.items()))


@given(blocks=drawn_blocks(), old=drawn_genres(), new=drawn_genres(), same=st.sets(st.sampled_from("abc")))
def test_a_document_that_genres_do_not_touch_is_what_it_was(
    blocks: Sequence[Paragraph], old: dict[str, str], new: dict[str, str], same: set[str]
) -> None:
    new |= {name: old[name] for name in same & old.keys()}
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(genres, "load_genres", lambda: of(old))
        before, said = read_genre(blocks)
        patch.setattr(genres, "load_genres", lambda: of(new))
        touched = genre_may_change(before, said.genre, changed)
        after = read_genre(blocks)
    is_another = after != (before, said)
    event(f"touched: {touched}, another: {is_another}")
    assert touched or not is_another
    assert touched or old.get(said.genre) == new.get(said.genre)  # the expectations ask it, too


def block(text: str, kind: str = "paragraph") -> Paragraph:
    return Paragraph(kind, "", text, text, 1, 0, 1)


GENRE = """
title = { fr = "x", en = "x" }
source = "x"
[known_by]
opening = "OPENING"
[blocks]
preamble = "none"
"""


@pytest.mark.parametrize(
    ("blocks", "genre", "changed", "touched"),
    [
        ([block("Avis")], "b", {"b"}, True),
        ([block("Avis")], "b", {"c"}, False),  # b is asked first
        ([block("Avis")], "b", {"a"}, False),  # a knows no such word
        ([block("Décide")], "b", {"a"}, True),  # a is asked before b
        ([block("Décide", "preamble")], "b", {"a"}, True),  # b may have made it a preamble
        ([block("Décide", "note")], "", {"a"}, False),
        ([block("Rien")], "", {"a", "b", "c"}, False),
        ([block("Fin")], "", {"c"}, True),
        ([block("Fin")], "", {"a", "b"}, False),
        ([block("Avis")], "gone", {"gone"}, True),
        ([], "", {"a", "b", "c"}, False),
    ],
)
def test_which_documents_genres_touch(
    monkeypatch: pytest.MonkeyPatch, blocks: list[Paragraph], genre: str, changed: set[str], touched: bool
) -> None:
    files = {
        name: GENRE.replace("OPENING", word)
        for name, word in zip("abc", ("Décide", "Avis", "Fin"), strict=True)
    }
    monkeypatch.setattr(genres, "load_genres", lambda: of(files))
    assert genre_may_change(blocks, genre, changed) is touched


def test_what_a_text_reads_of_the_dictionaries(tmp_path: Path) -> None:
    """What its key does not hold, or holds apart, is not even opened."""
    (tmp_path / "a.txt").write_text(
        (SAMPLES / "lettre-du-maire.txt").read_text(encoding="utf-8"), encoding="utf-8"
    )
    program = """
import sys
opened = set()
sys.addaudithook(lambda event, told: opened.add(str(told[0])) if event == "open" else None)
from pathlib import Path
from repair.document import Source
from repair.pipeline import process
process(Source("a", "a.txt", "", 0), Path(sys.argv[1]), "imprimerie-nationale")
import dictionaries, json
folder = Path(dictionaries.__file__).parent
inside = [path for path in opened if path.startswith(f"{folder}/")]
print(json.dumps([Path(path).relative_to(folder).as_posix() for path in inside]))
"""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.txt"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    opened = {
        path for path in json.loads(ended.stdout.splitlines()[-1]) if not path.endswith((".py", ".pyc"))
    }
    sums = fingerprint._dictionary_sums()
    some = (fingerprint.PROFILES, fingerprint.STAMPS)
    # What opens a trie is no Python, and unseen.
    unseen = (".py", ".marisa")
    expected = {path for path in sums if not path.startswith(some) and not path.endswith(unseen)}
    assert opened == expected | {"profiles/imprimerie-nationale.toml"}


# A small corpus: each document is touched by other dictionaries.

LINES = ("La ville a fait réparer le pont de la gare.", "Les travaux ont duré trois ans.")
STAMP = "Source lormont.fr / Bibliothèque imaginaire de Lormont"
PLAIN = "Avis de la commission.\n\n" + TRUSTED


def alto(*lines: str) -> str:
    """Return a page with some lines, the last of them at its foot."""
    tops = [400 + 40 * place for place in range(len(lines) - 1)] + [1560]
    printed = "".join(
        f"<TextLine HPOS='50' VPOS='{top}' WIDTH='800' HEIGHT='20'>"
        f"<String CONTENT='{line}' HPOS='50' VPOS='{top}' WIDTH='800' HEIGHT='20'/></TextLine>"
        for top, line in zip(tops, lines, strict=True)
    )
    return (
        "<alto xmlns='http://www.loc.gov/standards/alto/ns-v3#'><Layout><Page WIDTH='1000' HEIGHT='1600'>"
        f"<PrintSpace><TextBlock ID='B'>{printed}</TextBlock></PrintSpace></Page></Layout></alto>"
    )


class Corpus:
    """A corpus that is processed in this process, as runs do it in theirs."""

    def __init__(self, folder: Path) -> None:
        self.raw, self.clean = folder / "raw", folder / "clean"
        self.raw.mkdir()
        for name in ("lettre-propre", "resolution-eau"):
            shutil.copy(SAMPLES / f"{name}.txt", self.raw)
        (self.raw / "avis.txt").write_text(PLAIN, encoding="utf-8")
        (self.raw / "page.xml").write_text(alto(*LINES, STAMP), encoding="utf-8")
        (self.raw / "page.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
        (self.raw / "vide.txt").write_bytes(b"")

    def run(self, clean: Path | None = None) -> list[str]:
        """Process what is pending; return the names of what was."""
        state = State(clean or self.clean)
        todo = self._todo(state)
        state.save(self._entries(Job(self.raw, tuple(todo), "onu")))
        again = recall(state, clean or self.clean)
        known = state.packed(source.path for source in again.sources)
        state.save_recalled(self._entries(Job(self.raw, again.sources, "onu", again.memory, known)))
        return [source.name for source in todo]

    def pending(self) -> list[str]:
        """Return the names of what a run would process."""
        return [source.name for source in self._todo(State(self.clean))]

    def _todo(self, state: State) -> list[Source]:
        return pending(state, survey(self.raw), "onu", Decisions())

    def _entries(self, job: Job) -> Iterator[Entry]:
        done = process_all(job)
        assert not [item.fault for item in done if item.fault]
        documents = [unpack(item.packed) for item in done if item.packed]
        verdicts = iter(zip(documents, judge(documents), strict=True))
        for item in done:
            key = document_key(item.source, job.profile)
            if item.refusal:
                yield Entry(Outcome(item.source, Status.QUARANTINE, (item.refusal,), None), key)
                continue
            document, verdict = next(verdicts)
            outcome = Outcome(item.source, verdict.status, verdict.reasons, document)
            told = b"" if verdict.failed else item.phrases
            yield Entry(outcome, key, verdict.failed, item.packed, item.asked, told, item.answers)

    def outcomes(self, clean: Path | None = None) -> list[Outcome]:
        return [item.load() for item in State(clean or self.clean).items()]


def forget() -> None:
    """Have this process read its dictionaries anew, those of the index excepted: they stay the same."""
    for cached in (
        *(fingerprint._dictionaries, fingerprint._dictionary_sums, fingerprint._judges, fingerprint.versions),
        *(load_genres, load_profile, load_stamps),
    ):
        cached.cache_clear()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Dictionaries of our own, which may be changed."""
    ours = Path(dictionaries.__file__).parent
    folder = tmp_path / "house" / "dictionaries"
    ignored = shutil.ignore_patterns("__pycache__", "decisions.jsonl", ".*", "index")
    shutil.copytree(ours, folder, ignore=ignored)
    (folder / "index").mkdir()
    for path in (ours / "index").iterdir():
        (folder / "index" / path.name).symlink_to(path)
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.delitem(sys.modules, "dictionaries")
    forget()
    yield folder
    forget()


def append(path: str, text: str) -> Callable[[Path], None]:
    def change(shelf: Path) -> None:
        with (shelf / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def put(path: str, text: str) -> Callable[[Path], None]:
    return lambda shelf: (shelf / path).write_text(text, encoding="utf-8") and None


ALL = ["avis", "lettre-propre", "page", "resolution-eau", "vide"]
CHANGES: list[tuple[str, Callable[[Path], None], list[str]]] = [
    ("a word on the sources", append("SOURCES.md", "\nUn mot.\n"), []),
    ("a word on the genres", append("genres/README.md", "\nUn mot.\n"), []),
    ("another profile", append("profiles/imprimerie-nationale.toml", "\n# Un mot.\n"), []),
    ("a genre that nobody is of", append("genres/texte-de-loi.toml", "\n# Un mot.\n"), []),
    ("a genre with its documents", append("genres/resolution-onu.toml", "\n# Un mot.\n"), ["resolution-eau"]),
    ("a new genre", put("genres/avis.toml", GENRE.replace("OPENING", r"Avis de la commission\\.")), ["avis"]),
    ("a genre that goes", lambda shelf: (shelf / "genres" / "lettre.toml").unlink(), ["lettre-propre"]),
    (
        "a new stamp",
        append("stamps.toml", f'\n[[stamp]]\ntext = "{STAMP}"\nsign = "lormont.fr /"\nlibrary = "Lormont"\n'),
        ["page", "vide"],
    ),
]
OF_ALL: list[tuple[str, Callable[[Path], None]]] = [
    ("the profile of the corpus", append("profiles/onu.toml", "\n# Un mot.\n")),
    ("what confusions there are", append("confusions.toml", "\n# Un mot.\n")),
    ("something that nobody knows yet", put("proverbes.toml", "# Un mot.\n")),
]


def test_a_dictionary_has_those_processed_again_that_it_touches_and_the_others_stand(
    tmp_path: Path, shelf: Path
) -> None:
    corpus = Corpus(tmp_path)
    assert corpus.run() == ALL
    first = corpus.outcomes()
    for what, change, touched in CHANGES:
        change(shelf)
        forget()
        assert (what, corpus.run()) == (what, touched)
        assert (what, corpus.pending()) == (what, [])
    corpus.run(tmp_path / "anew")  # each was touched by one change at most: none can hide another's
    assert corpus.outcomes() == corpus.outcomes(tmp_path / "anew")
    for what, change in OF_ALL:
        forget()
        assert corpus.pending() == []
        before = (shelf / "confusions.toml").read_bytes(), (shelf / "profiles" / "onu.toml").read_bytes()
        change(shelf)
        forget()
        assert (what, corpus.pending()) == (what, ALL)
        (shelf / "confusions.toml").write_bytes(before[0])
        (shelf / "profiles" / "onu.toml").write_bytes(before[1])
    last = {outcome.source.name: outcome for outcome in corpus.outcomes()}
    once = {outcome.source.name: outcome for outcome in first}
    for name, of_what in (("avis", "avis"), ("lettre-propre", ""), ("resolution-eau", "resolution-onu")):
        document = last[name].document
        assert document is not None
        assert document.metadata.genre == of_what
    assert last["page"] != once["page"]
    assert last["vide"] == once["vide"]


def test_a_genre_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, shelf: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.run()
    put("genres/avis.toml", "title = 1")(shelf)
    forget()
    with pytest.raises(Stop, match=r"genre avis: .* mend the file in dictionaries/genres/"):
        pending(State(corpus.clean), survey(corpus.raw), "onu", Decisions())


def test_a_key_that_an_earlier_program_gave_stands_for_nothing() -> None:
    key = document_key(Source("a", "a.txt", "00", 1), "onu")
    whole, apart = read_key(key)
    assert {"genres/lettre.toml", "stamps.toml"} <= apart.keys()
    assert not any(path.startswith("profiles/") or path.endswith(".md") for path in apart)
    for kept in ("", whole[:-1], "another program"):
        assert not stands(kept, key, lambda: [None])
    assert stands(key, key, lambda: [])


def test_a_document_that_cannot_be_read_is_processed_again(tmp_path: Path, shelf: Path) -> None:
    import sqlite3
    from contextlib import closing

    from flows.state import FILE, FOLDER

    corpus = Corpus(tmp_path)
    corpus.run()
    with closing(sqlite3.connect(corpus.clean / FOLDER / FILE)) as connection, connection:
        connection.execute("UPDATE documents SET document = ? WHERE name = 'avis'", (b"damaged",))
    append("genres/texte-de-loi.toml", "\n# Un mot.\n")(shelf)
    forget()
    assert corpus.run() == ["avis"]
