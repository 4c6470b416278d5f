"""nftables' registers, of which some bytes may be unknown."""

_SIZE = 64


class Registers:
    """Sixteen of four bytes, which four of sixteen bytes share."""

    def __init__(self) -> None:
        self._bytes: list[int | None] = [None] * _SIZE

    def put(self, register: int, value: bytes | None, length: int = 0) -> None:
        """Write a value, padded to whole registers; None: so many bytes that are not known."""
        at = _offset(register)
        written: list[int | None] = [None] * length if value is None else list(value)
        written += [0] * (-len(written) % 4)
        self._bytes[at : at + len(written)] = written

    def forget(self) -> None:
        """None of them is known any more."""
        self._bytes = [None] * _SIZE

    def cells(self, register: int, length: int) -> list[int | None]:
        """So many bytes from a register on."""
        at = _offset(register)
        return self._bytes[at : at + length]

    def put_cells(self, register: int, cells: list[int | None]) -> None:
        """Write bytes of which some are not known."""
        at = _offset(register)
        padded = [*cells, *([0] * (-len(cells) % 4))]
        self._bytes[at : at + len(padded)] = padded

    def value(self, register: int, length: int) -> bytes | None:
        """The same; None where one of them is not known."""
        cells = self.cells(register, length)
        known = [cell for cell in cells if cell is not None and cell >= 0]
        return bytes(known) if len(known) == length else None


def _offset(register: int) -> int:
    """Registers 1 to 4 are of sixteen bytes, those from 8 on of four."""
    return (register - 1) * 16 if register < 8 else (register - 8) * 4
