"""Releases: what ``clean/`` holds, written whole or not at all, and checked from its bytes alone.

    from release.publish import publish    # outcomes in, an immutable release out
    from release.verify import verify      # every byte and every edit, against the manifest
    from release.ledger import explain     # why a line stands as it does

``layout`` says where files stand, ``records`` what they hold, ``report`` makes the curators' pages,
``blocks`` finds blocks and calls in the texts. docs/format.md explains the JSON to users.
"""
