"""Samples to transcripts, with Whisper, guided by the essay where there is one."""
