"""Pure. Where the catalogue lies that comes with Vigie: known without the whole of the collector."""

from pathlib import Path
from typing import Final

SHIPPED: Final = Path(__file__).parent / "sources.toml"
