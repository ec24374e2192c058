"""Desks for the tests of the curators' room: a release with many doubts, and a browser's part."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from release_documents import find_edits, make_document, make_outcome, publish
from starlette.testclient import TestClient

from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling
from repair.document import Outcome, Status
from repair.edits import Decision, Edit, Evidence, Kind
from review.app import Piece, make_app
from review.curators import Curator, Curators, new_curator
from review.room import Again, Room
from review.security import Sessions

HOST = "127.0.0.1:8539"
ORIGIN = f"http://{HOST}"
_PAIRS = """
fagon façon étre être apres après mémes mêmes regle règle peuples peuplés societe société tres très
1’eau l’eau proces procès role rôle hopital hôpital foret forêt siecle siècle modele modèle progres progrès
acces accès ecole école etude étude periode période systeme système probleme problème theorie théorie
oeuvre œuvre
""".split()  # noqa: SIM905
PAIRS = tuple(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
"""What is read, and what is proposed: the more to the left, the more often it stands in the corpus."""


def make_text(pairs: Sequence[tuple[str, str]], times: int) -> tuple[str, list[tuple[str, str, Decision]]]:
    """Return a text in which each word stands so often, and its doubtful edits."""
    lines, changes = [], []
    for number in range(times):
        for before, after in pairs:
            lines.append(
                f"Article {number + 1}. Il est dit que {before} demeure ici, et que rien d’autre ne change."
            )
            changes.append((before, after, Decision.REVIEW))
    return "\n".join(lines) + "\n", changes


def make_corpus(documents: int = 3, pairs: Sequence[tuple[str, str]] = PAIRS) -> list[Outcome]:
    """Return documents of which the first words stand in all, the last in one."""
    outcomes = []
    for number in range(documents):
        some = pairs[: len(pairs) - 3 * number]
        text, changes = make_text(some, 1 if number else 2)
        text += "Une derniere ligne, que la page imprime autrement.\n"
        folder = ("lois", "lois", "lettres")[number % 3]
        outcome = make_outcome(make_document(f"{folder}__acte {number}", text, changes, (), ()))
        outcomes.append(moved(outcome, f"{folder}/acte {number}.txt"))
    applied = make_document(
        "rapport", "Une fagon de faire.\n", [("fagon", "façon", Decision.APPLIED)], (), ()
    )
    outcomes.append(make_outcome(applied))
    held = make_document("retenu", "Une eau trouble.\n", (), (), ())
    outcomes.append(make_outcome(held, Status.QUARANTINE))
    return outcomes


def moved(outcome: Outcome, path: str) -> Outcome:
    """Return an outcome whose raw file has another path."""
    from dataclasses import replace

    assert outcome.document is not None
    source = replace(outcome.source, path=path)
    return replace(outcome, source=source, document=replace(outcome.document, source=source))


class Desk:
    """A desk in this process, as one or several curators see it."""

    def __init__(
        self,
        folder: Path,
        outcomes: Sequence[Outcome] | None = None,
        names: Sequence[str] = ("Anne", "Benoît"),
        piece: Piece | None = None,
        again: Again | None = None,
    ) -> None:
        self.clean, self.journal = folder / "clean", folder / "dictionaries" / "decisions.jsonl"
        self.publish(make_corpus() if outcomes is None else outcomes)
        self.room = Room(self.clean, self.journal)
        made = [new_curator(name) for name in names]
        self.curators: list[Curator] = [curator for curator, _ in made]
        self.tokens = [token for _, token in made]
        sessions = Sessions(secrets.token_bytes(32), secure=False)
        self.app = make_app(
            self.room, lambda: Curators(tuple(self.curators)), sessions, [HOST], piece=piece, again=again
        )

    def publish(self, outcomes: Sequence[Outcome]) -> None:
        publish(outcomes, self.clean, versions={"prote": "0.1.0"})

    def stranger(self) -> TestClient:
        return TestClient(self.app, base_url=ORIGIN, headers={"origin": ORIGIN})

    def seat(self, number: int = 0) -> TestClient:
        """Return a browser whose curator has signed in."""
        client = self.stranger()
        assert client.post("/enter", data={"key": self.tokens[number]}).url.path == "/"
        return client

    def rulings(self) -> tuple[Ruling, ...]:
        return Journal(self.journal).read()


def form(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.S)
    assert found is not None, f"no form {action}"
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0])
    return {name: html.unescape(value) for name, value in fields}


def scopes(page: str) -> list[str]:
    """Return the scopes that a question offers; the chosen one first."""
    found = re.findall(r'name="scope" value="([^"]*)"[^>]*?(checked)?>', page)
    return [html.unescape(value) for value, _ in sorted(found, key=lambda one: not one[1])]


def words(page: str) -> str:
    """Return what a page says, in both languages."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def edit(
    text: str, before: str, after: str, decision: Decision, probability: float, detail: str = ""
) -> Edit:
    """Return a repair of the first place where something stands."""
    from dataclasses import replace

    (found,) = find_edits(text, Kind.REPAIR, [(before, after, decision)])
    evidence = (Evidence("lexicon", detail or after, 2.5),)
    return replace(found, probability=probability, evidence=evidence)
