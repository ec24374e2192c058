"""Who is told, by webhook or mail, of what is new: quarantine, a release kept aside, a failure.

Addresses are Apprise's (https://github.com/caronc/apprise), or the paths of its configuration files. They
hold passwords: none of them, nor what a service answers, is ever printed or logged. What was told is kept in
``CLEAN/.prote/told.json``, so that nobody hears of the same document twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flows.exits import ExitCode, Stop
from flows.log import LOG
from flows.state import FOLDER
from flows.table import harmless
from release.layout import MORNING, SHORT_ID
from repair.document import Outcome

if TYPE_CHECKING:
    from apprise import NotifyBase

    from flows.corpus import Report

FILE = "told.json"
_NAMED = 10
"""Documents, or reasons, that a message names."""
_LONGEST_NAME = 100
_LONGEST_REASON = 300


class _Told(msgspec.Struct, frozen=True):
    """What was told: of each path in quarantine the sum of file and reasons, and the release kept aside."""

    quarantine: dict[str, str] = {}
    aside: str = ""


@dataclass(frozen=True, slots=True)
class _Message:
    title: str
    body: str
    failure: bool = False


def check_addresses(addresses: Sequence[str]) -> None:
    """Refuse addresses that no message can be sent to.

    Raises:
        Stop: saying which by its number, and never what it is.
    """
    for number, address in enumerate(addresses, 1):
        if not _services(address):
            raise Stop(
                f"notification address {number} is none that Apprise knows, nor a file of them: "
                "see docs/running.md",
                ExitCode.USAGE,
            )


def tell_news(addresses: Sequence[str], clean: Path, quarantined: Sequence[Outcome], report: Report) -> None:
    """Tell of what is new after a run; nothing where nothing is.

    Args:
        addresses: whom to tell.
        clean: the output folder.
        quarantined: what is in quarantine, without documents.
        report: of the run.
    """
    file = clean / FOLDER / FILE
    told = _read(file)
    now = _Told(
        {outcome.source.path: _sum(outcome) for outcome in quarantined},
        report.release.id if report.against else "",
    )
    new = [one for one in quarantined if told.quarantine.get(one.source.path) != _sum(one)]
    held = bool(now.aside) and now.aside != told.aside
    if (new or held) and not _send(addresses, _news(new, report if held else None, report, clean)):
        return  # the next run tries again
    if now != told:
        hidden = file.with_name(f"{FILE}.new")
        hidden.write_bytes(msgspec.json.encode(now))
        hidden.replace(file)


def tell_failure(addresses: Sequence[str], clean: Path, why: str) -> None:
    """Tell that a run failed.

    Args:
        addresses: whom to tell.
        clean: the output folder.
        why: in a sentence.
    """
    why = _short(why, _LONGEST_REASON)
    body = (
        f"L’exécution a échoué, et rien n’a été publié : {why}\n{_page(clean, 'La page du matin')}\n\n"
        f"The run failed, and nothing was published: {why}\n{_page(clean, 'The page of the morning')}"
    )
    _send(addresses, _Message(f"Prote : échec / failure ({_place(clean)})", body, failure=True))


def _news(new: Sequence[Outcome], held: Report | None, report: Report, clean: Path) -> _Message:
    count, release = len(new), report.release
    titles, parts = [], []
    for french in (True, False):
        lines = []
        if new:
            heading = (
                f"{count} {'nouveaux documents' if count > 1 else 'nouveau document'} en quarantaine"
                if french
                else f"{count} document{'s' * (count > 1)} newly in quarantine"
            )
            titles.append(heading)
            lines += [f"{heading}{' ' * french}:", *_listed(map(_quarantined, new), count, french)]
        if held is not None:
            heading = "version mise de côté" if french else "release kept aside"
            titles.append(heading)
            lines.append(
                f"La version {release.id[:SHORT_ID]} est mise de côté, les lecteurs gardent la précédente :"
                if french
                else f"Release {release.id[:SHORT_ID]} is kept aside, readers still have the one before:"
            )
            why = [(reason.fr, reason.en) for reason in held.against]
            lines += _listed(why, len(why), french)
        lines.append(
            f"{release.published} publiés, {release.review} à relire, {release.quarantine} en quarantaine ; "
            f"{report.processed} traités cette fois."
            if french
            else f"{release.published} published, {release.review} in review, {release.quarantine} in "
            f"quarantine; {report.processed} processed this time."
        )
        lines.append(_page(clean, "La page du matin" if french else "The page of the morning"))
        parts.append("\n".join(lines))
    return _Message(f"Prote : {', '.join(titles)} ({_place(clean)})", "\n\n".join(parts))


def _quarantined(outcome: Outcome) -> tuple[str, str]:
    """Return a document's name with its reasons, in French and in English."""
    name = _short(outcome.source.path, _LONGEST_NAME)
    fr, en = (" ".join(getattr(reason, of) for reason in outcome.reasons) for of in ("fr", "en"))
    return f"{name} : {_short(fr, _LONGEST_REASON)}", f"{name}: {_short(en, _LONGEST_REASON)}"


