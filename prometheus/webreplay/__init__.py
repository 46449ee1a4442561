"""A recorded episode as one self-contained web page: `write_page` makes it, `web/` holds what runs in the browser."""

from __future__ import annotations

from prometheus.webreplay.page import write_page

__all__ = ["write_page"]
