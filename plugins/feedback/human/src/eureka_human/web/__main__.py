"""`python -m eureka_human.web RUN_DIR HOST PORT [NAME…]`: the page as a child of a host, see `eureka_human.server_process`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from eureka.errors import EurekaError
from eureka.worker.protocol import end_with_the_host
from eureka_human.web import serve


def main() -> None:
    end_with_the_host()
    run_dir, host, port, *allow_hosts = sys.argv[1:]
    try:
        serve(Path(run_dir), host, int(port), allow_hosts, ready=lambda link: _tell(link=link))
    except EurekaError as error:
        _tell(error=str(error))


def _tell(**message: str) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
