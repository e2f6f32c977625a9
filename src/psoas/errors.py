"""What can go wrong, in one small tree.

::

    PsoasError
    ├── InputError          what a person typed, or a file they named, cannot be used
    │   ├── NotFoundError   nothing is kept under the id that was given
    │   └── NoRestError     what was asked for needs a resting place, and there is none
    ├── DataError           a table or reference shipped with the package is broken, or lacks what was asked of it
    └── StorageError        the journal on this computer cannot be opened, read or written

Every message is one sentence that names what was wrong, the value it had, and what would have been accepted:
``stature is 17 cm; give 142 to 203 cm``. A solve that does not converge is no error: it is a result with a
status and a sentence.
"""


class PsoasError(Exception):
    """Anything this package raises on purpose; catch it to catch them all."""


class InputError(PsoasError):
    """A value, name, file or path given from outside cannot be used; the command line exits with 2."""


class NotFoundError(InputError):
    """There is no record with the id given; it may have been deleted."""


class NoRestError(InputError):
    """A search was asked for where no body comes to rest; the command line exits with 3."""


class DataError(PsoasError):
    """A table or reference shipped with the package is broken, or has no such row."""


class StorageError(PsoasError):
    """The journal's file or folder cannot be opened, read or written; what was stored before is as it was."""
