"""From a damaged word to an edit with its evidence.

In the order of the work: `words.py` cuts the text into words, lines rejoined; `candidates.py`
proposes what may have been printed (`accents.py` where accents were lost, `spaces.py` where spaces
were, `spelling.py` where no known damage explains a word); `decoder.py` weighs the proposals in
context; `features.py` and `acceptance.py` say how far that can be believed (`train.py` is the
recipe); `decision.py` decides (`rules.py` names what it does, `period.py` knows old texts);
`correct.py` is the whole for one text.
"""
