"""A trusted document and its damaged sister, written for these tests."""

from pathlib import Path

import numpy as np

from repair.document import Document, Source
from repair.memory.phrases import clauses, phrases
from repair.memory.store import LENGTH, Memory, Store, number
from repair.memory.write import PHRASES, write_store
from repair.pipeline import process

TRUSTED = (
    "Le conseil municipal s’est réuni hier soir à la mairie de la commune. Il a décidé de réparer le toit de "
    "l’école avant l’hiver, et de demander trois devis aux entreprises de la région.\n\n"
    "Le maire a rappelé que la commission départementale de la lecture publique doit se prononcer avant la "
    "fin du mois sur la subvention demandée par la bibliothèque. Les élus ont souhaité que les habitants du "
    "hameau soient consultés avant toute décision, et que le compte rendu de la réunion soit affiché à la "
    "mairie.\n\n"
    "Enfin, le conseil a remercié les bénévoles de la fête du village, qui ont servi plus de deux cents "
    "repas, et il a fixé au premier samedi de septembre la date de la prochaine réunion publique sur le plan "
    "de circulation.\n"
)

DAMAGED = (
    "Note du secrétariat. La subvention demandée par la bibliothéque sera votée en mars. Les élus ont "
    "souhaité que les habitants du hanneau soient consultés avant toute décision. La commission "
    "départementale de la lecturc publique doit se prononcer. Les bénévolcs de la fête du villagc ont servi "
    "plus de deux cents rcpas.\n"
)

READ, PRINTED = "hanneau", "hameau"
"""A word of the damaged document that the memory makes surer."""


def processed(folder: Path, name: str, text: str, memory: Memory | None = None) -> Document:
    """Return a text as the pipeline leaves it."""
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return process(Source(name, path.name, "", 0), path, memory=memory)


def memory_of(folder: Path, **texts: str) -> Store:
    """Return the memory of some documents, whether they are to be trusted or not."""
    return _store(folder, {name: phrases(processed(folder, name, text)) for name, text in texts.items()})


def memory_of_lines(folder: Path, **texts: str) -> Store:
    """Return the memory of some texts as they stand, doubtful words included; a line a paragraph."""
    told = {}
    for name, text in texts.items():
        found: dict[int, int] = {}
        for paragraph, line in enumerate(text.splitlines(), 1):
            for clause in clauses(line):
                for start in range(len(clause) - LENGTH + 1):
                    found.setdefault(number(clause[start : start + LENGTH]), paragraph)
        told[name] = np.array(list(found.items()), PHRASES).tobytes()
    return _store(folder, told)


def _store(folder: Path, told: dict[str, bytes]) -> Store:
    write_store(folder / "memory.bin", sorted(told.items()))
    return Store(folder / "memory.bin")
