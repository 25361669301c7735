"""The page is made of any document, whatever its texts hold."""

from shared.reference.page import render_page
from shared.reference.schemas import render_bounds, render_type


def test_texts_stay_texts() -> None:
    hostile = '</style><script>alert("x")</script>'
    route = {
        "operationId": "one",
        "summary": hostile,
        "description": f"`{hostile}`",
        "tags": ["web"],
        "responses": {"200": {"description": hostile}},
    }
    page = render_page(
        {
            "info": {"title": hostile, "version": "1", "description": hostile},
            "paths": {"/x": {"get": route}},
            "components": {"schemas": {}},
        }
    )
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "<code>&lt;/style&gt;" in page


def test_types_are_said_in_words() -> None:
    items = {"anyOf": [{"$ref": "#/components/schemas/Image"}, {"type": "null"}]}
    assert render_type({"type": "array", "items": items}) == (
        'list of <a href="#schema-Image">Image</a> or null'
    )
    assert (
        render_type({"enum": ["a", "<"]})
        == "<code>&quot;a&quot;</code> or <code>&quot;&lt;&quot;</code>"
    )
    assert render_type({"type": "string", "format": "uuid"}) == "uuid"
    assert render_type({}) == "anything"
    limits = render_bounds({"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
    assert limits == "at least 1, at most 200, usually <code>50</code>"
