"""`python -m recommender.service`: the service, without the packages that training needs.

An error ends it with one line on stderr and exit code 2 (options, port) or 5 (a directory that
holds nothing to serve).
"""

import json
import logging
import os
import socket
import sys
import tempfile

from ..lookup import Recommender
from ..manifest import ArtifactError
from .options import Options, parse

METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Serve with the options of the command line."""
    options = parse(sys.argv[1:])
    logging.getLogger("recommender").addHandler(logging.NullHandler())  # the workers log it as JSON
    try:
        version = Recommender.open(options.artifacts).version
    except ArtifactError as error:
        _fail(5, str(error))
    _check_port(options)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = f"http://{host}:{options.port}"
    served = {"url": url, "version": version, "artifacts": options.artifacts}
    line = json.dumps(served) if options.json else f"{url} serves version {version}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="ymal-metrics-") as folder:
        os.environ[METRICS_DIRECTORY] = folder  # before prometheus_client is imported
        from .server import serve

        serve(options)


def _check_port(options: Options) -> None:
    """Check that no other program listens there: the workers open the port in shared mode."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        where = f"{options.host} port {options.port}"
        _fail(2, f"cannot listen on {where} ({error}); name another --host or --port")


def _fail(code: int, message: str) -> None:
    sys.stderr.write(f"ymal: {' '.join(message.split())}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
