"""Kills a hub and its clients at random (SIGKILL) while devices write, then lets them finish: every write that was
committed must be on every device, once.

    chaos.py TOOL SCRATCH      REJOIN_CHAOS_SECONDS: how long (10), REJOIN_CHAOS_SEED: which kills (1)
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

TOOL, SCRATCH = os.path.abspath(sys.argv[1]), sys.argv[2]
SECONDS = float(os.environ.get("REJOIN_CHAOS_SECONDS", "10"))
DEVICES = 4
SCHEMA = (
    "CREATE TABLE entry (device INTEGER NOT NULL, n INTEGER NOT NULL, text, PRIMARY KEY (device, n));"
    "CREATE TABLE counter (device INTEGER PRIMARY KEY NOT NULL, n INTEGER, pad);"
    "SELECT crsql_as_crr('entry'); SELECT crsql_as_crr('counter')"
)


def run(*arguments, check=True):
    done = subprocess.run([TOOL, *arguments], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"rejoin {' '.join(arguments)}: exit code {done.returncode}: {done.stderr}")
    return done


class Program:
    """A program that is started again whenever it has ended."""

    def __init__(self, *arguments):
        self.arguments = [TOOL, *arguments]
        self.wanted = True
        self.starts = 0
        self.log = open(os.path.join(SCRATCH, f"{arguments[0]}-{os.path.basename(arguments[1])}.log"), "ab")
        self.start()

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen(self.arguments, stdout=self.log, stderr=self.log)

    def keep_up(self):
        if self.wanted and self.process.poll() is not None:
            self.start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.wanted = False
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


class Writer(threading.Thread):
    """Writes to a device from programs of their own, and remembers what was committed."""

    def __init__(self, number, path):
        super().__init__()
        self.number, self.path = number, path
        self.committed = 0
        self.over = threading.Event()

    def run(self):
        random_ = random.Random(self.number)
        while not self.over.is_set():
            n = self.committed + 1
            done = run(
                "sql",
                self.path,
                f"BEGIN; INSERT INTO entry VALUES ({self.number}, {n}, 'entry {n}');"
                f"INSERT INTO counter VALUES ({self.number}, {n}, hex(randomblob(40)))"
                f" ON CONFLICT DO UPDATE SET n = {n}, pad = excluded.pad; COMMIT",
                check=False,
            )
            if done.returncode == 0:
                self.committed = n
            time.sleep(random_.random() * 0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def query(path, sql):
    lines = run("sql", "--json", path, sql).stdout
    return lines.strip()


def play():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(SCRATCH)
    port = free_port()
    url = f"ws://127.0.0.1:{port}/room"
    paths = [os.path.join(SCRATCH, f"device{i}.db") for i in range(DEVICES)]
    for path in paths:
        run("sql", "--create", path, SCHEMA + "; PRAGMA journal_mode = WAL")
    programs = [Program("serve", "--data", os.path.join(SCRATCH, "rooms"), "--listen", f"127.0.0.1:{port}")]
    programs += [Program("sync", path, url, "--watch") for path in paths]
    writers = [Writer(i, path) for i, path in enumerate(paths)]
    for writer in writers:
        writer.start()
    chance = random.Random(int(os.environ.get("REJOIN_CHAOS_SEED", "1")))
    end = time.monotonic() + SECONDS
    kills = 0
    while time.monotonic() < end:
        time.sleep(chance.random() * 0.6)
        chance.choice(programs).kill()
        kills += 1
        for program in programs:
            program.keep_up()
    for writer in writers:
        writer.over.set()
    for writer in writers:
        writer.join()
    for program in programs[1:]:
        program.stop()
    programs[0].keep_up()
    for path in paths + paths:  # twice: the second time each gets what the others brought
        for attempt in range(50):
            if run("sync", path, url, check=False).returncode == 0:
                break
            time.sleep(0.2)
        else:
            raise RuntimeError(f"{path} does not sync")
    programs[0].stop()
    return kills, writers, paths + [os.path.join(SCRATCH, "rooms", "room.db")]


def verify(writers, paths):
    want = ",".join(f"{w.number}:{w.committed}:{w.committed}:{w.committed}" for w in writers if w.committed)
    for path in paths:
        have = query(
            path,
            "SELECT group_concat(a, ',') AS x FROM (SELECT e.device || ':' || count(*) || ':' || max(e.n) || ':' || "
            "(SELECT n FROM counter c WHERE c.device = e.device) AS a FROM entry e GROUP BY e.device "
            "ORDER BY e.device)",
        )
        if want not in have:
            raise RuntimeError(f"{path}: committed {want}, there is {have}")
        run("check", path)
    run("merge", "--check", *paths)


kills, writers, paths = play()
verify(writers, paths)
print(f"{kills} kills, {sum(w.committed for w in writers)} commits on {DEVICES} devices: all there, once")
if kills < SECONDS or not all(w.committed for w in writers):
    sys.exit("too little happened to show anything")
