"""`python -m bench --only releases`: publishing many documents from a ledger that is ready.

Each document has some 10,000 signs: a repaired text of the development data, damaged or clean, with a line
of its own, so that no two are the same. A process of its own publishes them, publishes them again with ten
changed, and checks the release; it tells how long each took, how much of it the processor worked (what else
the machine does leaves that nearly as it is), and the most memory it held.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from bench.sets import CLEAN_SETS, PAIR_SETS
from release.publish import publish
from release.verify import verify
from release.writing import Item
from repair.document import Document, Outcome, Paragraph, Source, Status
from repair.pipeline import process

SIZES = (1_000, 10_000, 100_000)
CHANGED = 10
SIGNS = 10_000
"""Of a document, about: a hundred thousand of them are a gigabyte."""
_MODELS = 20
"""Texts that the documents are made from."""


@dataclass(frozen=True, slots=True)
class Published:
    """One size of corpus.

    Attributes:
        documents: how many.
        first: seconds to publish them.
        worked: of the processor, for the same.
        again: seconds to publish them with ten changed.
        worked_again: of the processor, for the same.
        nothing: seconds to find that nothing changed.
        checked: seconds to verify the release.
        memory: most that the process held, in bytes.
        bytes: size of the release.
    """

    documents: int
    first: float
    worked: float
    again: float
    worked_again: float
    nothing: float
    checked: float
    memory: int
    bytes: int

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.documents:,} documents: {self.first:,.0f} s ({self.worked:,.0f} of the processor), "
            f"ten changed {self.again:,.1f} s ({self.worked_again:,.1f}), "
            f"{self.memory / 1e9:.2f} GB"
        )


def measure(data: Path, folder: Path, sizes: tuple[int, ...], say: Callable[[str], None]) -> list[Published]:
    """Publish corpora of several sizes, each in a process of its own.

    Args:
        data: folder of the development data, whose texts the documents are made from.
        folder: to work in; each release goes before the next is made.
        sizes: numbers of documents.
        say: told how far it is.

    Raises:
        RuntimeError: if a process failed.
    """
    found = []
    for documents in sizes:
        clean = folder / str(documents)
        shutil.rmtree(clean, ignore_errors=True)
        command = [sys.executable, "-m", "bench.releases", str(data), str(clean), str(documents)]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        shutil.rmtree(clean, ignore_errors=True)
        if run.returncode:
            raise RuntimeError(f"publishing {documents} documents failed")
        found.append(Published(**json.loads(run.stdout)))
        say(str(found[-1]))
    return found


def _measure(data: Path, clean: Path, documents: int) -> Published:
    models = _models(data)
    items = [_item(models, number, 0) for number in range(documents)]

    def timed(work: Callable[[], object]) -> tuple[float, float]:
        begin, idle = time.perf_counter(), time.process_time()
        work()
        return time.perf_counter() - begin, time.process_time() - idle

    first = timed(lambda: publish(items, clean, versions={"bench": "1"}))
    nothing, _ = timed(lambda: publish(items, clean, versions={"bench": "1"}))
    for place in range(CHANGED):
        number = place * documents // CHANGED
        items[number] = _item(models, number, 1)
    again = timed(lambda: publish(items, clean, versions={"bench": "1"}))
    memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faults: tuple[object, ...] = ()

    def check() -> None:
        nonlocal faults
        faults = verify(clean).faults

    checked, _ = timed(check)
    if faults:
        raise RuntimeError(f"the release does not verify: {faults[:3]}")
    size = sum(path.stat().st_size for path in (clean / "current").resolve().rglob("*") if path.is_file())
    return Published(documents, *first, *again, nothing, checked, memory, size)


def _models(data: Path) -> list[Document]:
    """Return repaired texts of the usual length, half of them damaged, half of them clean."""
    damaged = [[pair.ocr for pair in kind.read(data / "pairs")] for kind in PAIR_SETS]
    clean = [kind.read(data / "clean") for kind in CLEAN_SETS]
    models = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(_MODELS):
            kinds = (damaged, clean)[number % 2]
            texts = kinds[number // 2 % len(kinds)]
            text = _of_length(texts, number)
            path = Path(folder, f"model-{number}.txt")
            path.write_text(text, encoding="utf-8")
            models.append(process(Source(path.stem, path.name, "", len(text)), path))
    return models


def _of_length(texts: list[str], start: int) -> str:
    """Return texts one after the other, from one of them on, cut at the usual length."""
    joined = ""
    while len(joined) < SIGNS:
        joined += texts[start % len(texts)].strip() + "\n\n"
        start += 1
    return joined[:SIGNS].strip()


def _item(models: list[Document], number: int, turn: int) -> Item:
    name = f"document-{sha256(str(number).encode()).hexdigest()[:8]}-{number:06d}"
    digest = sha256(f"{number} {turn}".encode()).hexdigest()
    source = Source(name, f"{name}.txt", digest, SIGNS)
    return Item(source, digest, partial(_outcome, models[number % len(models)], source, turn))


def _outcome(model: Document, source: Source, turn: int) -> Outcome:
    """Return a published document: a model with a last line of its own."""
    line = f"{source.name}, état {turn}."
    texts = {name: f"{getattr(model, name)}\n{line}" for name in ("diplomatic", "text")}
    reading = replace(model.reading, text=f"{model.reading.text}\n{line}")
    start = len(model.reading.text) + 1
    last = Paragraph("paragraph", "", line, line, len(reading.pages), start, start + len(line))
    document = replace(model, source=source, reading=reading, paragraphs=(*model.paragraphs, last), **texts)
    return Outcome(source, Status.PUBLISHED, (), document)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))))
