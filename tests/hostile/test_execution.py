"""Submissions that attack the machine they run on. Each test asserts that nothing came of it."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from skillmap.cohort.engine import EngineFault, Limits, RunResult, SandboxEngine

SHORT = Limits(cell_seconds=2, wall_seconds=6, interrupt_seconds=0.5)


def text(result: RunResult) -> str:
    """Everything a run shows, as one string."""
    return "\n".join(str(output) for cell in result.cells for output in cell.outputs)


def says(engine: SandboxEngine, *cells: str, limits: Limits = SHORT) -> str:
    """Run cells and return what they show; the next submission must be untouched."""
    result = engine.execute(cells, limits=limits)
    healthy(engine)
    return text(result)


def healthy(engine: SandboxEngine) -> None:
    after = engine.execute(["print('fine', 6 * 7)"])
    assert after.ended == "done"
    assert "fine 42" in text(after)


def processes_with(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


# reaching out


def test_no_connection_reaches_this_machine(engine: SandboxEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        port = server.getsockname()[1]
        out = says(
            engine,
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=1)",
            f"import subprocess\n"
            f"print(subprocess.run(['bash', '-c', 'echo hi > /dev/tcp/127.0.0.1/{port}'],"
            "capture_output=True).returncode)",
        )
        with pytest.raises(TimeoutError):
            server.accept()
    assert "OSError" in out


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"])
def test_only_unix_sockets_can_be_made(engine: SandboxEngine, family: str) -> None:
    out = says(engine, f"import socket\nsocket.socket(socket.{family}, socket.SOCK_RAW)")
    assert "Address family not supported" in out


def test_abstract_sockets_of_the_machine_are_out_of_reach(engine: SandboxEngine) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0skillmap-hostile")
        server.listen()
        server.settimeout(0.3)
        out = says(
            engine, "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0skillmap-hostile')"
        )
        with pytest.raises(TimeoutError):
            server.accept()
    assert "ConnectionRefusedError" in out


# reading


def test_keys_gradebook_and_other_work_are_not_there(
    engine: SandboxEngine, course_folder: Path
) -> None:
    paths = [str(p) for p in course_folder.rglob("*") if p.is_file()]
    out = says(
        engine,
        f"for path in {paths!r}:\n"
        "    try: print(open(path).read())\n"
        "    except OSError as e: print(type(e).__name__)",
        f"import os\nprint(os.path.exists({str(Path(__file__).parents[2] / 'source')!r}))",
        "import subprocess\nprint(subprocess.run(['grep', '-rl', '--include=*.yaml', "
        "'secret-314159', '/', '--exclude-dir=usr'], capture_output=True, timeout=4).stdout)",
        limits=Limits(),
    )
    assert "secret-314" not in out.replace("'secret-314159'", "")
    assert out.count("FileNotFoundError") == len(paths)


def test_no_configuration_with_passwords_is_there(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import os, sys\nfor root in (sys.prefix, sys.base_prefix, '/usr', '/usr/local'):\n"
        "    etc = os.path.join(root, 'etc')\n"
        "    print('etc', os.listdir(etc) if os.path.exists(etc) else [])",
        "print('system', sorted(os.listdir('/etc')))",
    )
    assert out.count("etc []") == 4
    assert "shadow" not in out
    assert "jupyter" not in out


def test_the_repository_shows_only_the_library(engine: SandboxEngine) -> None:
    root = Path(__file__).parents[2]
    out = says(engine, f"import os\nprint(sorted(os.listdir({str(root)!r})))")
    for hidden in ("source", "tests", "autograded", ".git", "pyproject.toml"):
        assert f"'{hidden}'" not in out


def test_no_other_process_can_be_seen(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import os\nprint('seen', os.listdir('/proc'), os.getpid(), os.getppid())",
        f"open('/proc/{os.getpid()}/environ').read()",
        "open('/proc/1/environ').read()",
        "open('/proc/self/environ').read()",
    )
    assert "seen [] 1 0" in out
    assert out.count("FileNotFoundError") >= 3


def test_no_secret_of_the_environment(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import os, ctypes\nprint(dict(os.environ))",
        "libc = ctypes.CDLL(None); libc.getenv.restype = ctypes.c_char_p\n"
        "print(libc.getenv(b'SKILLMAP_TEST_TOKEN'))",
        "import subprocess; print(subprocess.run(['env'], capture_output=True).stdout)",
    )
    assert "2718281828" not in out


def test_no_descriptor_but_its_own(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import os\nfor n in range(256):\n"
        "    try: os.fstat(n)\n"
        "    except OSError: continue\n"
        "    print('fd', n)",
    )
    # input, output, error, two files behind them, the line, and the event loop's own four
    assert out.count("fd ") <= 11


def test_the_zygotes_command_is_not_reached_through_its_line(engine: SandboxEngine) -> None:
    spawn = '{"op":"spawn","limits":{}}'
    out = says(
        engine,
        "import os, stat\nfor n in range(3, 64):\n"
        f"    try: os.write(n, b'{spawn}') if stat.S_ISSOCK(os.fstat(n).st_mode) else 0\n"
        "    except OSError: pass",
    )
    assert "spawned" not in out


# writing


@pytest.mark.parametrize(
    "place",
    [
        "__import__('os').path.dirname(__import__('pandas').__file__)",
        "__import__('os').path.dirname(__import__('os').__file__)",
        "__import__('os').path.dirname(__import__('skillmap').__file__)",
        "'/usr/bin'",
        "'/'",
        "'/dev'",
        "'/etc'",
        "'/run'",
        "'/proc'",
        "__import__('sys').prefix",
    ],
)
def test_nothing_outside_the_scratch_can_be_written(engine: SandboxEngine, place: str) -> None:
    out = says(engine, f"open({place} + '/hostile.py', 'w').write('x')")
    assert "OSError" in out or "PermissionError" in out
    again = says(engine, f"__import__('os').path.exists({place} + '/hostile.py')")
    assert "'text/plain': 'False'" in again


def test_nothing_is_left_for_the_next_submission(engine: SandboxEngine) -> None:
    places = ["/tmp", "/dev/shm", "/scratch", "/scratch/work", "/scratch/home", "."]
    engine.execute(
        [
            f"import os\nfor p in {places!r}:\n    open(os.path.join(p, 'left'), 'w').write('x')",
            "os.makedirs('/scratch/home/.ipython/profile_default/startup')\n"
            "open('/scratch/home/.ipython/profile_default/startup/0.py', 'w').write('planted = 1')",
            "open('pandas.py', 'w').write('raise SystemExit')",
            "import pandas, builtins, json\npandas.DataFrame = None; builtins.len = None\n"
            "json.dumps = None\nget_ipython().input_transformers_post.append(lambda lines: [])",
            "import socket\ns = socket.socket(socket.AF_UNIX); s.bind('\\0left'); s.listen()",
        ]
    )
    out = says(
        engine,
        f"import os\nprint('left', [p for p in {places!r} if os.path.exists(p + '/left')])",
        "print('planted' in globals(), os.listdir('/scratch/home'))",
        "import pandas\nprint(len(pandas.DataFrame({'a': [1, 2]})))",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0left')",
    )
    assert "left []" in out
    assert "False []" in out
    assert "'2\\n'" in out
    assert "ConnectionRefusedError" in out


@pytest.mark.parametrize(
    "call",
    [
        "shmget(1234, 4096, 0o1666)",
        "semget(1234, 1, 0o1666)",
        "msgget(1234, 0o1666)",
        "mq_open(b'/left', 0o102, 0o666, None)",
    ],
)
def test_no_object_outlives_its_process(engine: SandboxEngine, call: str) -> None:
    out = says(
        engine,
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print('got', libc.{call}, os.strerror(ctypes.get_errno()))",
    )
    assert "got -1 Operation not permitted" in out


# the kernel


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, 1, 0, 0)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount2(b'/proc', 2)",
        "unshare(0x10000000)",
        "setns(0, 0)",
        "chroot(b'/tmp')",
        "pivot_root(b'/', b'/tmp')",
        "process_vm_readv(1, None, 0, None, 0, 0)",
        "memfd_create(b'x', 0)",
        "reboot(0)",
        "sethostname(b'x', 1)",
        "syscall(321, 0, 0, 0)",
        "syscall(425, 1, 0)",
        "syscall(323, 0)",
        "syscall(250, 0, 0, 0)",
        "syscall(298, 0, 0, 0, 0, 0)",
        "syscall(304, 0, 0, 0)",
    ],
)
def test_dangerous_calls_are_refused(engine: SandboxEngine, call: str) -> None:
    if "syscall" in call and os.uname().machine != "x86_64":
        pytest.skip("call numbers of x86_64")
    out = says(
        engine,
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print('got', libc.{call}, os.strerror(ctypes.get_errno()))",
    )
    assert "got -1 Operation not permitted" in out


def test_no_privilege_and_no_way_to_one(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import os, subprocess\nprint('uid', os.getuid() != 0, os.geteuid() != 0)",
        "os.setuid(0)",
        "print('ns', subprocess.run(['unshare', '-Ur', 'true'], capture_output=True).returncode)",
        "print('su', subprocess.run(['su', '-c', 'true'], capture_output=True).returncode)",
        "print('bw', subprocess.run(['bwrap', '--ro-bind', '/', '/', 'true'], "
        "capture_output=True).returncode)",
        "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))",
    )
    assert "uid True True" in out
    assert "OSError" in out
    for name in ("ns 0", "su 0", "bw 0"):
        assert name not in out
    assert "not allowed to raise maximum limit" in out


# staying, and using everything up


def test_no_process_survives(engine: SandboxEngine) -> None:
    marker = f"survivor-{os.getpid()}-{time.monotonic_ns()}"
    engine.execute(
        [
            "import os, subprocess, sys, signal\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0:\n"
            "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            f"        os.execv('/bin/sh', ['sh', '-c', 'sleep 50; : {marker}'])\n"
            "    os._exit(0)\n"
            "import time; time.sleep(0.2); print('left')",
        ]
    )
    assert processes_with(marker) == []
    healthy(engine)


def test_a_fork_bomb_ends(engine: SandboxEngine) -> None:
    begun = time.monotonic()
    result = engine.execute(
        ["import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"],
        limits=SHORT,
    )
    assert time.monotonic() - begun < 15
    assert result.ended in ("out of time", "died", "garbled", "done")
    healthy(engine)


def test_threads_without_end_stop_at_the_limit(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "import threading, time\nn = 0\n"
        "try:\n"
        "    while True:\n"
        "        threading.Thread(target=time.sleep, args=(9,), daemon=True).start(); n += 1\n"
        "except RuntimeError as e: print('stopped', n < 100)",
    )
    assert "stopped True" in out


def test_memory_has_an_end(engine: SandboxEngine) -> None:
    out = says(engine, "x = bytearray(10**10)", "x = []\nwhile True: x.append(bytearray(10**7))")
    assert out.count("MemoryError") >= 2


def test_memory_of_many_processes_has_an_end(engine: SandboxEngine) -> None:
    result = engine.execute(
        [
            "import os, time\n"
            "for _ in range(8):\n"
            "    if os.fork() == 0:\n"
            "        x = bytearray(b'x') * (120 * 2**20); time.sleep(20)\n"
            "time.sleep(20)"
        ],
        limits=Limits(memory_bytes=400 * 2**20, cell_seconds=10, wall_seconds=12),
    )
    assert result.ended == "out of memory"
    healthy(engine)


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm", "."])
def test_files_have_an_end(engine: SandboxEngine, place: str) -> None:
    out = says(
        engine,
        f"import os\nfor k in range(9):\n    with open(f'{place}/{{k}}', 'wb') as f:\n"
        "        f.write(bytes(60 * 2**20))",
        f"with open('{place}/big', 'wb') as f:\n    f.truncate(10**9)",
        f"for k in range(30000): open(f'{place}/n{{k}}', 'w')",
    )
    assert out.count("'ename': 'OSError'") == 3


def test_500_mb_of_print_are_cut(engine: SandboxEngine) -> None:
    result = engine.execute(
        ["for _ in range(500):\n    print('x' * 10**6)", "print('after')"],
        limits=Limits(output_bytes=2**20),
    )
    assert len(text(result)) < 1.2 * 2**20
    assert "was cut off" in text(result)
    healthy(engine)


def test_500_mb_past_python_are_cut(engine: SandboxEngine) -> None:
    result = engine.execute(
        [
            "import os\ntry:\n    while True: os.write(1, b'x' * 10**6)\nexcept OSError: pass",
            "import subprocess; subprocess.run('yes | head -c 500000000', shell=True)",
        ],
        limits=Limits(output_bytes=2**20),
    )
    assert len(text(result)) < 1.3 * 2**20
    healthy(engine)


def test_a_huge_display_is_cut(engine: SandboxEngine) -> None:
    out = says(
        engine,
        "display({'text/html': 'x' * 10**8}, raw=True)",
        "deep = []\nfor _ in range(10**5): deep = [deep]\n"
        "display({'application/json': deep}, raw=True)",
        "raise ValueError('x' * 10**8)",
        limits=Limits(),
    )
    assert len(out) < 10**6


HANGS = {
    "ignored interrupt": "import signal\nsignal.signal(2, signal.SIG_IGN)\nwhile 1: pass",
    "swallowed interrupt": "while 1:\n    try:\n        while 1: pass\n    except: pass",
    "blocked signals": "import signal, time\nsignal.pthread_sigmask(0, range(1, 65))\n"
    "time.sleep(60)",
    "C code": "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')",
    "thread": "import threading\nthreading.Thread(target=lambda: list(iter(int, 1))).start()\n"
    "import time; time.sleep(60)",
    "patched clock": "import time\ntime.perf_counter = lambda: 0\nwhile True:\n    try:\n"
    "        while True: pass\n    except KeyboardInterrupt: pass",
}


@pytest.mark.parametrize("code", HANGS.values(), ids=HANGS)
def test_a_hang_ends_and_what_was_saved_stays(engine: SandboxEngine, code: str) -> None:
    begun = time.monotonic()
    result = engine.execute(
        ["open('answers.json', 'w').write('{}'); print('kept')", code],
        wanted=["answers.json"],
        limits=Limits(cell_seconds=0.7, wall_seconds=6, interrupt_seconds=0.4),
    )
    assert time.monotonic() - begun < 8
    assert result.files == {"answers.json": b"{}"}
    assert "kept" in text(result)
    assert "CellTimeout" in text(result)
    healthy(engine)


ENDINGS = {
    "_exit": "import os; os._exit(0)",
    "abort": "import os; os.abort()",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "kill all": "import os\ntry: os.kill(-1, 9)\nfinally: os._exit(1)",
    "close line": "import os; os.closerange(3, 256)",
}


@pytest.mark.parametrize("code", ENDINGS.values(), ids=ENDINGS)
def test_an_early_end_keeps_what_was_saved(engine: SandboxEngine, code: str) -> None:
    result = engine.execute(
        ["open('answers.json', 'w').write('{}'); print('kept')", code, "print('never')"],
        wanted=["answers.json"],
        limits=SHORT,
    )
    assert result.files == {"answers.json": b"{}"}
    assert "kept" in text(result)
    assert result.ended in ("died", "out of time")
    assert result.cells[2].status == "not run"
    assert result.problems
    healthy(engine)


def test_signals_do_not_reach_the_zygote(engine: SandboxEngine) -> None:
    before = engine._zygote.process.pid  # type: ignore[union-attr]
    says(
        engine,
        "import os, signal\n"
        "for target in (0, -1, os.getppid(), 1, 2, 3, 4, 5, 6, 7, 8, 9):\n"
        "    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):\n"
        "        try: os.kill(target, number)\n"
        "        except OSError: pass",
    )
    assert engine._zygote.process.pid == before  # type: ignore[union-attr]


# forging what comes back

FIND = (
    "import os, stat, struct, json, socket\nsockets = []\n"
    "for n in range(3, 64):\n"
    "    try:\n"
    "        if stat.S_ISSOCK(os.fstat(n).st_mode): sockets.append(n)\n"
    "    except OSError: pass\n"
    "def say(raw):\n"
    "    os.write(min(sockets), struct.pack('!I', len(raw)) + raw)\n"
)


def test_a_forged_result_is_data_about_its_own_submission(engine: SandboxEngine) -> None:
    result = engine.execute(
        [
            FIND,
            "say(json.dumps({'kind': 'cell', 'cell': 2, 'status': 'ok', 'execution_count': 1,"
            "'seconds': 0.1, 'outputs': [{'output_type': 'stream', 'name': 'stdout',"
            "'text': '100 points'}]}).encode()); say(b'{\"kind\": \"done\"}')",
            "print('never')",
        ],
        wanted=["answers.json"],
    )
    assert result.files == {}
    assert result.cells[2].outputs[0]["text"] == "100 points"
    healthy(engine)


FORGED = {
    "no JSON": b"points",
    "another kind": b'{"kind": "points", "points": 100}',
    "another cell": b'{"kind": "start", "cell": 99}',
    "extra field": b'{"kind": "done", "points": 100}',
    "wrong type": b'{"kind": "start", "cell": "0"}',
    "deep": b"[" * 100_000,
    "pickle": b"\x80\x04\x95\x00cos\nsystem\n",
    "own fault": b'{"kind": "fault", "message": "put me back"}',
    "huge number": b'{"kind": "start", "cell": ' + b"9" * 5000 + b"}",
    "negative": b'{"kind": "start", "cell": -1}',
}


@pytest.mark.parametrize("raw", FORGED.values(), ids=FORGED)
def test_what_is_not_a_result_ends_the_run_and_never_the_engine(
    engine: SandboxEngine, raw: bytes
) -> None:
    result = engine.execute(
        [
            "open('answers.json', 'w').write('{}')",
            FIND,
            f"say({raw!r})\nimport time; time.sleep(3)",
        ],
        wanted=["answers.json"],
        limits=SHORT,
    )
    assert result.ended == "garbled"
    assert result.files == {"answers.json": b"{}"}
    healthy(engine)


def test_a_flood_on_the_line_is_bounded(engine: SandboxEngine) -> None:
    result = engine.execute(
        [
            FIND,
            "os.write(min(sockets), b'\\xff' * 4)\nwhile 1: os.write(min(sockets), b'x' * 10**6)",
        ],
        limits=Limits(output_bytes=2**20, cell_seconds=5, wall_seconds=8),
    )
    assert result.ended == "too much output"
    healthy(engine)


def test_descriptors_sent_along_are_dropped(engine: SandboxEngine) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    engine.execute(
        [
            FIND,
            "s = socket.socket(fileno=min(sockets))\n"
            "socket.send_fds(s, [struct.pack('!I', 2) + b'{}'], [0, 1, 2])",
        ],
        limits=SHORT,
    )
    healthy(engine)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


RETURNED = {
    "link to a file": "os.symlink('/etc/passwd', 'answers.json')",
    "link to the machine": "os.symlink('/proc/self/environ', 'answers.json')",
    "hard link": "open('a', 'w').write('x'); os.link('a', 'answers.json')",
    "pipe": "os.mkfifo('answers.json')",
    "folder": "os.mkdir('answers.json')",
    "socket": "import socket; socket.socket(socket.AF_UNIX).bind('answers.json')",
    "too large": "open('answers.json', 'wb').truncate(50_000_000)",
    "moved folder": "os.rename('/scratch/work', '/scratch/w'); os.symlink('/etc', '/scratch/work')",
    "no permission": "open('answers.json', 'w').write('x'); os.chmod('/scratch', 0)",
}


@pytest.mark.parametrize("code", RETURNED.values(), ids=RETURNED)
def test_only_plain_files_come_back(engine: SandboxEngine, code: str) -> None:
    begun = time.monotonic()
    result = engine.execute([f"import os\n{code}"], wanted=["answers.json"], limits=SHORT)
    assert time.monotonic() - begun < 5
    if "no permission" not in code and "chmod" not in code:
        assert result.files == {}
        assert result.cells[0].status == "ok", result.cells[0].outputs
        assert result.problems
    healthy(engine)


@pytest.mark.parametrize("name", ["../answers.json", "/etc/passwd", "a/../../b", ""])
def test_names_that_climb_are_refused(engine: SandboxEngine, name: str) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        engine.execute([], {name: b""})
    with pytest.raises(ValueError, match="not a path inside"):
        engine.execute([], wanted=[name])


def test_a_killed_zygote_is_our_fault_and_comes_back() -> None:
    with SandboxEngine() as made:
        made.start()
        zygote = made._zygote
        assert zygote is not None
        import threading

        threading.Timer(0.8, zygote.kill).start()
        with pytest.raises(EngineFault):
            made.execute(["import time; time.sleep(5)"])
        healthy(made)
