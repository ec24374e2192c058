"""What was published when: ``clean/changes/``, which tells what each publication changed.

Each leaves ``NNNN-ID.json``, for programs, and ``.html`` and ``.md``, for people. They stand beside the
releases, not in them: the same documents are the same release, whatever was published before.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from filelock import FileLock

from release.compare import Cause, Change, Comparison, DocumentChange, Figures, RuleChange
from release.layout import CURRENT, PARTIAL, RELEASES, SHORT_ID, is_id
from release.pages.environment import environment
from release.pages.markdown import render
from repair.document import Reason, Status

CHANGES = "changes"
_NUMBERED = re.compile(r"(\d{4,})-[0-9a-f]{12}\.(html|json|md)")
_SHOWN = 200
"""Documents that the page of a publication names, of each kind; ``prote diff`` has all."""


class Judgement(msgspec.Struct, frozen=True):
    """What a gate said of a release: what speaks `against` it, and what a person should know (`told`)."""

    against: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that a publication changed, as its pages tell it.

    Attributes:
        name: of the document.
        change: what became of it.
        cause: why it is published otherwise.
        was_called: its name before, where that is another.
        before: its status before; None where it is new.
        after: its status now; None where it is gone.
        places: at how many places its text changed.
        reasons: why it is not published now.
        rules: the rules whose edits changed most.
    """

    name: str
    change: Change
    cause: Cause | None = None
    was_called: str = ""
    before: Status | None = None
    after: Status | None = None
    places: int = 0
    reasons: tuple[Reason, ...] = ()
    rules: tuple[RuleChange, ...] = ()

    @property
    def flipped(self) -> bool:
        """Whether it stayed and has another status."""
        return None not in (self.before, self.after) and self.before is not self.after


class Publication(msgspec.Struct, frozen=True):
    """``changes/NNNN-ID.json``: a release that became the current one, and what that changed.

    `previous` is the ID of the release before it, empty where there was none; where that one could not be
    read, all documents count as added. `told` is what the gate had a person know of the release, `overruled`
    what spoke against it, where somebody accepted it all the same. `when` is in UTC, to the second; `flipped`
    counts the documents whose status is another; `documents` are the first of each kind, and `rules` those
    whose edits changed. Publications of earlier versions told none of these.
    """

    number: int
    release: str
    previous: str
    figures: Figures
    added: int
    withdrawn: int
    renamed: int
    changed: int
    told: tuple[Reason, ...] = ()
    overruled: tuple[Reason, ...] = ()
    when: str = ""
    flipped: int = 0
    documents: tuple[Told, ...] = ()
    rules: tuple[RuleChange, ...] = ()

    @property
    def stem(self) -> str:
        """Name of its files in ``changes/``, without suffix."""
        return f"{self.number:04d}-{self.release[:SHORT_ID]}"

    def of(self, change: Change) -> tuple[Told, ...]:
        """Return those of the documents told with which this happened."""
        return tuple(told for told in self.documents if told.change is change)


def publishing_lock(clean: Path) -> FileLock:
    """Return the lock that whoever changes the releases of an output folder holds.

    The system frees it when its holder dies, so that a partial folder seen under it is a dead one's.
    """
    return FileLock(clean / RELEASES / ".lock")


def current_release(clean: Path) -> Path | None:
    """Return the folder of the current release of an output folder; None where there is none."""
    data = clean / CURRENT
    return data.resolve().parent if data.is_dir() else None


def publications(clean: Path) -> list[Publication]:
    """Return what was published, in order; a file that cannot be read, or has another's name, is none."""
    found = []
    for path in (clean / CHANGES).glob("*.json"):
        if _NUMBERED.fullmatch(path.name):
            with contextlib.suppress(ValueError, OSError, RecursionError):
                told = msgspec.json.decode(path.read_bytes(), type=Publication)
                if is_id(told.release) and told.stem == path.stem:
                    found.append(told)
    return sorted(found, key=lambda publication: publication.number)


@contextlib.contextmanager
def recorded(clean: Path, comparison: Comparison, judged: Judgement) -> Iterator[None]:
    """Leave what a publication changes in ``changes/``, where the release becomes the current one in between.

    All is written before, under hidden names, and shown after: whoever is killed at any moment has the
    next publisher show it (`settle`), or forget what never came about.
    """
    settle(clean)
    previous = current_id(clean)
    if previous != comparison.new:  # else it is mended, not changed
        _propose(clean, comparison, previous, judged)
    yield
    settle(clean)


def settle(clean: Path) -> None:
    """Show what was written of a publication if it came about, else remove it."""
    current = current_id(clean)
    # The pages before the data, by which a publication is known.
    for hidden in sorted((clean / CHANGES).glob(f"{PARTIAL}*"), key=lambda path: path.suffix == ".json"):
        shown = hidden.name.removeprefix(PARTIAL)
        if current and shown.rpartition(".")[0].endswith(f"-{current[:SHORT_ID]}"):
            hidden.replace(hidden.with_name(shown))
        else:
            hidden.unlink()


def _propose(clean: Path, comparison: Comparison, previous: str, judged: Judgement) -> None:
    folder = clean / CHANGES
    folder.mkdir(exist_ok=True)
    taken = [int(found[1]) for path in folder.iterdir() if (found := _NUMBERED.fullmatch(path.name))]
    publication = Publication(
        max(taken, default=0) + 1,
        comparison.new,
        previous,
        comparison.after,
        **{change.value: len(comparison.of(change)) for change in Change},
        told=judged.told,
        overruled=judged.against,
        when=f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        flipped=sum(map(_is_flipped, comparison.documents)),
        documents=tuple(_told(comparison)),
        rules=comparison.rules,
    )
    page = render(
        "changes.md.j2",
        publication=publication,
        found=comparison,
        Change=Change,
        shown=_SHOWN,
        short=SHORT_ID,
    )
    data = msgspec.json.format(msgspec.json.encode(publication), indent=1) + b"\n"
    stem = f"{PARTIAL}{publication.stem}"
    (folder / f"{stem}.md").write_text(page, encoding="utf-8")
    shown = environment().get_template("publication.html.j2")
    shown.stream(publication=publication, Change=Change, short=SHORT_ID).dump(
        str(folder / f"{stem}.html"), encoding="utf-8"
    )
    (folder / f"{stem}.json").write_bytes(data)


def _is_flipped(change: DocumentChange) -> bool:
    return change.old is not None and change.new is not None and change.old.status is not change.new.status


def _told(comparison: Comparison) -> Iterator[Told]:
    """Yield the documents that are told, the first of each kind; those with another status before others."""
    for change in Change:
        found = sorted(comparison.of(change), key=lambda document: not _is_flipped(document))
        for document in found[:_SHOWN]:
            old, new = document.old, document.new
            yield Told(
                document.name,
                document.change,
                document.cause,
                old.name if old is not None and old.name != document.name else "",
                old.status if old is not None else None,
                new.status if new is not None else None,
                document.places,
                new.reasons if new is not None else (),
                document.rules[:3],
            )


def current_id(clean: Path) -> str:
    """Return the ID that ``current`` leads to, whether or not a release is still there; empty for none."""
    link = clean / CURRENT
    parts = link.readlink().parts if link.is_symlink() else ()
    return parts[-2] if len(parts) > 1 else ""
