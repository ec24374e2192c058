"""What the trusted documents of a corpus print: witnesses for the doubtful words of the others.

`phrases.py` says which documents are trusted and takes their phrases, `write.py` puts them in a file,
`store.py` looks them up. The decoder (`correction/decoder.py`) asks; the flows keep the file.
"""
