"""Laws of recovery: it never fails on damage, never invents a message, always says what is wrong."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from benchmarks.logs import contents, damage_many
from robot_wm.errors import LogError
from robot_wm.log.container import MAGIC, ChunkWriter
from robot_wm.log.read import load_log
from robot_wm.log.recover import recover, recovered_name
from robot_wm.log.scan import scan


def written(path: Path, chunks: int = 12, each: int = 10) -> None:
    """A file of ours with known messages."""
    rng = np.random.default_rng(0)
    with path.open("xb", buffering=0) as file:
        writer = ChunkWriter(file)
        channel = writer.add_channel("/a", "json", writer.add_schema("A", "jsonschema", b"{}"))
        for chunk in range(chunks):
            if chunk == 1:
                writer.repeat_definitions()
            for row in range(each):
                writer.add_message(channel, 1000 * chunk + row, 7, rng.bytes(200))
            writer.flush()
        writer.attach("note.txt", "text/plain", b"hello", 0)
        assert writer.finish() == 0


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.mcap"
    written(path)
    return path


def test_a_whole_file_is_whole_for_both_readers(whole: Path) -> None:
    found = scan(whole)
    assert (found.closed, found.damage, found.lost_bytes) == (True, (), 0)
    assert found.attachments == (("note.txt", b"hello"),)
    with whole.open("rb") as file:
        assert len(list(make_reader(file, validate_crcs=True).iter_messages())) == 120
    assert {(each.topic, each.sequence, each.log_time_ns, each.data) for each in found.messages()} == contents(whole)


def test_every_single_flipped_bit_is_noticed(whole: Path) -> None:
    data, truth, rng = whole.read_bytes(), contents(whole), np.random.default_rng(1)
    places = {*range(0, 200), *range(len(data) - 400, len(data)), *rng.integers(0, len(data), 300).tolist()}
    for place in sorted(places):
        flipped = bytearray(data)
        flipped[place] ^= 1 << (place % 8)
        whole.write_bytes(flipped)
        found = scan(whole)
        assert found.damage, f"a flip in byte {place} went unseen"
        back = {(each.topic, each.sequence, each.log_time_ns, each.data) for each in found.messages()}
        assert back <= truth
        assert len(back) >= 110, f"a flip in byte {place} cost more than one chunk"


def test_any_cut_gives_back_every_whole_chunk(whole: Path) -> None:
    data, spans = whole.read_bytes(), scan(whole).spans
    for place in range(0, len(data), 97):
        whole.write_bytes(data[:place])
        if place < len(MAGIC):
            with pytest.raises(LogError):
                scan(whole)
            continue
        found = scan(whole)
        assert found.damage and not found.closed
        assert found.spans == tuple(span for span in spans if span[1] <= place)


def test_recovered_files_are_whole(whole: Path) -> None:
    data, truth = whole.read_bytes(), contents(whole)
    whole.write_bytes(data[: len(data) // 2])
    back = recover(whole)
    assert back.path == recovered_name(whole) == whole.with_name("whole.recovered.mcap")
    assert back.damage and back.messages == len(contents(back.path)) and contents(back.path) < truth
    assert scan(back.path).damage == ()


def test_nothing_is_written_where_nothing_is_sound(tmp_path: Path) -> None:
    for name, data in {"empty": b"", "text": b"hello world", "magic": MAGIC, "zeros": bytes(5000)}.items():
        path = tmp_path / f"{name}.mcap"
        path.write_bytes(data)
        with pytest.raises(LogError):
            recover(path)
    assert len(list(tmp_path.iterdir())) == 4
    with pytest.raises(LogError, match="cannot read the log"):
        recover(tmp_path / "missing.mcap")


@pytest.mark.parametrize("compression", list(CompressionType))
def test_files_of_other_writers_are_recovered_too(tmp_path: Path, compression: CompressionType) -> None:
    path = tmp_path / "other.mcap"
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=2000, compression=compression)
        writer.start()
        channel = writer.register_channel("/b", "json", writer.register_schema("B", "jsonschema", b"{}"))
        for row in range(200):
            writer.add_message(channel, row, b"x" * 50, row, row)
        writer.finish()
    truth = contents(path)
    assert scan(path).damage == ()
    path.write_bytes(path.read_bytes()[:-3000])
    assert recover(path).messages > 100
    assert contents(recovered_name(path)) < truth
    with pytest.raises(LogError, match="no log of robot_wm"):
        load_log(recovered_name(path))


def check(count: int) -> None:
    found = damage_many(count)
    assert not [each for each in found if each.crashed or each.invented or not each.reported or each.beyond]


def test_random_damage_to_a_real_log() -> None:
    check(200)


@pytest.mark.slow
def test_random_damage_two_thousand_times() -> None:
    check(2000)


def test_a_newer_format_is_named(tmp_path: Path) -> None:
    path = Path(tempfile.mkdtemp(dir=tmp_path)) / "new.mcap"
    with path.open("xb", buffering=0) as file:
        writer = ChunkWriter(file)
        channel = writer.add_channel("/session", "json", writer.add_schema("robot_wm.Session", "jsonschema", b"{}"))
        writer.add_message(channel, 0, 0, b'{"format": "robot_wm.log/2"}')
        writer.flush()
        writer.finish()
    with pytest.raises(LogError, match=r"format 'robot_wm.log/2', this version reads 'robot_wm.log/1'"):
        load_log(path)
