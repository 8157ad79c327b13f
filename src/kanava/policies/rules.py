"""From CommonMark to HTML that runs nothing. Pure."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt

RENDERED_KEPT = 100


@lru_cache(maxsize=RENDERED_KEPT)
def to_html(body: str) -> str:
    """Write a body as HTML; its headings stand below the title of the page, which alone is of the first level."""
    markdown, cleaner = _tools()
    tokens = markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return cleaner.clean(markdown.renderer.render(tokens, markdown.options, {}))


@cache
def _tools() -> tuple["MarkdownIt", "nh3.Cleaner"]:
    # Imported at the first policy that is shown: they would take a tenth of a second of every start.
    import nh3
    from markdown_it import MarkdownIt

    cleaner = nh3.Cleaner(
        tags=set("p br strong em h2 h3 h4 h5 h6 ul ol li blockquote pre code hr a".split()),
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return MarkdownIt("commonmark", {"html": False}), cleaner
