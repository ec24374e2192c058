"""From the lines of a page to blocks: paragraphs, numbered paragraphs, items, notes, furniture.

:func:`find_structure` takes the diplomatic edition and returns the edits that give the
*structured text* (one block a line), its blocks, and its notes with their calls.
"""

from repair.structure.find import find_structure
from repair.structure.values import Block, FoundNote, Structure

__all__ = ["Block", "FoundNote", "Structure", "find_structure"]
