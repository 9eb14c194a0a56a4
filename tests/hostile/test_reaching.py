"""Hand-ins that try to reach out: the network, other processes, and a life after the grading."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.hostile.cohort import Hostile, graded_cohort
from tests.hostile.judge import grade_is_fair, nothing_came_of_it

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.cohort import Cohort, Seen

MARK = f"hostile-survivor-{os.getpid()}"
ABSTRACT = f"skillmap-hostile-{os.getpid()}"

CONNECT = """import socket
for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "10.0.0.1", "169.254.169.254"):
    try:
        socket.create_connection((host, @PORT@), timeout=0.5).sendall(b"hello")
        print("CONNECTED", host)
    except OSError as error:
        print("tried", host, type(error).__name__)"""

DATAGRAM = """import socket
for family in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(family, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", @PORT@))
        print("CONNECTED")
    except OSError as error:
        print("tried", error.strerror)"""

NAMES = """import socket
for name in ("example.org", "localhost", "grader.internal"):
    try:
        print("CONNECTED", socket.getaddrinfo(name + ".", 80))
    except OSError as error:
        print("tried", type(error).__name__)"""

WEB = """import urllib.request, subprocess
for url in ("http://127.0.0.1:@PORT@/", "http://169.254.169.254/latest/meta-data/"):
    try:
        print("CONNECTED", urllib.request.urlopen(url, timeout=0.5).read())
    except OSError as error:
        print("tried", type(error).__name__)
done = subprocess.run(["bash", "-c", "echo hello > /dev/tcp/127.0.0.1/@PORT@"],
                      capture_output=True)
print("CONNECTED" if done.returncode == 0 else "tried bash")"""

UNIX = f"""import os, socket
for path in ("\\0{ABSTRACT}", "@COURSE@/door", "/run/docker.sock", "/run/dbus/system_bus_socket"):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("CONNECTED", path)
    except OSError as error:
        print("tried", type(error).__name__)"""

RAW = """import socket
for name in ("AF_PACKET", "AF_NETLINK", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH"):
    try:
        socket.socket(getattr(socket, name), socket.SOCK_RAW)
        print("CONNECTED", name)
    except (OSError, AttributeError) as error:
        print("tried", name, type(error).__name__)"""

LISTENS = """import socket
try:
    server = socket.create_server(("0.0.0.0", 0)); print("CONNECTED")
except OSError as error:
    print("tried", error.strerror)
door = socket.socket(socket.AF_UNIX)
door.bind("\\0left-open"); door.listen(); print("own door")"""

KNOCKS = """import socket
try:
    socket.socket(socket.AF_UNIX).connect("\\0left-open"); print("CONNECTED")
except OSError as error:
    print("tried", type(error).__name__)"""

SURVIVES = f"""import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.execv("/bin/sh", ["sh", "-c", "sleep 100; : {MARK}"])
    os._exit(0)
os.wait(); time.sleep(0.1); print("left one behind")"""

SPAWNS = f"""import subprocess, threading, time
for _ in range(5):
    subprocess.Popen(["sh", "-c", "trap '' TERM HUP; sleep 100; : {MARK}"], start_new_session=True)
threading.Thread(target=lambda: time.sleep(100), daemon=False).start()
print("left five behind")"""

JOBS = f"""!nohup setsid sh -c 'sleep 100; : {MARK}' >/dev/null 2>&1 &
print("sent off")"""

SHARED = """import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for call in (lambda: libc.shmget(4711, 4096, 0o1666), lambda: libc.semget(4711, 1, 0o1666),
             lambda: libc.msgget(4711, 0o1666), lambda: libc.mq_open(b"/left", 66, 438, None)):
    print("got", call(), os.strerror(ctypes.get_errno()))
open("/dev/shm/left", "w").write("left")
from multiprocessing import shared_memory
try:
    print(shared_memory.SharedMemory(name="left2", create=True, size=10).name)
except OSError as error:
    print("refused", error)"""

FINDS_SHARED = """import os
print("shared", os.listdir("/dev/shm"), os.listdir("/tmp"))"""

SIGNALS = """import os, signal
sent = []
for target in (os.getppid(), -1, 0, 1, 2, 3, *range(4, 300)):
    if target == os.getpid(): continue
    for number in (signal.SIGCONT, signal.SIGSTOP, signal.SIGKILL):
        try:
            if target in (0, -1) and number != signal.SIGCONT: continue
            os.kill(target, number); sent.append(target)
        except OSError:
            pass
print("sent to", sorted(set(sent) - {0, -1}))"""

PROCESS_GROUP = """import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for group in (0, os.getpgrp(), 1, 2, 3):
    try:
        os.killpg(group, signal.SIGTERM)
    except OSError as error:
        print("tried", type(error).__name__)
print("alive")"""

PRIORITY = """import os, resource
for what in (lambda: os.nice(-10), lambda: os.setpriority(os.PRIO_PROCESS, 1, -20),
             lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)),
             lambda: os.setuid(0), lambda: os.sched_setscheduler(0, os.SCHED_FIFO,
             os.sched_param(10))):
    try:
        what(); print("GOT IT")
    except (OSError, ValueError) as error:
        print("refused", type(error).__name__)"""

KERNEL = """import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, arguments in (("ptrace", (16, 1, 0, 0)), ("unshare", (0x10000000,)),
                        ("mount", (b"x", b"/tmp", b"tmpfs", 0, None)), ("chroot", (b"/tmp",)),
                        ("process_vm_readv", (1, None, 0, None, 0, 0)), ("reboot", (0,))):
    print(name, getattr(libc, name)(*arguments), os.strerror(ctypes.get_errno()))"""

INSTALL = """import subprocess, sys
done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-input", "--retries", "0",
                       "--timeout", "1", "left-pad"], capture_output=True, text=True)
