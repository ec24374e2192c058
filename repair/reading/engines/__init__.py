"""What reads the picture of a page: Tesseract and RapidOCR, the copy prepared for them.

Start with `engine` (what an engine is) and `reader` (how a page is read); `apart` keeps an engine in a
process of its own, `cache` keeps readings by the content of the picture.
"""
