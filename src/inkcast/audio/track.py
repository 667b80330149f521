"""A track as players play it: which one, and when each frame of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Disposition

from inkcast.audio.spans import Span
from inkcast.timecode import seconds_to_ms

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.packet import Packet

N_PACKET_SIZES = 2_000
"""How many packets are looked at to tell whether the bit rate varies: 50 seconds or so."""

_MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
_FROM_ZERO = (_MP4, "matroska,webm", "ogg")
"""Containers whose time stamps players show as they are; the others' first one is their zero."""

_WITHOUT_PLACES = ("mp3", "aac", "ogg")
"""Where FFmpeg guesses at what time it is after a jump: these are read from the start."""

# docs/audio.md: Chromium's seeks, measured.
_LEAST_DELAY_S = 0.06

# Not measured: chosen by hand.
_SLACK_S = 0.025  # Matroska and Flash round to milliseconds, and recorders jitter
_RESTART_S = 1.0
_BEYOND_S = 1.0
_NOTED_S = 0.1
_PREROLL_S = 1.0  # MP3 frames borrow bits from those before them
_HEAD_BYTES = 64
_MOST_SKIPPED = 10_000_000


def played(container: Any) -> Any:
    """The audio track that players play where they are not told; there is one.

    In an MP4 tracks may be switched off. Other containers only recommend one, and browsers take the first.
    """
    streams = container.streams.audio
    if container.format.name != _MP4:
        return streams[0]
    return next((stream for stream in streams if stream.disposition & Disposition.default), streams[0])


