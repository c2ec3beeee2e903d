"""`python -m recommender.service`: the service, without anything of what trains.

What is wrong with the options, the directory or the port ends it with one line on stderr: 2 for
options and port, 5 for a directory that holds nothing to serve.
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

METRICS = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Serve as the command line says."""
    options = parse(sys.argv[1:])
    logging.getLogger("recommender").addHandler(logging.NullHandler())  # workers log it, as JSON
    try:
        version = Recommender.open(options.artifacts).version
    except ArtifactError as error:
        _end(5, str(error))
    _check_port(options)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = f"http://{host}:{options.port}"
    told = {"url": url, "version": version, "artifacts": options.artifacts}
    line = json.dumps(told) if options.json else f"{url} serves version {version}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="ymal-metrics-") as folder:
        os.environ[METRICS] = folder  # before its library is imported
        from .server import serve

        serve(options)


def _check_port(options: Options) -> None:
    """See that nobody listens there: the workers share the port, with anyone who would."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        where = f"{options.host} port {options.port}"
        _end(2, f"cannot listen on {where} ({error}); name another --host or --port")


def _end(code: int, message: str) -> None:
    sys.stderr.write(f"ymal: {' '.join(message.split())}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
