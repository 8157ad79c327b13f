"""Paper: labels, slips and lists as PDF."""

from litestar import Response

from kanava.fulfilment.service.documents import Drawing, drawn


async def pdf(name: str, drawing: Drawing) -> Response[bytes]:
    """Answer with a document that the browser shows."""
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "private, no-store"}
    return Response(await drawn(drawing), media_type="application/pdf", headers=headers)
