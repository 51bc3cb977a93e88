"""The root certificates of Amazon RDS for all commercial Regions.

SOURCE.md next to this package says where the bundle comes from and how it was verified.
"""

from importlib.resources import files
from pathlib import Path


def where() -> Path:
    """Return the path of the PEM bundle, for `ssl.SSLContext.load_verify_locations`.

    The bundle is a file next to this module, in a Lambda layer (below /opt) and in a clone alike.
    """
    return Path(str(files(__name__) / "global-bundle.pem"))
