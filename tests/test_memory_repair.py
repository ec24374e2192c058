"""What the memory does to a text: it helps a damaged sister, and leaves good French alone."""

from pathlib import Path

import pytest
from memory_documents import DAMAGED, PRINTED, READ, TRUSTED, memory_of, memory_of_lines, processed

from repair.document import Document
from repair.edits import Decision, Edit, Evidence
from repair.memory.phrases import TRUSTED_WORDS, phrases, trusted
from repair.memory.store import Memory
from repair.pipeline import process_again


def edit_of(document: Document, before: str) -> Edit:
    (edit,) = (edit for edit in document.repairs if edit.before == before)
    return edit


def citations(document: Document) -> list[Evidence]:
    return [item for edit in document.repairs for item in edit.evidence if item.witness == "corpus memory"]


def test_a_sister_makes_a_doubtful_word_sure_and_is_cited(tmp_path: Path) -> None:
    store = memory_of(tmp_path, sister=TRUSTED)
    alone = processed(tmp_path, "damaged", DAMAGED)
    helped = process_again(alone, Memory(store, "damaged"))
    assert citations(alone) == []
    before, after = edit_of(alone, READ), edit_of(helped, READ)
    assert after.after == PRINTED
    assert after.probability > before.probability
    assert (before.decision, after.decision) == (Decision.REVIEW, Decision.APPLIED)
    (witness,) = (item for item in after.evidence if item.witness == "corpus memory")
    assert witness.detail == f"sister § 2: habitants du {PRINTED} soient consultés"
    assert witness.weight > 0


def test_a_memory_that_answers_nothing_changes_nothing(tmp_path: Path) -> None:
    alone = processed(tmp_path, "damaged", DAMAGED)
    assert processed(tmp_path, "damaged", DAMAGED, Memory()) == alone
    store = memory_of(tmp_path, sister="Un tout autre texte, qui ne parle pas des mêmes choses.\n")
    assert process_again(alone, Memory(store, "damaged")) == alone


def test_what_is_asked_is_all_that_counts(tmp_path: Path) -> None:
    """The digest of its answers stands for the memory: the flows process nothing while it is the same."""
    alone = Memory()
    document = processed(tmp_path, "damaged", DAMAGED, alone)
    store = memory_of(tmp_path, sister=TRUSTED)
    assert store.answers("damaged", alone.asked)
    first = Memory(store, "damaged")
    helped = process_again(document, first)
    wider = memory_of(tmp_path, sister=TRUSTED, tante="La tante de la sœur parle d’autre chose ce matin.\n")
    assert store.answers("damaged", first.asked) == wider.answers("damaged", first.asked)
    assert process_again(document, Memory(wider, "damaged")) == helped


def test_a_document_is_no_witness_for_itself(tmp_path: Path) -> None:
    store = memory_of(tmp_path, sister=TRUSTED)
    alone = processed(tmp_path, "sister", DAMAGED)
    assert process_again(alone, Memory(store, "sister")) == alone


def test_a_word_that_others_print_as_it_was_read_has_no_witness(tmp_path: Path) -> None:
    store = memory_of_lines(tmp_path, a=TRUSTED, b=TRUSTED.replace(PRINTED, READ))
    helped = processed(tmp_path, "damaged", DAMAGED, Memory(store, "damaged"))
    assert not any(PRINTED in witness.detail for witness in citations(helped))
    assert citations(helped)


def test_a_line_end_within_a_word_is_no_obstacle(tmp_path: Path) -> None:
    store = memory_of(tmp_path, a=TRUSTED)
    text = DAMAGED.replace("habitants", "habi-\ntants").replace("bibliothéque", "bibliothé-\nque")
    helped = processed(tmp_path, "damaged", text, Memory(store, "damaged"))
    for phrase in ("soient consultés", "subvention demandée"):
        assert any(phrase in witness.detail for witness in citations(helped))


def test_no_witness_speaks_against_the_call_of_a_note(tmp_path: Path) -> None:
    store = memory_of(tmp_path, a=TRUSTED)
    text = DAMAGED.replace("habitants du", "habitants® du")
    helped = processed(tmp_path, "damaged", text, Memory(store, "damaged"))
    cited = [edit for edit in helped.repairs if any(e.witness == "corpus memory" for e in edit.evidence)]
    assert READ in [edit.before for edit in cited]
    assert "habitants®" not in [edit.before for edit in cited]


def test_phrases_end_where_their_clause_ends(tmp_path: Path) -> None:
    store = memory_of_lines(tmp_path, a=TRUSTED.replace(f"du {PRINTED} soient", f"du. {PRINTED} ; soient"))
    helped = processed(tmp_path, "damaged", DAMAGED, Memory(store, "damaged"))
    assert not any(PRINTED in witness.detail for witness in citations(helped))


