"""The gate on documents as the pipeline makes them: what is French passes, what is not is held back."""

import hashlib
import random
import string
from pathlib import Path

import pytest

from expectations.gate import Verdict, judge
from repair.document import Document, Source, Status
from repair.pipeline import process

EXTRACT = """
12. Prie le Secrétaire général de lui présenter, à sa prochaine session, un rapport sur
l’application de la présente résolution, dans lequel figureront :

a) les mesures prises par les États Membres (voir le paragraphe 3 a) de la résolution) ;

b) les ressources nécessaires, « compte tenu des besoins exprimés

« et des contributions reçues à ce jour » ;

13. Décide d’inscrire à l’ordre du jour provisoire de sa prochaine session la question
intitulée « Prévention du crime et justice pénale », et de l’examiner
"""
ENGLISH = """
The General Assembly,

Recalling all its resolutions on technical assistance in the fight against terrorism, and
stressing the need to strengthen international cooperation in order to prevent and suppress
terrorism effectively in all its forms and manifestations,

1. Requests the Secretary-General to report to it at its next session on the implementation of
the present resolution ;

2. Decides to remain seized of the matter.
"""
# Montaigne, « Au lecteur », 1580: public domain.
OLD = """
C’est icy un livre de bonne foy, lecteur. Il t’advertit dés l’entree, que je ne m’y suis proposé
aucune fin, que domestique et privee : je n’y ay eu nulle consideration de ton service, ny de ma
gloire : mes forces ne sont pas capables d’un tel dessein. Je l’ay voüé à la commodité particuliere
de mes parens et amis : à ce que m’ayans perdu (ce qu’ils ont à faire bien tost) ils y puissent
retrouver aucuns traicts de mes conditions et humeurs, et que par ce moyen ils nourrissent plus
entiere et plus vifve, la connoissance qu’ils ont eu de moy.
"""


def processed(path: Path) -> Document:
    octets = path.read_bytes()
    return process(Source(path.stem, path.name, hashlib.sha256(octets).hexdigest(), len(octets)), path)


def verdict_on(text: str, folder: Path) -> Verdict:
    path = folder / "document.txt"
    path.write_text(text, encoding="utf-8")
    return judge([processed(path)])[0]


def test_an_extract_that_begins_and_ends_anywhere_is_published(tmp_path: Path) -> None:
    assert verdict_on(EXTRACT, tmp_path) == Verdict(Status.PUBLISHED)


def test_random_letters_are_quarantined(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - letters, not secrets
    words = ("".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(300))
    verdict = verdict_on(" ".join(words), tmp_path)
    assert verdict.status is Status.QUARANTINE
    assert verdict.failed[0] == "words-mostly-known"
    assert "language-known" in verdict.failed


def test_english_is_held_back_and_called_not_french(tmp_path: Path) -> None:
    verdict = verdict_on(ENGLISH, tmp_path)
    assert verdict.status is not Status.PUBLISHED
    assert "language-known" in verdict.failed
    assert "not French" in verdict.reasons[0].en


def test_old_french_is_left_to_a_curator(tmp_path: Path) -> None:
    verdict = verdict_on(OLD, tmp_path)
    assert verdict.status is Status.REVIEW
    assert "language-known" in verdict.failed
    assert "frm" in verdict.reasons[0].en


def test_a_lost_paragraph_is_seen(tmp_path: Path) -> None:
    text = "".join(
        f"{number}. Prie le Secrétaire général de lui présenter un rapport sur la question.\n\n"
        for number in (1, 2, 3, 5, 6)
    )
    verdict = verdict_on(text, tmp_path)
    assert verdict.failed == ("numbers-in-sequence",)
    assert "« 5 » au lieu de « 4 »" in verdict.reasons[0].fr


@pytest.mark.shared
def test_the_users_documents_are_published_or_in_review_for_true_reasons(corpus: Path) -> None:
    paths = sorted(corpus.glob("*.txt"))
    verdicts = judge([processed(path) for path in paths])
    failed = {path.stem[:3]: set(verdict.failed) for path, verdict in zip(paths, verdicts, strict=True)}
    # 002: its engine read note calls as other signs, and some cannot be told from a full stop; the notes
    # 1 to 4 are not in the file.
    assert failed.pop("002") <= {"notes-called", "calls-have-notes"}
    assert failed == {name: set() for name in ("000", "001", "003", "004")}
