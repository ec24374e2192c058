"""Why a file cannot be opened, in words for a curator: the system says it in English alone."""

from __future__ import annotations

import errno
import os

_FRENCH = {
    errno.EACCES: "les droits manquent",
    errno.EPERM: "les droits manquent",
    errno.ENOENT: "il n’est plus là",
    errno.ENOTDIR: "il n’est plus là",
    errno.ELOOP: "des liens tournent en rond",
    errno.ENAMETOOLONG: "son chemin est trop long",
    errno.EIO: "le disque est abîmé",
    errno.ENXIO: "ce n’est pas un fichier ordinaire",
    errno.ENODEV: "ce n’est pas un fichier ordinaire",
    errno.ESTALE: "le disque du réseau n’est plus là",
    errno.ETIMEDOUT: "le disque du réseau ne répond pas",
}


def why(error: OSError) -> tuple[str, str]:
    """Return why a file cannot be opened, in French and in English.

    >>> why(PermissionError(errno.EACCES, "Permission denied"))
    ('les droits manquent', 'Permission denied')
    """
    number = error.errno or 0
    return _FRENCH.get(number, f"erreur {number} du système"), error.strerror or os.strerror(number)
