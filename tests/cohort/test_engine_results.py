"""The parts of the engine that need no sandbox: filter, frames, messages, limits."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import socket

import pytest

from skillmap.cohort.engine import Limits, seccomp
from skillmap.cohort.engine.results import Cell, parse_message
from skillmap.cohort.engine.wire import HEADER, frame, receive_exactly

MACHINES = ("x86_64", "aarch64")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_refuses_every_listed_call_and_no_ordinary_one(machine: str) -> None:
    program = seccomp.assemble(machine)
    column = MACHINES.index(machine)
    for name, numbers in seccomp._REFUSED.items():
        number = numbers[column]
        if number is not None:
            assert seccomp.decide(program, machine, number) == "EPERM", name
    ordinary = {"x86_64": (0, 1, 2, 9, 57, 59, 60, 257), "aarch64": (63, 64, 56, 222, 221, 93)}
    for number in ordinary[machine]:
        assert seccomp.decide(program, machine, number) == "allow"


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_looks_at_arguments(machine: str) -> None:
    program = seccomp.assemble(machine)

    def decide(number: int, *arguments: int) -> str:
        return seccomp.decide(program, machine, number, arguments)

    column = MACHINES.index(machine)
    sockets, clone, ioctl = ((41, 198)[column], (56, 220)[column], (16, 29)[column])
    assert decide(sockets, 1) == "allow"
    assert {decide(sockets, family) for family in (0, 2, 10, 16, 17, 40)} == {"EAFNOSUPPORT"}
    assert decide(clone, 0x11) == decide(clone, 0x3D0F00) == "allow"
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decide(clone, flag | 0x11) == "EPERM"
    assert decide(ioctl, 0, 0x5412) == decide(ioctl, 0, 0x541C) == "EPERM"
    assert decide(ioctl, 0, 0x5401) == "allow"


def test_the_filter_refuses_what_nobody_has_looked_at() -> None:
    program = seccomp.assemble("x86_64")
    for number in (435, 452, 600, 2**30 + 101):  # clone3, newer calls, ptrace by its x32 number
        assert seccomp.decide(program, "x86_64", number) == "ENOSYS"
    assert seccomp.decide(program, "aarch64", 117) == "kill"  # another processor's calls


@pytest.mark.parametrize(("machine", "token"), [("x86_64", 0xC000003E), ("aarch64", 0xC00000B7)])
def test_the_numbers_are_those_of_libseccomp(machine: str, token: int) -> None:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("libseccomp is not installed")
    resolve = ctypes.CDLL(name).seccomp_syscall_resolve_name_arch
    for call, numbers in seccomp._REFUSED.items():
        known = resolve(token, call.encode())
        number = numbers[MACHINES.index(machine)]
        assert (known if known >= 0 else None) == number, call


def test_frames_carry_what_json_cannot() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame({"kind": "x", "value": float("nan"), "odd": "\ud800"}))
        (size,) = HEADER.unpack(receive_exactly(theirs, 4))
        assert json.loads(receive_exactly(theirs, size)) == {
            "kind": "x",
            "value": None,
            "odd": "?",
        }
        ours.close()
        with pytest.raises(EOFError):
            receive_exactly(theirs, 1)


def cell(output: dict[str, object]) -> bytes:
    return json.dumps(
        {
            "kind": "cell",
            "cell": 0,
            "status": "ok",
            "execution_count": 1,
            "seconds": 0.0,
            "outputs": [output],
        }
    ).encode()


def test_outputs_are_checked() -> None:
    good = {"output_type": "stream", "name": "stdout", "text": "x"}
    assert isinstance(parse_message(cell(good)), Cell)
    for change in ({"name": "stdin"}, {"text": 3}, {"output_type": "pyout"}, {"extra": 1}):
        assert parse_message(cell(good | change)) is None


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 10**6])
def test_rubbish_is_no_message(raw: bytes) -> None:
    assert parse_message(raw) is None


def test_limits_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="cell_seconds: got 0, needs more than 0"):
        Limits(cell_seconds=0)
    with pytest.raises(ValueError, match="processes: got 1, needs 2 or more"):
        Limits(processes=1)
