"""What the program knows of French: a lexicon, a language model, and how they are built.

Start with `index.py`: :func:`load_language` opens both, by memory map, once a process.
`tokens.py` cuts text into the pieces they count; `build.py` is the recipe.
"""

from repair.language.index import Language, load_language

__all__ = ["Language", "load_language"]
