"""House styles: rules of French typography, and the profiles that choose among them.

:func:`load_profile` reads a profile from ``dictionaries/profiles``, :func:`normalise` applies
it to a structured text, :func:`habits` says how the page prints the same things by itself. A new
house style is a new file there, not new code.
"""

from repair.typography.habits import habits
from repair.typography.normalise import normalise
from repair.typography.profiles import Profile, load_profile, profile_names

__all__ = ["Profile", "habits", "load_profile", "normalise", "profile_names"]
