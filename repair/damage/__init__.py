"""How French text is damaged: the table of confusions, and how often each strikes in one document.

`confusions.py` holds the table and applies it to a word; `explain.py` finds the likeliest way from
a printed word to the one read; `channel.py` is P(read | printed) of one document; `strike.py` is
the same run forwards: it damages clean text. `synthetic.py` makes whole damaged documents of it, set as
a printer sets them (`setting.py`), with names, figures and other languages among them (`asides.py`).
"""
