"""Read a site's files into articles and views."""

from training.data.anonymous import MIN_SHARED_SHARE, read_shared, write_shared
from training.data.files import find
from training.data.flags import advise_on_unknown, describe_unknown
from training.data.forgotten import read_forgotten, reader_hash, write_forgotten
from training.data.quarantine import TooManyBadRows, first_of_each_reason, write_quarantine
from training.data.read import OnArticles, default_now, moment_after, read_site
from training.data.readers_key import read_key
from training.data.unmapped import UnmappedStateError

__all__ = [
    "MIN_SHARED_SHARE",
    "OnArticles",
    "TooManyBadRows",
    "UnmappedStateError",
    "advise_on_unknown",
    "default_now",
    "describe_unknown",
    "find",
    "first_of_each_reason",
    "moment_after",
    "read_forgotten",
    "read_key",
    "read_shared",
    "read_site",
    "reader_hash",
    "write_forgotten",
    "write_quarantine",
    "write_shared",
]
