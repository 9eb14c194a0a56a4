"""How much one submission may use. Every number has its unit in its name or its comment."""

from __future__ import annotations

from dataclasses import asdict, dataclass

__all__ = ["Limits"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one submission; the defaults leave a module notebook room to spare.

    Times are seconds of wall clock unless the name says CPU; sizes are bytes.

    >>> Limits(cell_seconds=5).wall_seconds
    120.0
    >>> Limits(memory_bytes=1)
    Traceback (most recent call last):
    ...
    ValueError: memory_bytes: got 1, needs 67108864 or more
    """

    cell_seconds: float = 30.0
    """A cell is interrupted after this long, and the submission is ended if it does not stop."""
    wall_seconds: float = 120.0
    cpu_seconds: int = 90
    memory_bytes: int = 1024 * _MIB
    """Address space on top of what the warmed interpreter has, and the sum over all processes."""
    processes: int = 64
    """Processes and threads together."""
    open_files: int = 256
    file_bytes: int = 64 * _MIB
    scratch_bytes: int = 128 * _MIB
    """All files of a submission together, /tmp and /dev/shm included."""
    output_bytes: int = 8 * _MIB
    """All outputs of a notebook together; text beyond it is cut and marked."""
    wanted_bytes: int = _MIB
    """The largest file that is handed back."""
    interrupt_seconds: float = 2.0
    """How long an interrupted cell has to stop."""
    ready_seconds: float = 20.0
    """How long our own preparation may take before it counts as a fault of ours."""

    def __post_init__(self) -> None:
        least = {"memory_bytes": 64 * _MIB, "processes": 2, "open_files": 16, "cpu_seconds": 1}
        for name, value in asdict(self).items():
            low = least.get(name, 0)
            if value < low or value <= 0:
                raise ValueError(
                    f"{name}: got {value}, needs {f'{low} or more' if low else 'more than 0'}"
                )
