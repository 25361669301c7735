"""All places in which pages name pictures."""

import pytest

from shared.pages.building import ReadingLimits
from shared.pages.reading import read_page

PAGE = "http://a.example/"


def find(html: str) -> list[str]:
    """Return the images of a page, relative ones by their names."""
    return [image.url.removeprefix(PAGE) for image in read_page(html.encode(), PAGE).images]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="background-image:url(&quot;a.jpg&quot;)">', ["a.jpg"]),
        ("<div style=background:image-set('a.jpg'1x,'b.jpg'2x)>", ["b.jpg"]),
        ("<style>p{background:url(a.jpg)}</style>", ["a.jpg"]),
        ("<body background=a.jpg><td background=b.jpg>", ["a.jpg", "b.jpg"]),
        ("<video poster=a.jpg><amp-video poster=b.jpg>", ["a.jpg", "b.jpg"]),
        ("<video data-poster=a.jpg>", ["a.jpg"]),
        ("<amp-img src=a.jpg srcset='b.jpg 2x'></amp-img><amp-anim src=c.gif>", ["b.jpg", "c.gif"]),
        ("<svg><image href=a.jpg /><image xlink:href=b.jpg /></svg>", ["a.jpg", "b.jpg"]),
        ("<link rel=preload as=image href=a.jpg>", ["a.jpg"]),
        ("<link rel=preload as=image href=a.jpg imagesrcset='b.jpg 9w,c.jpg 99w'>", ["c.jpg"]),
        (
            "<link rel=preload as=image href=a type=image/jxl><link rel=preload as=font href=b>",
            [],
        ),
        ("<link rel=image_src href=a.jpg>", ["a.jpg"]),
        ("<meta property=og:image:secure_url content=a.jpg>", ["a.jpg"]),
        ("<meta name=twitter:image:src content=a.jpg>", ["a.jpg"]),
        (
            "<meta itemprop=image content=a.jpg><link itemprop=thumbnailUrl href=b.jpg>",
            ["a.jpg", "b.jpg"],
        ),
        ("<input type=image src=a.jpg><input type=text src=b.jpg>", ["a.jpg"]),
        ("<object data=a.bin type=image/png></object><object data=b.pdf></object>", ["a.bin"]),
        ("<embed src=a.jpg><embed src=b.swf type=application/x-shockwave-flash>", ["a.jpg"]),
        ("<embed src=a.svg type=image/svg+xml>", []),
        ("<noscript><img src=a.jpg></noscript>", ["a.jpg"]),
        (
            "<template><img src=a><template></template><img src=b></template><img src=c.jpg>",
            ["c.jpg"],
        ),
        ("<template shadowrootmode=open><img src=a.jpg></template>", ["a.jpg"]),
        ("<div data-bg=a.jpg></div><div data-bg='url(b.jpg)'></div>", ["a.jpg", "b.jpg"]),
        ("<div data-bgset='a.jpg 1x, b.jpg 2x'>", ["b.jpg"]),
        ("<div data-background=dark data-bg='#fff' data-bg-src='{{ url }}'>", []),
        ("<picture><source srcset=a.jxl type=image/jxl><img src=b.jpg></picture>", ["b.jpg"]),
    ],
)
def test_places(html: str, expected: list[str]) -> None:
    assert find(html) == expected


@pytest.mark.parametrize(
    "name",
    ["data-src", "data-lazy-src", "data-original", "data-lazy", "data-echo", "data-src-retina"],
)
def test_scripts_that_load_later(name: str) -> None:
    assert find(f"<img src=blank.gif {name}=a.jpg>") == ["a.jpg"]
    assert find(f"<img src=a.jpg {name}='/{{width}}x/a.jpg'>") == ["a.jpg"]


@pytest.mark.parametrize("name", ["srcset", "data-srcset", "data-lazy-srcset"])
def test_sets_that_load_later(name: str) -> None:
    assert find(f"<img src=blank.gif {name}='a.jpg 1x, b.jpg 2x'>") == ["b.jpg"]


def test_pictures_of_a_figure_have_its_caption() -> None:
    html = "<figure><div style=background:url(a.jpg)></div><video poster=b.jpg></video>"
    page = read_page(f"{html}<figcaption>Cats</figcaption></figure>".encode(), PAGE)
    assert [image.caption for image in page.images] == ["Cats", "Cats"]


def test_policies_of_pages_and_images() -> None:
    html = (
        "<meta name=referrer content=origin><img src=a.jpg referrerpolicy=no-referrer>"
        "<img src=b.jpg><a rel='noreferrer' href=c.jpg>x</a>"
    )
    page = read_page(html.encode(), PAGE)
    assert page.referrer_policy == "origin"
    policies = [image.referrer_policy for image in page.images]
    assert policies == ["no-referrer", None, "no-referrer"]


def test_a_style_sheet_counts_within_the_limits() -> None:
    html = f"<img src=a.jpg><style>{'a{b:c}' * 1000}</style><img src=b.jpg>"
    page = read_page(html.encode(), PAGE, limits=ReadingLimits(tags=500))
    assert page.cut == "more than 500 tags"
    assert len(page.images) == 1
