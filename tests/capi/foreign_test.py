"""The C face through a foreign interface: Python's ctypes, given the shared library. Two replicas become equal."""
import ctypes as c
import sys


class Value(c.Structure):
    _fields_ = [("type", c.c_int), ("integer", c.c_int64), ("real", c.c_double), ("bytes", c.c_void_p),
                ("size", c.c_size_t)]


class Change(c.Structure):
    _fields_ = [("table", c.c_char_p), ("pk", c.c_void_p), ("pk_size", c.c_size_t), ("column", c.c_char_p),
                ("value", Value), ("column_version", c.c_int64), ("db_version", c.c_int64), ("site_id", c.c_void_p),
                ("site_id_size", c.c_size_t), ("causal_length", c.c_int64), ("seq", c.c_int64)]


class Place(c.Structure):
    _fields_ = [("db_version", c.c_int64), ("seq", c.c_int64)]


lib = c.CDLL(sys.argv[1])
sqlite = c.CDLL(sys.argv[2])
lib.rejoin_message.restype = c.c_char_p
lib.rejoin_version.restype = c.c_char_p
lib.rejoin_connection.restype = c.c_void_p
lib.rejoin_stream_place.restype = Place
WHOLE = 2**63 - 1


class Replica:
    def __init__(self, sql):
        self.handle = c.c_void_p()
        self.check(lib.rejoin_open(b":memory:", c.byref(self.handle)))
        for statement in sql:
            code = sqlite.sqlite3_exec(c.c_void_p(lib.rejoin_connection(self.handle)), statement, None, None, None)
            assert code == 0, statement

    def check(self, code):
        if code != 0:
            raise RuntimeError(lib.rejoin_message(self.handle).decode())

    def digest(self):
        halves = (c.c_uint64 * 2)()
        self.check(lib.rejoin_digest(self.handle, None, halves))
        return tuple(halves)

    def pull(self, other):
        stream, changes, count = c.c_void_p(), c.POINTER(Change)(), c.c_size_t()
        other.check(lib.rejoin_changes_after(other.handle, Place(0, WHOLE), None, c.c_size_t(0), c.byref(stream)))
        while True:
            other.check(lib.rejoin_stream_next(stream, c.c_size_t(2), c.c_size_t(1 << 20), c.byref(changes),
                                               c.byref(count)))
            if count.value == 0:
                break
            self.check(lib.rejoin_merge(self.handle, changes, count, c.c_int64(WHOLE), None, None))
        lib.rejoin_stream_close(stream)

    def close(self):
        lib.rejoin_close(self.handle)


TABLE = [b"CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, v)", b"SELECT crsql_as_crr('t')"]
a = Replica(TABLE + [b"INSERT INTO t VALUES ('x', 1), ('both', 'a')"])
b = Replica(TABLE + [b"INSERT INTO t VALUES ('y', x'0102'), ('both', 'b')"])
assert a.digest() != b.digest()
a.pull(b)
b.pull(a)
assert a.digest() == b.digest()
try:
    a.check(lib.rejoin_make_crr(a.handle, b"nowhere"))
    raise AssertionError("a table that is not there became a CRR")
except RuntimeError as error:
    assert "nowhere" in str(error), error
a.close()
b.close()
print("equal, version", lib.rejoin_version().decode())
