"""Data, not code: lexicon and n-grams (`index/`), confusions, typography profiles, protected terms."""