def test_questions_end_where_their_clause_ends(tmp_path: Path) -> None:
    store = memory_of(tmp_path, a=TRUSTED)
    cut = DAMAGED.replace(f"du {READ} soient", f"du. {READ} ; soient")
    helped = processed(tmp_path, "damaged", cut, Memory(store, "damaged"))
    assert not any(PRINTED in witness.detail for witness in citations(helped))


@pytest.mark.parametrize(
    ("printed", "elsewhere"),
    [
        ("Il a demandé que la porte soit fermée.", "Il a demandé que la poste soit fermée."),
        ("Le maire marche vers la place du village.", "Le marché vers la place du village est ouvert."),
        ("Il a été élu par les habitants du hameau.", "Il à été élu par les habitants du hameau."),
        ("On ne sait ou aller, à la ville ou aux champs.", "On ne sait où aller, à la ville où aux champs."),
        ("Le conseil donne la parole aux habitants.", "Le conseil donna la parole aux habitants."),
        ("La place des pécheurs est réservée ce jour.", "La place des pêcheurs est réservée ce jour."),
        ("Nous avons vu les habitants de Rennes.", "Nous avons vu les habitants de Reims."),
        ("Il est né le 14 mars 1921 dans ce village.", "Il est né le 14 mars 1927 dans ce village."),
    ],
)
def test_good_french_is_not_turned_into_the_phrase_of_another_document(
    tmp_path: Path, printed: str, elsewhere: str
) -> None:
    text = TRUSTED + "\n" + printed + "\n"
    store = memory_of(tmp_path, a=TRUSTED + "\n" + elsewhere + "\n", b=elsewhere)
    assert processed(tmp_path, "c", text, Memory(store, "c")).diplomatic == text


def test_trust_asks_for_french_for_words_and_for_hardly_any_damage(tmp_path: Path) -> None:
    assert trusted(processed(tmp_path, "a", TRUSTED))
    assert not trusted(processed(tmp_path, "b", DAMAGED))
    short = " ".join(TRUSTED.split()[: TRUSTED_WORDS - 20])
    assert not trusted(processed(tmp_path, "c", short))
    assert not trusted(processed(tmp_path, "d", "The quick brown fox jumps over the lazy dog. " * 30))


def test_what_repair_changed_or_doubts_bears_no_witness(tmp_path: Path) -> None:
    place = TRUSTED.index(PRINTED)
    text = TRUSTED[:place] + READ + TRUSTED[place + len(PRINTED) :]
    told = {phrase for phrase, _ in _pairs(phrases(processed(tmp_path, "a", text)))}
    sound = {phrase for phrase, _ in _pairs(phrases(processed(tmp_path, "b", TRUSTED)))}
    assert told < sound
    assert len(sound - told) == 5


def _pairs(told: bytes) -> list[tuple[int, int]]:
    import numpy as np

    from repair.memory.write import PHRASES

    found: list[tuple[int, int]] = np.frombuffer(told, PHRASES).tolist()
    return found


def test_a_phrase_is_cited_by_the_line_of_the_normalised_edition(tmp_path: Path) -> None:
    store = memory_of(tmp_path, sister="Un titre\n\n" + TRUSTED)
    document = processed(tmp_path, "sister", "Un titre\n\n" + TRUSTED)
    helped = processed(tmp_path, "damaged", DAMAGED, Memory(store, "damaged"))
    lines = document.text.split("\n")
    assert citations(helped)
    for witness in citations(helped):
        place, phrase = witness.detail.split(": ")
        line = lines[int(place.removeprefix("sister § ")) - 1]
        assert phrase in line.lower().replace("’", "'")


@pytest.mark.shared
def test_002_cites_its_sister_003(corpus: Path, tmp_path: Path) -> None:
    texts = {path.name[:3]: path.read_text(encoding="utf-8") for path in corpus.glob("*.txt")}
    documents = {name: processed(tmp_path, name, text) for name, text in sorted(texts.items())}
    assert [name for name, document in documents.items() if trusted(document)] == ["000", "001", "003", "004"]
    store = memory_of(tmp_path, **{name: text for name, text in texts.items() if name != "002"})
    helped = process_again(documents["002"], Memory(store, "002"))
    assert len([item for item in citations(helped) if item.detail.startswith("003 § ")]) >= 100
    again = {edit.start: edit for edit in helped.repairs}
    for edit in documents["002"].repairs:
        if edit.decision is Decision.APPLIED:
            assert again[edit.start].after == edit.after
