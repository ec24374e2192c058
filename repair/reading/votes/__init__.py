"""Several readings of one page become one, and what lost is told.

In the order of the work: `match` (which lines are the same), `align` (which words), `ballot` (what speaks for
each), `vote`; `witness` finds the words of a text without places on the page, so that they are heard too.
"""
