"""Limits a model's process to computing and answering; the process applies them to itself.

A loader of models is a parser of hostile files, written in C++. Should one be taken over, there is
nothing to win: no files, no network, no other processes, no credentials, bounded memory and time.
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

# System calls that computing takes (Linux, by architecture). Everything else fails with EPERM.
_ALLOWED = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10,
        "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
        "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "setitimer": 38,
        "getpid": 39, "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98,
        "sysinfo": 99, "sigaltstack": 131, "gettid": 186, "futex": 202,
        "sched_getaffinity": 204, "clock_gettime": 228, "clock_getres": 229,
        "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "getcpu": 309,
        "getrandom": 318, "membarrier": 324, "rseq": 334,
    },
    "aarch64": {
        "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222,
        "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "sched_yield": 124, "mremap": 216, "madvise": 233,
        "nanosleep": 101, "setitimer": 103, "getpid": 172, "exit": 93, "uname": 160,
        "gettimeofday": 169, "getrusage": 165, "sysinfo": 179, "sigaltstack": 132,
        "gettid": 178, "futex": 98, "sched_getaffinity": 123, "clock_gettime": 113,
        "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94, "tgkill": 131,
        "getcpu": 168, "getrandom": 278, "membarrier": 283, "rseq": 293,
    },
}  # fmt: skip
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_…, <linux/audit.h>
_SECCOMP = {"x86_64": 317, "aarch64": 277}  # seccomp(2) itself

# <linux/bpf_common.h>, <linux/seccomp.h>, <linux/prctl.h>
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_NO_NEW_PRIVILEGES, _DUMPABLE = 38, 4


_PAGE = resource.getpagesize()


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def confine(memory: "Memory", more: int, seconds: int) -> bool:
    """Give up every right that computing does not need; there is no way back.

    `more` is how many bytes may be taken beyond what is in use now, `seconds` how much processor
    time in all. Returns whether system calls are filtered too (on Linux, where seccomp is there).
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_CPU, seconds)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, memory.measure_reserved() + more)
        _limit(resource.RLIMIT_NOFILE, 0)
    return sys.platform == "linux" and _filter_system_calls()


def die_after(seconds: float) -> None:
    """End this process unless it is called again within the time; 0 calls it off.

    The kernel does it, so that it works in the middle of a computation and when the parent is gone.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)


class Memory:
    """Says how much memory this process has; asked before `confine`, it can tell afterwards."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        if sys.platform == "linux":
            self._file = Path("/proc/self/statm").open("rb", 0)  # noqa: SIM115 (stays open)

    def measure_resident(self) -> int:
        """Bytes in use now (on Linux), or at the peak."""
        if self._file is None:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._file.seek(0)
        return int(self._file.read().split()[1]) * _PAGE

    def measure_reserved(self) -> int:
        """Bytes of address space, which is what a limit can be set on; 0 where it cannot."""
        if self._file is None:
            return 0
        self._file.seek(0)
        return int(self._file.read().split()[0]) * _PAGE


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _filter_system_calls() -> bool:
    machine = os.uname().machine
    if machine not in _ALLOWED:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    code = _program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    done: int = libc.syscall(
        _SECCOMP[machine], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)
    )
    return done == 0


def _program(machine: str) -> bytes:
    """Return the filter, as classic BPF: right architecture, and a number on the list.

    `tgkill`, by which a program ends itself, may name no process but this one.
    """
    allowed = sorted(_ALLOWED[machine].values())
    signal_number = _ALLOWED[machine]["tgkill"]
    allowed.remove(signal_number)
    lines = [
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
        *(
            (_JUMP_IF_EQUAL, len(allowed) - index + 3, 0, number)
            for index, number in enumerate(allowed)
        ),
        (_JUMP_IF_EQUAL, 0, 2, signal_number),
        (_LOAD, 0, 0, _OFFSET_FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, os.getpid()),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
