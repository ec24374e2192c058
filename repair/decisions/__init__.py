"""What curators decided: the rulings, the file that keeps them, and how a document honours them.

`ruling` has the values, `journal` the append-only file under version control, `honour` makes the edits of
a document obey. A ruling is about repairs alone: structure and normalisation are never in doubt.
"""
