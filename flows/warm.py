"""What a worker has from its start: the program, and the dictionaries, opened and indexed.

Imported by the server from which workers are forked (`workshop`), once a program: a second of work that no
worker does again, and memory that they share.
"""

from __future__ import annotations

import atexit
import gc
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path

from repair.correction.spelling import near
from repair.pipeline import repair_text

repair_text("Le maire de 1’Isle a la parole.")
near("mot")
gc.collect()
gc.freeze()  # else each worker's first collection would copy what they share


@atexit.register
def _sweep() -> None:
    """Remove the socket at which workers are asked for, where the program was killed that would."""
    address = getattr(forkserver._forkserver, "_forkserver_address", None)  # type: ignore[attr-defined]  # no public way
    if address:
        with suppress(OSError):
            Path(address).unlink()
        with suppress(OSError):
            Path(address).parent.rmdir()
