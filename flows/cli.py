"""The command line, `prote`.

Each command imports what it needs when it is called: `prote --help` must answer at once, and
Prefect, Great Expectations and the dictionaries take seconds to load.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from flows.by_hand import document, run
from flows.desk import review
from flows.discretion import hide
from flows.doctor.command import doctor
from flows.evaluate import evaluate
from flows.exits import ExitCode, Stop, debugging, say
from flows.export import export
from flows.options import CLEAN, DECISIONS, PROFILE, RAW
from flows.releases import accept, diff, prune
from flows.serve import serve
from flows.stores import push

_EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code.value:3}  {code.meaning}" for code in ExitCode)

# A document's name may hold colons, and end with a number after one: then its line comes last.
_PLACE = re.compile(r"(?P<document>.+?):(?P<line>[0-9]+)(?::(?P<word>[0-9]+))?", re.ASCII)
_FOLDER = click.Path(path_type=Path)
_INPUT = click.Path(exists=True, dir_okay=False, allow_dash=True)
_OUTPUT = click.Path(path_type=Path, dir_okay=False)

_EDITION = click.option(
    "--edition",
    type=click.Choice(["diplomatic", "normalised"]),
    default="diplomatic",
    show_default=True,
    help="Repairs alone, line by line; or one paragraph a line, in the house's typography.",
)
_EDITS = click.option("--edits", type=_OUTPUT, help="Write the edits here, one JSON object a line.")


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prote", message="prote %(version)s")
@click.option("--debug", is_flag=True, envvar="PROTE_DEBUG", help="Show where a failure comes from.")
def cli(debug: bool) -> None:
    """Repair damaged French texts and publish a corpus that can be trusted."""
    if debug:
        os.environ["PROTE_DEBUG"] = "1"


@cli.command(short_help="Repair a text: file or standard input to standard output.")
@click.argument("file", default="-", type=_INPUT)
@_EDITION
@PROFILE
@_EDITS
def repair(file: str, edition: str, profile: str, edits: Path | None) -> None:
    """Repair FILE, or standard input, to standard output in UTF-8.

    Line ends and all that is sound come out as they went in.
    """
    import msgspec

    from flows.plan import check_profile
    from repair.document import Refused
    from repair.pipeline import repair_text
    from repair.reading.plain import decode

    check_profile(profile)
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        text, _ = decode(data)
    except Refused as refused:
        raise Stop(refused.reason.en) from None
    repaired = repair_text(text, edition=edition, profile=profile)
    if edits is not None:
        lines = []
        for edit in repaired.edits:
            told = msgspec.to_builtins(edit)
            del told["bound"]  # it is the program's own affair, as in a release
            lines.append(msgspec.json.encode(told) + b"\n")
        edits.write_bytes(b"".join(lines))
    sys.stdout.buffer.write(repaired.text.encode())
    sys.stdout.buffer.flush()


@cli.command(short_help="Check a release: every file, every edit.")
@click.argument("clean", default="clean")
@click.option("--replay", is_flag=True, help="Make it again from its raw files too, and compare.")
@RAW
@DECISIONS
def verify(clean: str, replay: bool, raw: Path, decisions: Path) -> None:
    """Check the release in CLEAN: nothing changed, missing or added, and every edit replays.

    CLEAN is a folder, or the URL of an object store, such as s3://bucket/corpus: all of it is fetched.

    With --replay everything is read, repaired and published anew, in a folder of its own: the same raw
    files, program, dictionaries, engines and decisions give the same bytes.
    """
    from flows.show import comparison, verification
    from flows.stores import at_hand, is_url
    from release.verify import NoRelease
    from release.verify import verify as check

    with at_hand(clean) as (folder, added):
        try:
            found = check(folder)
        except NoRelease as missing:
            raise Stop(f"{missing}: prote run makes one", ExitCode.NO_RELEASE) from None
        found = replace(found, faults=(*added, *found.faults))
        verification(found)
        if found.faults:
            how = "" if is_url(clean) else ": take away what is named, and prote run makes it again"
            raise Stop(f"the release in {clean} does not verify{how}", ExitCode.NOT_VERIFIED)
        if replay:
            from flows.replay import replay as make_again

            differs = make_again(found.data.parent, raw, decisions, debug=debugging())
            if differs is not None:
                comparison(differs)
                raise Stop(f"{raw} gives another release than {found.release[:12]}", ExitCode.NOT_VERIFIED)
            print(f"{raw} gives the same release again")


@cli.command(short_help="Say why a line, or a word, stands as it does.")
@click.argument("place", metavar="DOCUMENT:LINE[:WORD]")
@click.option(
    "--edition",
    type=click.Choice(["diplomatic", "normalised"]),
    default="diplomatic",
    show_default=True,
    help="Whose lines are counted: diplomatic/NAME.txt, which are those of the reading, or text/NAME.txt.",
)
@CLEAN
def explain(place: str, edition: str, clean: Path) -> None:
    """Say why a line stands as it does: its edits, with rule, evidence, probability and decision.

    A line of the normalised edition, or one of its words, is led back to the lines it was read from.
    """
    from flows.show import explanation, traced
    from release.layout import CURRENT
    from release.ledger import UnknownDocument, UnknownLine
    from release.ledger import explain as look_up
    from release.trace import trace

    asked = _PLACE.fullmatch(place)
    if asked is None:
        raise click.BadParameter(f"{place!r} is not of the form DOCUMENT:LINE, as in rapport:12")
    document, line, word = asked["document"], int(asked["line"]), asked["word"]
    if word is not None and edition == "diplomatic":
        raise click.BadParameter("words are counted in the other edition: add --edition normalised")
    if not (clean / CURRENT).is_dir():
        raise Stop(f"there is no release in {clean}: prote run makes one", ExitCode.NO_RELEASE)
    try:
        if edition == "diplomatic":
            explanation(look_up(clean / CURRENT, document, line))
        else:
            traced(trace(clean / CURRENT, document, line, int(word) if word else None))
    except (UnknownDocument, UnknownLine) as unknown:
        raise Stop(str(unknown), ExitCode.USAGE) from None


@cli.command(short_help="Say which of the curators' decisions still hold.")
@RAW
@CLEAN
@DECISIONS
def check_decisions(raw: Path, clean: Path, decisions: Path) -> None:
    """Say which of the curators' decisions hold in the documents of the last run.

    One that is in conflict with another, whose document is gone, whose place is not found in a raw file that
    changed, or against which the text speaks, does not: the exit code tells. Nothing is repaired or written.
    """
    from flows.decisions import read_journal
    from flows.plan import check_folders
    from flows.show import standings
    from flows.standing import check

    check_folders(raw, clean)
    found = check(raw, clean, read_journal(decisions))
    standings(found)
    if found.failing:
        count = len(found.checked)
        raise Stop(f"{found.failing} of {count} decisions do not hold", ExitCode.DECISIONS_FAIL)


@cli.command(short_help="Say what another rule or dictionary would change, before a run.")
@click.option("--html", type=_OUTPUT, help="Write a page with the changed passages here.")
@CLEAN
@DECISIONS
def preview(html: Path | None, clean: Path, decisions: Path) -> None:
    """Say what rules, dictionaries and decisions as they are now would change in the last run's documents.

    Their kept readings are processed and judged again: nothing is read by OCR, and nothing in CLEAN is
    changed. The exit code does not tell whether something would change. What a change does to what
    documents tell each other, the next run alone finds.
    """
    from flows.decisions import Decisions
    from flows.show import foreseen, progress

    if html is not None and (not html.parent.is_dir() or html.resolve().is_relative_to(clean.resolve())):
        raise Stop(f"{html} must be in a folder that exists, outside {clean}", ExitCode.USAGE)
    decided = Decisions.read(decisions)
    try:
        with progress("comparing") as watch:
            from flows.preview import preview as look

            found, passages = look(clean, watch, decided, passages=html is not None)
    except KeyboardInterrupt:
        raise Stop("interrupted; nothing was changed", ExitCode.INTERRUPTED) from None
    if html is not None:
        from release.pages.preview import preview_page

        with html.open("w", encoding="utf-8") as page:
            page.writelines(preview_page(found, passages))
    foreseen(found)


cli.add_command(run)
cli.add_command(document)
cli.add_command(evaluate)
cli.add_command(accept)
cli.add_command(export)
cli.add_command(diff)
cli.add_command(doctor)
cli.add_command(prune)
cli.add_command(push)
cli.add_command(review)
cli.add_command(serve)


def main() -> NoReturn:
    """Run the command line and exit with a code of :class:`flows.exits.ExitCode`."""
    sys.exit(_call())


def _call() -> int:
    try:
        # Not `cli.main`, which would turn a closed pipe and Ctrl-C into ends of its own.
        with cli.make_context("prote", sys.argv[1:]) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted; a run takes up where the last one stopped")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Python would complain of the same pipe once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED
    except Exception as error:
        if debugging():
            sys.excepthook = _trace  # what is raised may name a setting
            raise
        say(_sentence(error))
        return error.code if isinstance(error, Stop) else ExitCode.FAILURE
    return ExitCode.DONE


def _sentence(error: Exception) -> str:
    if isinstance(error, Stop):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the system'}: {error.strerror}"
    return f"{' '.join(str(error).split()) or type(error).__name__} (PROTE_DEBUG=1 shows where)"


def _trace(_kind: type[BaseException], error: BaseException, _where: object) -> None:
    print(hide("".join(traceback.format_exception(error))), file=sys.stderr, end="")
