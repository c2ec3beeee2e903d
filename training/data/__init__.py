"""Reading a site's files into articles and views; what is wrong with them in plain words."""

from training.data.files import find
from training.data.forgotten import read_forgotten, reader_hash, write_forgotten
from training.data.quarantine import TooManyBadRows, write_quarantine
from training.data.read import default_now, moment_after, read_site
from training.data.readers_key import read_key

__all__ = [
    "TooManyBadRows",
    "default_now",
    "find",
    "moment_after",
    "read_forgotten",
    "read_key",
    "read_site",
    "reader_hash",
    "write_forgotten",
    "write_quarantine",
]
