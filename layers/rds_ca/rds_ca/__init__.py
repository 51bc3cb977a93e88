"""Amazon's RDS root certificates of all commercial Regions, as a package.

Where the file comes from and how it was checked: SOURCE.md beside this package.
"""

from importlib.resources import files
from pathlib import Path


def where() -> Path:
    """Return the path of the bundle: PEM, for `ssl.SSLContext.load_verify_locations`.

    It lies beside this module, on a Lambda function (a layer is unpacked to /opt) as in a clone.
    """
    return Path(str(files(__name__) / "global-bundle.pem"))
