"""From the lines of a page to blocks: paragraphs, numbered paragraphs, items, notes, furniture.

:func:`find_structure` takes the diplomatic edition and returns the edits that give the
*structured text* (one block a line), its blocks, and its notes with their calls. :func:`read_genre`
then says what kind of document it is.
"""

from repair.structure.find import find_structure
from repair.structure.genre import read_genre
from repair.structure.values import Block, FoundNote, Structure

__all__ = ["Block", "FoundNote", "Structure", "find_structure", "read_genre"]
