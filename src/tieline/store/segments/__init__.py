"""The audit log on files."""

from tieline.store.segments.log import SegmentLog as SegmentLog
