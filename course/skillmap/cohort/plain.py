"""The engine ``plain``: papermill over an ordinary kernel. No sandbox: for one's own work.

It keeps papermill's client and changes three things: a cell that fails does not end the run, the
whole run has a time limit beside that of a cell, and the kernel gets a scrubbed environment.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from skillmap.cohort.run import EngineFaultError, Limits, child_environment

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode
    from papermill.engines import PapermillEngines

__all__ = ["NAME", "PlainEngine", "register"]

NAME = "plain"

_log = logging.getLogger("skillmap.engine")
_log.addHandler(logging.NullHandler())
_log.propagate = False


def register(engines: PapermillEngines) -> None:
    """Make the engine known to papermill under its name."""
    engines.register(NAME, PlainEngine)


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Runs every cell it has time for and counts."""

    def __init__(self, manager: Any, limits: Limits, scratch: Path | None, **options: Any) -> None:
        super().__init__(
            manager,
            allow_errors=True,
            force_raise_errors=False,
            interrupt_on_timeout=True,
            raise_on_iopub_timeout=False,
            store_widget_state=False,
            shutdown_kernel="immediate",
            startup_timeout=limits.start_seconds,
            error_on_timeout={
                "ename": "CellTimeout",
                "evalue": f"no end after {limits.cell_seconds:g} seconds",
                "traceback": [],
            },
            log=_log,
            **options,
        )
        self.limits, self.scratch = limits, scratch
        self.ended, self.ran, self.detail = "done", 0, ""
        self.started = False
        self._spent: dict[int, int] = {}

    def create_kernel_manager(self) -> Any:
        """Talk to the kernel by sockets in the private folder, where no other user gets."""
        manager = super().create_kernel_manager()
        if self.scratch is not None and os.name == "posix":
            manager.transport = "ipc"
            manager.connection_file = str(self.scratch / "kernel.json")
        return manager

    def execute(self, **options: Any) -> NotebookNode:
        """Start the kernel and run the cells; nothing is asked of the kernel afterwards."""
        self.reset_execution_trackers()
        with self.setup_kernel(**options):
            self.papermill_execute_cells()
        return self.nb

    def papermill_execute_cells(self) -> None:
        """Run the cells; stop when the kernel is gone or the time is up."""
        self.started = True
        until = time.monotonic() + self.limits.total_seconds
        late = 0
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            left = until - time.monotonic()
            if left <= 0 or late >= 3:
                self.ended = "out of time"
                return
            self.timeout = max(1, round(min(self.limits.cell_seconds, left)))
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
            except DeadKernelError:
                self.ended = "died"
                return
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            self.ran += 1
            if self._timed_out(cell):
                late += 1

    def _timed_out(self, cell: NotebookNode) -> bool:
        """Note a timeout in the cell, which nbclient reports in the reply only."""
        names = {o.ename for o in cell.outputs if o.output_type == "error"}
        reply = self.last_reply.get("content", {}) if self.last_reply else {}
        if reply.get("ename") != "CellTimeout":
            return False
        if "CellTimeout" not in names:
            cell.outputs = [o for o in cell.outputs if o.output_type != "error"]
            cell.outputs.append(
                nbformat.v4.new_output(
                    "error", ename="CellTimeout", evalue=reply["evalue"], traceback=[]
                )
            )
        return True

    last_reply: dict[str, Any] | None = None

    async def _async_poll_for_reply(self, *args: Any, **kwargs: Any) -> Any:
        self.last_reply = None
        self.last_reply = await super()._async_poll_for_reply(*args, **kwargs)
        return self.last_reply

    def process_message(self, msg: Any, cell: NotebookNode, cell_index: int) -> Any:
        """Take an output in, unless the cell has had its share."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            spent = self._spent.get(cell_index, 0) + len(str(msg["content"]))
            first = self._spent.get(cell_index, 0) <= self.limits.output_bytes
            self._spent[cell_index] = spent
            if spent > self.limits.output_bytes:
                if first:
                    note = "… the rest of this cell's output was cut off\n"
                    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=note))
                return None
        return super().process_message(msg, cell, cell_index)


class PlainEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine with our client."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        scratch: str = "",
        limits: Limits | None = None,
        **_: Any,
    ) -> None:
        """Run the notebook; a kernel that never got ready is a fault of ours."""
        bounds = limits or Limits()
        folder = Path(scratch) if scratch else None
        client = _Client(nb_man, bounds, folder, kernel_name=kernel_name)
        begun = time.monotonic()
        options: dict[str, Any] = {}
        if folder is not None:
            options = {"env": child_environment(folder), "cwd": str(folder / "work")}
        try:
            client.execute(**options)
        except Exception as error:
            if not client.started:
                raise EngineFaultError(
                    f"The kernel {kernel_name} did not start: {type(error).__name__}: {error}"
                ) from error
            client.ended, client.detail = "died", f"{type(error).__name__}: {error}"
        code = [c for c in nb_man.nb.cells if c.cell_type == "code" and c.source.strip()]
        nb_man.nb.metadata["skillmap_outcome"] = {
            "ended": client.ended,
            "seconds": time.monotonic() - begun,
            "ran": client.ran,
            "cells": len(code),
            "detail": client.detail,
        }
