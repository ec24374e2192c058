"""How French text is damaged: the table of confusions, and how often each strikes in one document.

`confusions.py` holds the table and applies it to a word; `channel.py` is P(read | printed) of
one document; `quality.py` measures how damaged a text is.
"""