class Track:
    """The frames of an audio track by a player's clock, with silence where it has no sound.

    Frames that should have begun well before the last one ended are left out. Where time stamps begin
    anew (joined files), or say what no file of this length can have, sound follows sound.

    Args:
        container: an opened file.
        stream: one of its audio tracks.
        longest_s: how long it can be at most.

    Attributes:
        begins_s: when the first frame that ``frames`` gave is played.
        missing: where sound should have been and was not, in ms, as far as it was decoded.
        packet_sizes: in bytes, of the first packets that held sound, as far as they were decoded.
    """

    def __init__(self, container: Any, stream: Any, longest_s: float) -> None:
        self._container, self._stream, self._longest_s = container, stream, longest_s
        self._tick_s = float(stream.time_base)
        starts_s = (container.start_time or 0) / av.time_base
        self._shift_s = -starts_s
        if container.format.name in _FROM_ZERO:
            # Ogg that was cut begins before zero: players move all of it.
            self._shift_s = max(0.0, -starts_s) if container.format.name == "ogg" else 0.0
            if container.duration:
                ends_s = max(0.0, starts_s) + container.duration / av.time_base
                self._longest_s = min(longest_s, ends_s + _BEYOND_S)
        elif container.format.name == "mp3" and starts_s > _LEAST_DELAY_S:
            self._shift_s = -_mp3_frame_s(stream) / 2
        self._first_shift_s = self._shift_s
        self._first_byte: int | None = None
        self._n_skipped = self._usual_size = 0
        self._is_resyncing = False
        self._byte_s = self._lost_until_s = 0.0
        self.begins_s = 0.0
        self.missing: list[Span] = []
        self.packet_sizes: list[int] = []

    def frames(self, from_s: float = 0.0) -> Iterator[AudioFrame]:
        """Decode it once; what of it cannot be decoded is silence.

        Args:
            from_s: frames that are played more than a second before are left out.
        """
        decoded: Iterator[AudioFrame] = self._decoded(from_s - _PREROLL_S)
        if from_s > 0:
            decoded = dropwhile(lambda frame: self._played_s(frame) < from_s - _PREROLL_S, decoded)
        first = next(decoded, None)
        if first is not None:
            self.begins_s = self._played_s(first) if from_s > 0 else 0.0
            yield from self._placed(chain([first], decoded))

    def _placed(self, frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
        now_s, slack_s, tick_s = self.begins_s, 0.0, self._tick_s
        for frame in frames:
            pts = frame.pts
            if pts is not None:
                ahead_s = pts * tick_s + self._shift_s - now_s
                if ahead_s > slack_s and now_s + ahead_s <= self._longest_s:
                    yield from _silence(frame, ahead_s)
                    if slack_s:
                        self._note(now_s, ahead_s)
                    now_s += ahead_s
                elif ahead_s > slack_s or (slack_s and ahead_s < -_RESTART_S):
                    self._shift_s -= ahead_s
                elif ahead_s < -_SLACK_S:
                    continue
            slack_s = _SLACK_S
            now_s += frame.samples / frame.sample_rate
            yield frame
        lost_s = min(self._lost_until_s, self._longest_s) - now_s
        if lost_s > _SLACK_S:
            yield from _silence(frame, lost_s)
            self._note(now_s, lost_s)

    def _note(self, start_s: float, length_s: float) -> None:
        if length_s > _NOTED_S:
            self.missing.append((seconds_to_ms(start_s), seconds_to_ms(start_s + length_s)))

    def _decoded(self, from_s: float) -> Iterator[AudioFrame]:
        if from_s > 0 and self._container.format.name not in _WITHOUT_PLACES:
            self._container.seek(round((from_s - self._shift_s) * av.time_base))
        packets, sizes = self._container.demux(self._stream), self.packet_sizes
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            if self._first_byte is None:
                self._first_byte = packet.pos or 0
            try:
                frames = [] if from_s > 0 and self._is_early(packet, from_s) else packet.decode()
            except av.error.FFmpegError:
                frames = None
            if frames:
                size = packet.size
                if len(sizes) < N_PACKET_SIZES:
                    sizes.append(size)
                if size > self._usual_size:
                    self._keep_time_before(packet)
                yield from frames
            elif frames is None or self._is_junk(packet):
                self._keep_time_of(packet)

    def _is_early(self, packet: Any, from_s: float) -> bool:
        """Whether it need not be decoded. What is no sound in bare AAC is only known by decoding it."""
        return self._played_s(packet) < from_s and not self._is("aac")

    def _is_junk(self, packet: Any) -> bool:
        """What is between the frames of an MP3 comes as a packet, too, and may decode to nothing."""
        return self._is("mp3") and packet.size > 0 and bytes(packet)[0] != 0xFF

    def _is(self, container: str) -> bool:
        return bool(self._container.format.name == container)

    def _played_s(self, packet: Packet[Any] | AudioFrame) -> float:
        return float((packet.pts or 0) * self._tick_s + self._shift_s)

    def _keep_time_of(self, packet: Any) -> None:
        """Keep the time of a packet that is no sound.

        An MP3 has no time stamps: players find places in it by bytes, so what is no sound in it takes time
        by its bytes, too.
        """
        length_s = (packet.duration or 0) * self._tick_s
        if not self._is_resyncing:
            self._byte_s = self._s_per_byte(packet)
        if self._is("mp3"):
            self._shift_s += packet.size * self._byte_s - length_s
        else:
            self._lost_until_s = self._played_s(packet) + length_s
        if self._is("aac"):
            self._is_resyncing, self._usual_size = True, 0

    def _keep_time_before(self, packet: Any) -> None:
        """Keep the time of what decoders pass over without a word: zeros in MP3, anything in bare AAC."""
        n_bytes = 0
        if self._is("mp3"):
            self._byte_s = self._s_per_byte(packet)
            n_bytes = packet.size - len(bytes(packet).lstrip(b"\0"))
        elif self._is_resyncing:
            self._is_resyncing = False
            with Path(self._container.name).open("rb") as file:
                file.seek(packet.pos + self._n_skipped)
                n_bytes = max(0, file.read(_MOST_SKIPPED).find(bytes(packet)[:_HEAD_BYTES]))
            self._n_skipped += n_bytes
        self._shift_s += n_bytes * self._byte_s
        self._usual_size = packet.size - (n_bytes if self._is("mp3") else 0)

    def _s_per_byte(self, packet: Any) -> float:
        """Of what is before it."""
        n_bytes = (packet.pos or 0) + self._n_skipped - (self._first_byte or 0)
        return (self._played_s(packet) - self._first_shift_s) / n_bytes if n_bytes > 0 else 0.0


def _mp3_frame_s(stream: Any) -> float:
    """How long a frame is: MPEG-1 has 1152 samples in one, MPEG-2 and 2.5 half as many."""
    rate = stream.codec_context.sample_rate
    return float((1152 if rate >= 32_000 else 576) / rate)


def _silence(like: AudioFrame, length_s: float) -> Iterator[AudioFrame]:
    """Frames of a second or less, of the same format."""
    left = round(length_s * like.sample_rate)
    zero = b"\x80" if like.format.name.startswith("u8") else b"\0"
    while left > 0:
        n = min(left, like.sample_rate)
        frame = av.AudioFrame(format=like.format.name, layout=like.layout.name, samples=n)
        frame.sample_rate = like.sample_rate
        for plane in frame.planes:
            plane.update(zero * plane.buffer_size)
        yield frame
        left -= n
