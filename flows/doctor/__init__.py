"""`prote doctor`: is everything here that a run needs, and is it whole?

`command.py` is what a user calls, `examine.py` lists the checks and calls them one by one. A check is a short
function that looks at one thing, changes nothing, and gives its findings (`finding.py`): what was looked at,
how it is, and how to mend it in one sentence. A new check is a function that `examine.py` names.
"""
