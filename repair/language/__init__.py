"""What the program knows of French: a lexicon, language models, and how they are built.

Start with `index.py`: :func:`load_language` opens them, by memory map, once a process.
`letters.py` knows how words are made; `table.py` is the file that n-grams are kept in; `tokens.py`
cuts text into the pieces they count; `build.py` is the recipe, `holdout.py` what it must not see.
"""

from repair.language.index import Language, load_language

__all__ = ["Language", "load_language"]
