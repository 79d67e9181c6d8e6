"""Everything that a user can cause, as a small tree of exceptions.

A message says what happened, why, and what to do. The app shows it beside its cause; the command
line prints it as one line and ends with exit code 2. Any other exception is a defect of cnnviz.

    CnnvizError
    ├── SpecError            a setting that no network, data set or training can have
    ├── UnknownNameError     a name that no registry holds (with "did you mean")
    ├── EntryError           an entry that breaks its registry's contract: what whoever wrote it must change
    ├── DataError            data that are missing, damaged or of the wrong kind
    │   └── DataMissingError a data set that must be placed or downloaded first
    ├── ImageError           an uploaded picture that can't be used
    ├── RunError             a run that is unknown, damaged, or in the wrong state for a wish
    ├── DeviceError          a device or precision that this machine does not have
    └── StorageError         the disk is full or not writable
"""

from __future__ import annotations


class CnnvizError(Exception):
    """Base of everything that a user can cause and mend."""


class SpecError(CnnvizError, ValueError):
    """A setting is impossible. A ValueError, so that pydantic reports it with the field's name."""


class UnknownNameError(CnnvizError, KeyError):
    """A name is not registered."""

    def __str__(self) -> str:
        # KeyError prints the repr of its argument, which would put the sentence in quotes.
        return str(self.args[0]) if self.args else ""


class EntryError(CnnvizError, ValueError):
    """An entry of a registry breaks its contract; whoever wrote the entry can mend it."""


class DataError(CnnvizError):
    """Data are missing, damaged or of the wrong kind."""


class DataMissingError(DataError):
    """A data set is not on this machine; the message names the file and where to place it."""


class ImageError(CnnvizError):
    """A picture can't be used."""


class RunError(CnnvizError):
    """A run is unknown, damaged, or in the wrong state for what was asked."""


class DeviceError(CnnvizError):
    """A device or a precision is not available on this machine."""


class StorageError(CnnvizError):
    """A file could not be written."""
