"""The pool: children are warm, die with their parent, and are replaced when they hang or die."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import decode as decoding
from core.audio.child import ROOT, Cancelled, ChildDied, ChildLate
from core.audio.limits import DEFAULT_LIMITS
from core.audio.pool import DecoderPool

ENDLESS = 300.0


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(size=2)
    yield pool
    pool.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    samples = 0.3 * np.sin(2 * np.pi * 300 * np.arange(16000) / 16000)
    soundfile.write(path, samples, 16000)
    return path


def ask(pool: DecoderPool, path: Path) -> int:
    request = {"path": str(path), "limits": DEFAULT_LIMITS.to_json(), "ffmpeg": None}
    _, payload = pool.ask(request, deadline_s=ENDLESS, max_deadline_s=ENDLESS, max_payload_bytes=1 << 20)
    return len(payload)


def gone(pid: int) -> bool:
    for _ in range(2400):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_nothing_is_started_before_it_is_needed(pool: DecoderPool, recording: Path) -> None:
    assert pool.pids() == []
    assert ask(pool, recording) == 4 * 16000
    assert len(pool.pids()) == 1
    pool.warm()
    assert len(pool.pids()) == 2


def test_a_killed_child_is_replaced(pool: DecoderPool, recording: Path) -> None:
    pool.warm()
    before = pool.pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert [ask(pool, recording) for _ in range(4)] == [4 * 16000] * 4
    assert not set(before) & set(pool.pids())


HUNG = (sys.executable, str(Path(__file__).with_name("hung_child.py")))


def test_a_child_that_does_not_compute_is_killed_at_its_deadline() -> None:
    pool = DecoderPool(size=1, command=HUNG)
    pool.warm()
    (pid,) = pool.pids()
    with pytest.raises(ChildLate):
        pool.ask({}, deadline_s=0.3, max_deadline_s=0.3, max_payload_bytes=0)
    assert gone(pid)
    pool.close()


def test_a_cancelled_request_ends_its_child_and_frees_its_place() -> None:
    pool = DecoderPool(size=1, command=HUNG)
    pool.warm()
    (pid,) = pool.pids()
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(Cancelled):
        pool.ask({}, deadline_s=ENDLESS, max_deadline_s=ENDLESS, max_payload_bytes=0, cancel=cancel)
    assert gone(pid)
    pool.warm()
    assert pool.pids() != [pid]
    pool.close()


def test_a_request_that_waits_for_a_child_can_be_cancelled() -> None:
    pool = DecoderPool(size=1, command=HUNG)
    first, second = threading.Event(), threading.Event()
    ended: list[str] = []

    def wait(cancel: threading.Event) -> None:
        with pytest.raises(Cancelled):
            pool.ask({}, deadline_s=ENDLESS, max_deadline_s=ENDLESS, max_payload_bytes=0, cancel=cancel)
        ended.append("first" if cancel is first else "second")

    threads = [threading.Thread(target=wait, args=(cancel,)) for cancel in (first, second)]
    for thread in threads:
        thread.start()
    second.set()
    threads[1].join(ENDLESS)
    assert ended == ["second"]
    first.set()
    threads[0].join(ENDLESS)
    assert ended == ["second", "first"]
    pool.close()


def test_a_cancelled_decoding_is_told_from_a_refused_one(recording: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(decoding.DecodingCancelled, match="cancelled"):
        decoding.decode(recording, cancel=cancel)


def test_a_child_that_cannot_start_is_reported_not_awaited() -> None:
    pool = DecoderPool(size=1, command=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(ChildDied):
        pool.warm()
    pool.close()


def test_many_threads_share_few_children(pool: DecoderPool, recording: Path) -> None:
    sizes: list[int] = []
    threads = [threading.Thread(target=lambda: sizes.append(ask(pool, recording))) for _ in range(12)]
    warming = [threading.Thread(target=pool.warm) for _ in range(3)]
    for thread in [*threads, *warming]:
        thread.start()
    for thread in [*threads, *warming]:
        thread.join(ENDLESS)
    assert sizes == [4 * 16000] * 12
    assert len(pool.pids()) == 2


def test_closing_ends_the_children(pool: DecoderPool) -> None:
    pool.warm()
    pids = pool.pids()
    pool.close()
    assert all(gone(pid) for pid in pids)


def test_children_end_when_their_parent_is_killed() -> None:
    script = (
        "from core.audio.pool import DecoderPool; import time\n"
        "pool = DecoderPool(size=2); pool.warm(); print(*pool.pids(), flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_the_child_loads_no_torch() -> None:
    script = "import sys, core.audio.worker as w; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    for heavy in ("torch", "scipy", "librosa", "gradio", "pandas", "matplotlib"):
        assert f"'{heavy}'" not in loaded.stdout


def test_a_child_can_write_no_file(pool: DecoderPool) -> None:
    pool.warm()
    for pid in pool.pids():
        limits = Path(f"/proc/{pid}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max file size")]
        assert line.split()[3:5] == ["0", "0"]


def test_decoding_starts_again_after_a_shutdown(recording: Path) -> None:
    assert decoding.decode(recording).duration_s == 1.0
    decoding.shutdown()
    assert decoding.decode(recording).duration_s == 1.0


def test_a_forked_process_does_not_use_its_parents_children(recording: Path) -> None:
    decoding.warm()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if decoding.decode(recording).duration_s == 1.0 else 1)
    _, status = os.waitpid(pid, 0)
    assert status == 0
    assert decoding.decode(recording).duration_s == 1.0
