"""The dictionaries: are they what was shipped, and can they be read?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.doctor.finding import Finding, House, bad, good, note
from repair.language.manifest import MANIFEST, dictionaries_folder, read_manifest, sums

_BUILT = ("index/", "acceptance.json")
"""Beginnings of the paths of what a program built: nobody changes that by hand."""


def shipped(_house: House) -> Iterator[Finding]:
    """Is each file the one that was shipped? Those that a person writes may be changed, and told of."""
    folder = dictionaries_folder()
    try:
        told, here = read_manifest(folder), sums(folder)
    except (OSError, ValueError) as error:
        yield bad("dictionaries", f"{MANIFEST} cannot be read ({error})", "Install prote again.")
        return
    missing = sorted(told.keys() - here.keys())
    changed = sorted(path for path in told.keys() & here.keys() if told[path] != here[path])
    built = [path for path in changed if path.startswith(_BUILT)]
    if missing:
        yield bad("dictionaries", f"missing: {', '.join(missing)}", "Install prote again.")
    if built:
        again = "Install prote again, or make dictionaries if you build them yourself."
        yield bad("dictionaries", f"damaged: {', '.join(built)}", again)
    own = sorted({*(here.keys() - told.keys()), *(set(changed) - set(built))})
    if own:
        mend = "If that was not you, install prote again; prote preview says what your changes change."
        yield note("dictionaries", f"changed or added here: {', '.join(own)}", mend)
    if not (missing or built or own):
        yield good("dictionaries", f"{len(told)} files as shipped")


def readable(_house: House) -> Iterator[Finding]:
    """Do genres and typography profiles say what they must?"""
    from repair.structure.genre import GenreError, load_genres
    from repair.typography.profiles import ProfileError, load_profile, profile_names

    amiss = []
    try:
        genres = len(load_genres())
    except GenreError as error:
        genres = 0
        amiss.append(bad("genres", str(error), "Mend the file in dictionaries/genres/, or take it away."))
    for name in profile_names():
        try:
            load_profile(name)
        except (ProfileError, ValueError, TypeError) as error:
            mend = "Mend the file in dictionaries/profiles/, or take it away."
            amiss.append(bad("typography profile", f"{name}: {error}", mend))
    yield from amiss or [good("genres and profiles", f"{genres} and {len(profile_names())}, all readable")]
