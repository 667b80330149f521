"""What stands on a terminal after all that was written to it."""

from __future__ import annotations

import io
import re

_CODE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|(\r)|(\n)|([^\x1b\r\n]+)")


class Terminal(io.StringIO):
    """A stream that says it is a terminal; of the controls it knows those that progress bars need."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """The lines on it, without those at the end that are empty."""
        lines, row, column = [""], 0, 0
        for numbers, code, back, end, text in _CODE.findall(self.getvalue()):
            if code == "A":
                row = max(0, row - int(numbers or 1))
            elif code == "K":
                lines[row] = ""
            elif back:
                column = 0
            elif end:
                row, column = row + 1, 0
                lines += [""] * (row == len(lines))
            elif text:
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
                column += len(text)
        return "\n".join(line.rstrip() for line in lines).rstrip("\n").split("\n")