print("pip", "failed" if done.returncode else "CONNECTED")"""

ANOTHER_SANDBOX = """import subprocess
for command in (["bwrap", "--ro-bind", "/", "/", "true"], ["unshare", "-Ur", "true"],
                ["su", "-c", "true"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
    try:
        code = subprocess.run(command, capture_output=True, timeout=2).returncode
        print(command[0], "GOT IT" if code == 0 else "refused")
    except OSError as error:
        print(command[0], "refused", type(error).__name__)"""


def nobody_connected(seen: Seen) -> None:
    assert "CONNECTED" not in seen.outputs
    assert CALLS == []


def nobody_survived(seen: Seen) -> None:
    assert processes_with(MARK) == []


def nothing_granted(seen: Seen) -> None:
    assert "GOT IT" not in seen.outputs


def processes_with(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


CALLS: list[str] = []
"""Who called the servers that wait while the cohort is graded."""


@contextlib.contextmanager
def servers(name: str = ABSTRACT) -> Iterator[int]:
    """A TCP, a UDP and an abstract Unix server on this machine; yields the port of the first."""
    tcp = socket.create_server(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(f"\0{name}")
    unix.listen()
    over = threading.Event()

    def wait(server: socket.socket, name: str) -> None:
        server.settimeout(0.2)
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                if name == "udp":
                    server.recvfrom(10)
                else:
                    server.accept()[0].close()
                CALLS.append(name)

    threads = [
        threading.Thread(target=wait, args=pair)
        for pair in ((tcp, "tcp"), (udp, "udp"), (unix, "unix"))
    ]
    for thread in threads:
        thread.start()
    try:
        yield port
    finally:
        over.set()
        for thread, server in zip(threads, (tcp, udp, unix), strict=True):
            thread.join()
            server.close()


ATTACKS = (
    Hostile(
        "connects",
        "connects to this machine and to a cloud's metadata",
        CONNECT,
        shows="tried 127.0.0.1 OSError",
        then=nobody_connected,
    ),
    Hostile("datagrams", "sends datagrams", DATAGRAM, shows="tried", then=nobody_connected),
    Hostile("names", "looks up names", NAMES, shows="tried gaierror", then=nobody_connected),
    Hostile("web", "fetches pages, by Python and bash", WEB, shows="tried", then=nobody_connected),
    Hostile("unix sockets", "knocks at local services", UNIX, shows="tr", then=nobody_connected),
    Hostile("raw sockets", "opens raw sockets", RAW, shows="tried", then=nobody_connected),
    Hostile("opens a door", "listens for the next hand-in", LISTENS, shows="own door"),
    Hostile(
        "knocks at the door",
        "looks for a door that another left open",
        KNOCKS,
        shows="tried ConnectionRefusedError",
        then=nobody_connected,
    ),
    Hostile("survivor", "forks twice and stays", SURVIVES, shows="left", then=nobody_survived),
    Hostile("five survivors", "leaves sessions behind", SPAWNS, shows="left", then=nobody_survived),
    Hostile("background job", "sends off a shell job", JOBS, shows="sent", then=nobody_survived),
    Hostile("shared memory", "leaves shared memory and queues", SHARED, shows="got -1 Operation"),
    Hostile("finds shared memory", "looks for it", FINDS_SHARED, shows="shared [] []"),
    Hostile("signals", "sends signals to every process", SIGNALS, shows="sent to []"),
    Hostile("process group", "ends its process group", PROCESS_GROUP, shows="alive"),
    Hostile("privilege", "asks for more", PRIORITY, shows="refused", then=nothing_granted),
    Hostile("kernel calls", "traces, mounts, unshares", KERNEL, shows="ptrace -1 Operation not"),
    Hostile("installs", "installs a package", INSTALL, shows="pip failed", then=nobody_connected),
    Hostile(
        "another sandbox",
        "starts a namespace of its own",
        ANOTHER_SANDBOX,
        shows="bwrap refused",
        then=nothing_granted,
    ),
)


@pytest.fixture(scope="module")
def graded() -> Iterator[Cohort]:
    with servers() as port:
        yield from graded_cohort(ATTACKS, words={"@PORT@": str(port)})


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_grade_is_that_of_the_work_without_the_attack(graded: Cohort, attack: Hostile) -> None:
    grade_is_fair(graded.seen(attack))


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_comes_of_it(graded: Cohort, attack: Hostile) -> None:
    nothing_came_of_it(graded.seen(attack))


def test_the_servers_can_be_reached_from_here() -> None:
    import time

    with servers("skillmap-other") as port:
        socket.create_connection(("127.0.0.1", port)).close()
        until = time.monotonic() + 5
        while not CALLS and time.monotonic() < until:
            time.sleep(0.05)
    assert CALLS == ["tcp"]
    CALLS.clear()
