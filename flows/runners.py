"""Which workers process documents, as an operator asks for them: processes of this machine, or a cluster's.

What is asked for is checked here before anything starts; `flows.workshop` and `flows.cluster` do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

from flows.exits import ExitCode, Stop

Kind = Literal["process", "dask", "ray"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Runner:
    """Who processes documents.

    Attributes:
        kind: `process` for processes of this machine; else of which kind the cluster is.
        workers: how many documents, or batches of them, are worked on at once; 0 for as many as the machine
            has cores, or the cluster threads.
        cluster: address of the cluster's scheduler; empty for one of this machine, which ends with the run.
    """

    kind: Kind = "process"
    workers: int = 0
    cluster: str = ""

    def check(self) -> None:
        """See that it can be had.

        Raises:
            Stop: if it cannot.
        """
        if self.kind not in KINDS:
            raise Stop(f"there is no runner {self.kind!r}: take {' or '.join(KINDS)}", ExitCode.USAGE)
        if self.workers < 0:
            raise Stop(f"{self.workers} workers cannot be: take 1 or more", ExitCode.USAGE)
        if self.kind == "process":
            if self.cluster:
                raise Stop("a cluster needs a runner of its kind: add --runner dask or ray", ExitCode.USAGE)
        elif find_spec(f"prefect_{self.kind}") is None:
            raise Stop(
                f"--runner {self.kind} needs prefect-{self.kind}: pip install 'prote[{self.kind}]'",
                ExitCode.MISSING_PROGRAM,
            )

    def processes(self, cores: int) -> int:
        """Return how many processes of this machine may work at once, on what is no cluster's work.

        Args:
            cores: how many it has.
        """
        return min(self.workers or cores, cores) if self.cluster else self.workers or cores
