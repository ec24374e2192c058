"""From a damaged word to an edit with its evidence.

In the order of the work: `words.py` cuts the text into words, lines rejoined; `candidates.py`
proposes what may have been printed (`spelling.py` where the table of confusions has nothing);
`decoder.py` weighs the proposals in context; `features.py` and `acceptance.py` say how far that
can be believed (`train.py` is the recipe); `decision.py` decides (`rules.py` names what it does);
`correct.py` is the whole for one text.
"""
