"""The search described for browsers and programs (OpenSearch 1.1): they offer it beside other engines."""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from fastapi import Response

from services.portal.site import ThePage

MEDIA_TYPE: Final = "application/opensearchdescription+xml"
_FORMS: Final = {"": "text/html", ".atom": "application/atom+xml", ".jsonfeed": "application/feed+json"}
_LONGEST: Final = 16, 1024  # characters of the short name and of the description


def show(page: ThePage) -> Response:
    """In the page's language; whoever adds it finds pages in it."""
    say = page.site.texts[page.language]
    search = f"{page.portal_url}/{page.language}/search"
    urls = "".join(
        f"  <Url type={quoteattr(kind)} template={quoteattr(f'{search}{form}?q={{searchTerms}}')}/>\n"
        for form, kind in _FORMS.items()
    )
    name, description = f"Vigie {page.language}"[: _LONGEST[0]], say("search_label")[: _LONGEST[1]]
    mark = f"{page.portal_url}/static/mark.svg"
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"  <ShortName>{escape(name)}</ShortName>\n"
        f"  <Description>{escape(description)}</Description>\n"
        f"{urls}"
        f"  <Language>{page.language}</Language>\n"
        "  <InputEncoding>UTF-8</InputEncoding>\n"
        f'  <Image width="16" height="16" type="image/svg+xml">{escape(mark)}</Image>\n'
        "</OpenSearchDescription>\n",
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "public, max-age=86400"},
    )
