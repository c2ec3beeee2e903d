"""Convert a web server's access log, in the combined format, to views for `ymal`.

    zcat -f access.log* | python access_log.py > views.tsv

A view is a page with method GET and status 200, requested by a client that does not name itself a
robot. A reader is an IP address and a browser: a household, or an office, may be one reader.
"""

import hashlib
import re
import sys
from datetime import datetime
from typing import TextIO

LINE = re.compile(
    r'(?P<ip>\S+) \S+ .*?\[(?P<time>[^\]]+)\] "GET (?P<path>\S+)[^"]*" 200 \S+'
    r' "[^"]*" "(?P<agent>[^"]*)"'
)
ROBOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python|java/|^-?$", re.I)
NO_PAGE = re.compile(r"\.(css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|woff2?|mp4|pdf)$")


def views(log: TextIO, out: TextIO) -> None:
    """Write a line for each view of a page: reader, path, time."""
    out.write("user\turl\ttime\n")
    for line in log:
        found = LINE.match(line)
        if not found or ROBOT.search(found["agent"]):
            continue
        if NO_PAGE.search(found["path"].partition("?")[0].lower()):
            continue
        reader = hashlib.sha256(f"{found['ip']} {found['agent']}".encode()).hexdigest()[:16]
        time = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").isoformat()
        out.write(f"{reader}\t{found['path']}\t{time}\n")


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    views(sys.stdin, sys.stdout)