def _listed(pairs: Iterable[tuple[str, str]], count: int, french: bool) -> Iterator[str]:
    for _, (fr, en) in zip(range(_NAMED), pairs, strict=False):
        yield f"– {_short(fr if french else en, _LONGEST_NAME + _LONGEST_REASON)}"
    if count > _NAMED:
        yield f"… et {count - _NAMED} autres" if french else f"… and {count - _NAMED} more"


def _page(clean: Path, name: str) -> str:
    return f"{name} : {(clean / MORNING).resolve()}"


def _place(clean: Path) -> str:
    return _short(str(clean.resolve()), _LONGEST_NAME)


def _short(text: str, longest: int) -> str:
    """Return a text in one line that is not too long, whatever it holds."""
    text = harmless(" ".join(text.split()))
    return text if len(text) <= longest else f"{text[:longest]}…"


def _sum(outcome: Outcome) -> str:
    codes = [reason.code for reason in outcome.reasons]
    return sha256(" ".join((outcome.source.sha256, *codes)).encode()).hexdigest()[:16]


def _read(file: Path) -> _Told:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Told)
    except (OSError, ValueError):
        return _Told()


def _send(addresses: Sequence[str], message: _Message) -> bool:
    """Send a message to all; return whether anybody has it, or nobody ever could. Nothing is raised."""
    from apprise import Apprise, NotifyFormat, NotifyType

    kind = NotifyType.FAILURE if message.failure else NotifyType.WARNING
    sent, failed = 0, 0
    for number, address in enumerate(addresses, 1):
        services = _services(address)
        for service in services:
            with _quiet():
                sender = Apprise(asset=service.asset)
                try:
                    sender.add(service)
                    done = bool(sender.notify(message.body, message.title, kind, NotifyFormat.TEXT))
                except Exception:  # of any service; what it says may hold the address
                    done = False
            sent, failed = sent + done, failed + (not done)
        if not services or failed:
            LOG.warning(
                "a notification could not be sent to address %d of %d: see whether it is right",
                number,
                len(addresses),
                extra={"event": "notification"},
            )
            failed = 0
    return bool(sent)


def _services(address: str) -> list[NotifyBase]:
    """Return what an address stands for; empty where it is none."""
    from apprise import Apprise, AppriseAsset, AppriseConfig

    asset = AppriseAsset(app_id="Prote", app_desc="Prote")
    with _quiet():
        try:
            if "://" not in address:
                path = Path(address)
                return (
                    list(AppriseConfig(str(path.resolve()), asset=asset).servers()) if path.is_file() else []
                )
            service = Apprise.instantiate(address, asset=asset)
            return [service] if service is not None else []
        except Exception:  # as above
            return []


@contextmanager
def _quiet() -> Iterator[None]:
    """Have Apprise say nothing: it names hosts and paths, which are secrets of many services."""
    theirs = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    levels = [logger.level for logger in theirs]
    for logger in theirs:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(theirs, levels, strict=True):
            logger.setLevel(level)
