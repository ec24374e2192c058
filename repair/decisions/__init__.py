"""What curators decided: the rulings, the file that keeps them, and how a document honours them.

`ruling` has the values, `journal` the append-only file under version control, `places` finds in a reading
what they are about, `honour` makes the edits of a document obey, `refit` learns from them how sure doubts
are. A ruling is about repairs alone: structure and normalisation are never in doubt.
"""
