"""Pages with the places of their words as files: hOCR, ALTO and PAGE XML, read and written.

`files` tells which of the three a file is and reads it; `write` writes ALTO and hOCR; `repaired` puts
repaired text back on the places it was read at.
"""
