"""The seccomp filter: which system calls a submission may make.

The program is assembled here, outside the sandbox, as plain bytes; a submission's process loads
those bytes with one ``prctl`` and needs no library for it. A refused call fails with an error
number that Python turns into an ``OSError``, so a curious learner sees a message, not a crash.

Source for the instruction format: Linux, Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import errno
import platform
import struct
from typing import TYPE_CHECKING

from skillmap.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["assemble", "decide"]

_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 0, "aarch64": 1}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_CLONE = {"x86_64": 56, "aarch64": 220}
_IOCTL = {"x86_64": 16, "aarch64": 29}
_CLONE3 = 435
_NEWEST = 451
"""Calls added to Linux later than this list are refused as unknown until somebody looks at them."""
_AF_UNIX = 1
_NEW_NAMESPACES = 0x7E020000
_PUSH_INPUT = (0x5412, 0x541C)
"""The terminal requests that type on somebody else's behalf: TIOCSTI and TIOCLINUX."""

# name: number on x86_64, on aarch64 (None: that machine has no such call)
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    # mounts and files by handle
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    # new namespaces
    "unshare": (272, 97),
    "setns": (308, 268),
    # kernel features with a record of holes, and memory no limit counts
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "lookup_dcookie": (212, 18),
    # keyrings
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # System V and POSIX objects that outlive a process
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183),
    "mq_notify": (244, 184),
    "mq_getsetattr": (245, 185),
    # the machine itself
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "vhangup": (153, 58),
    # memory placement
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "set_mempolicy": (238, 237),
    "mbind": (237, 235),
}


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _error(number: int) -> bytes:
    return _step(_RETURN, _ERROR | number)


def assemble(machine: str | None = None) -> bytes:
    """Return the filter for ``machine`` (this one by default) as BPF instructions, 8 bytes each.

    Raises ``EnvironmentLacksError`` on a processor whose call numbers we have not listed.

    >>> len(assemble("x86_64")) % 8
    0
    """
    machine = machine or platform.machine()
    if machine not in _AUDIT:
        raise EnvironmentLacksError(
            f"The seccomp filter knows x86_64 and aarch64, and this machine is {machine}."
        )
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, _AUDIT[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        # also catches x86_64's x32 calls, whose numbers start at 2**30
        _step(_JUMP_ABOVE, _NEWEST, 0, 1),
        _error(errno.ENOSYS),
        # glibc falls back to clone, whose flags can be seen
        _step(_JUMP_EQUAL, _CLONE3, 0, 1),
        _error(errno.ENOSYS),
    ]
    for numbers in _REFUSED.values():
        number = numbers[_COLUMN[machine]]
        if number is not None:
            steps += [_step(_JUMP_EQUAL, number, 0, 1), _error(errno.EPERM)]
    steps += [
        _step(_JUMP_EQUAL, _SOCKET[machine], 0, 4),
        _step(_LOAD, _FIRST),
        _step(_JUMP_EQUAL, _AF_UNIX, 1, 0),
        _error(errno.EAFNOSUPPORT),
        _step(_RETURN, _ALLOW),
        _step(_JUMP_EQUAL, _CLONE[machine], 0, 4),
        _step(_LOAD, _FIRST),
        _step(_JUMP_BITS, _NEW_NAMESPACES, 0, 1),
        _error(errno.EPERM),
        _step(_RETURN, _ALLOW),
        _step(_JUMP_EQUAL, _IOCTL[machine], 0, 5),
        _step(_LOAD, _SECOND),
        _step(_JUMP_EQUAL, _PUSH_INPUT[0], 1, 0),
        _step(_JUMP_EQUAL, _PUSH_INPUT[1], 0, 1),
        _error(errno.EPERM),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def decide(program: bytes, machine: str, number: int, arguments: Iterable[int] = ()) -> str:
    """Run a filter on one call, as the kernel would: ``allow``, ``kill`` or an error's name.

    >>> decide(assemble("x86_64"), "x86_64", 101)  # ptrace
    'EPERM'
    >>> decide(assemble("x86_64"), "x86_64", 0)  # read
    'allow'
    """
    values = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", number, _AUDIT[machine], 0, *values)
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator = at = 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == _LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == _RETURN:
            if value == _ALLOW:
                return "allow"
            return "kill" if value == _KILL else errno.errorcode[value & 0xFFFF]
        else:
            test = {
                _JUMP_EQUAL: accumulator == value,
                _JUMP_ABOVE: accumulator > value,
                _JUMP_BITS: bool(accumulator & value),
            }[code]
            at += yes if test else no
