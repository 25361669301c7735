"""Renditions: right pixels, right size, nothing of the original's metadata."""

import io

import pytest
from PIL import Image, ImageCms, ImageOps

from shared.imaging.decoding import SourceImage
from shared.imaging.limits import ImageRejected, Limits
from shared.imaging.placement import compute_placement
from shared.imaging.rendering import Rendered, decode_reduced, render, resample
from shared.imaging.variants import THUMBNAIL, Variant, VariantFormat
from tests.shared.imaging.photographs import (
    encode_image,
    enlarge_photograph,
    load_photograph,
    measure_psnr,
    open_image,
    read_photograph,
)

LANCZOS = Image.Resampling.LANCZOS
ORIENTATION, GPS, ARTIST, MAKER_NOTE = 0x0112, 0x8825, 0x013B, 0x927C


def make_exact_variant(width: int, height: int | None = None, **options: object) -> Variant:
    """A lossless variant, to compare pixels."""
    return Variant.model_validate(
        {"name": "exact", "width": width, "height": height, "format": "png", **options}
    )


def render_one(data: bytes, variant: Variant) -> Image.Image:
    (rendered,) = render(data, [variant])
    image = open_image(rendered.data)
    assert image.size == (rendered.width, rendered.height)
    return image


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "motorcycle_left.png"])
@pytest.mark.parametrize("size", [(2123, 1415), (2000, 1500), (1000, 3001)])
def test_a_thumbnail_of_a_large_jpeg_is_as_good_as_the_full_decode(
    name: str, size: tuple[int, int]
) -> None:
    data = encode_image(enlarge_photograph(name, size), "JPEG", quality=92)
    source = SourceImage(data, Limits())
    placement = compute_placement(THUMBNAIL, source.width, source.height)
    quick = resample(source, decode_reduced(source, placement.scale), placement)
    assert measure_psnr(quick, open_image(data).resize(quick.size, LANCZOS)) >= 45


@pytest.mark.parametrize("side", [256, 512, 1024])
@pytest.mark.parametrize("name", ["JPEG", "WEBP"])
def test_other_sizes_and_formats_are_too(side: int, name: str) -> None:
    data = encode_image(enlarge_photograph("chelsea.png", (1603, 1069)), name, quality=92)
    image = render_one(data, make_exact_variant(side))
    assert measure_psnr(image, open_image(data).resize(image.size, LANCZOS)) >= 45


def test_several_variants_come_from_one_decode_in_order() -> None:
    data = encode_image(enlarge_photograph("rocket.jpg", (1600, 1067)), "JPEG")
    variants = [
        THUMBNAIL,
        Variant(name="square", width=500, height=500, fit="cover", format="jpeg"),
        Variant(name="tensor", width=224, height=224, fit="fill", format="png"),
        Variant(name="large", width=1024, format="avif"),
    ]
    made = render(data, variants)
    assert [rendered.variant for rendered in made] == variants
    assert [(r.width, r.height, r.mime_type, r.extension) for r in made] == [
        (256, 171, "image/webp", "webp"),
        (500, 500, "image/jpeg", "jpg"),
        (224, 224, "image/png", "png"),
        (1024, 683, "image/avif", "avif"),
    ]
    for rendered in made:
        image = open_image(rendered.data)
        assert image.size == (rendered.width, rendered.height)
        assert Image.MIME[image.format or ""] == rendered.mime_type
    assert render(data, []) == []


def test_cover_shows_the_middle() -> None:
    picture = load_photograph()
    image = render_one(encode_image(picture, "PNG"), make_exact_variant(200, 200, fit="cover"))
    assert measure_psnr(image, picture.crop((100, 0, 500, 400)).resize((200, 200), LANCZOS)) > 40


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_orientation_is_baked_in(orientation: int, name: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encode_image(load_photograph().resize((300, 200)), name, exif=exif)
    upright = ImageOps.exif_transpose(open_image(data))
    for variant in (
        make_exact_variant(120),
        make_exact_variant(90, 60, fit="cover"),
        make_exact_variant(60, 90, fit="cover"),
    ):
        image = render_one(data, variant)
        crop = compute_placement(variant, *upright.size).crop
        assert measure_psnr(image, upright.resize(image.size, LANCZOS, crop)) > 38, variant
        assert ORIENTATION not in image.getexif()


def with_metadata() -> bytes:
    """A JPEG that holds everything a camera and an editor put into one."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[ARTIST] = "Someone Known"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(0x8769)[MAKER_NOTE] = b"note" * 50
    return encode_image(
        load_photograph(),
        "JPEG",
        exif=exif,
        icc_profile=open_image(read_photograph("rocket.jpg")).info["icc_profile"],
        comment=b"a private remark",
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret</x:xmpmeta>",
        dpi=(300, 300),
    )


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_no_metadata_is_left(name: VariantFormat) -> None:
    (rendered,) = render(with_metadata(), [Variant(name="clean", width=100, format=name)])
    image = open_image(rendered.data)
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
    assert not dict(image.getexif())
    for trace in (
        b"Exif", b"EXIF", b"eXIf", b"Someone", b"xmp", b"XMP", b"ICC_PROFILE", b"iCCP", b"ICCP",
        b"remark", b"Photoshop", b"prof",
    ):  # fmt: skip
        assert trace not in rendered.data, trace


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_kept_metadata_is_upright_and_without_maker_notes(name: VariantFormat) -> None:
    variant = Variant(name="kept", width=100, format=name, strip_metadata=False)
    (rendered,) = render(with_metadata(), [variant])
    exif = open_image(rendered.data).getexif()
    assert exif[ARTIST] == "Someone Known"
    assert exif.get_ifd(GPS)[1] == "N"
    assert exif.get(ORIENTATION, 1) == 1
    assert MAKER_NOTE not in exif.get_ifd(0x8769)
    assert b"secret" not in rendered.data


def test_colours_become_srgb() -> None:
    """A photograph in Adobe RGB, whose reds would otherwise look pale."""
    data = read_photograph("rocket.jpg")
    original = open_image(data)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(original.info["icc_profile"]))
    expected = ImageCms.profileToProfile(original, profile, ImageCms.createProfile("sRGB"))
    assert expected is not None
    image = render_one(data, make_exact_variant(200))
    assert measure_psnr(image, expected.resize(image.size, LANCZOS)) > 42
    assert measure_psnr(image, original.resize(image.size, LANCZOS)) < 38


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, b"x" * 5_000_000])
def test_an_unusable_profile_is_ignored(profile: bytes) -> None:
    data = encode_image(load_photograph(), "TIFF", icc_profile=profile)
    image = render_one(data, make_exact_variant(200))
    assert measure_psnr(image, load_photograph().resize(image.size, LANCZOS)) > 40


def test_transparency_is_kept_or_laid_on_white() -> None:
    picture = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 50, 100))
    data = encode_image(picture, "PNG")
    kept = render_one(data, make_exact_variant(50))
    assert kept.getpixel((45, 25)) == (0, 0, 0, 0) or kept.getpixel((45, 25))[3] == 0  # type: ignore[index]
    assert kept.getpixel((5, 25)) == (0, 0, 255, 255)
    flat = render_one(data, Variant(name="flat", width=50, format="jpeg", quality=95))
    assert flat.getpixel((45, 25)) == (255, 255, 255)


def test_a_palette_with_transparency_and_16_bits() -> None:
    palette = Image.new("P", (40, 40), 1)
    palette.putpalette([0, 0, 0, 0, 200, 0])
    data = encode_image(palette, "PNG", transparency=0)
    assert render_one(data, make_exact_variant(20)).getpixel((9, 9)) == (0, 200, 0, 255)
    deep = Image.new("I;16", (40, 40), 128 * 257)
    assert render_one(encode_image(deep, "PNG"), make_exact_variant(20)).getpixel((9, 9)) == 128


def test_a_large_image_of_an_awkward_mode_is_reduced_in_strips() -> None:
    picture = enlarge_photograph("coffee.png", (1701, 1201)).quantize(
        255, Image.Quantize.FASTOCTREE
    )
    data = encode_image(picture, "PNG", transparency=255)
    image = render_one(data, make_exact_variant(200))
    expected = open_image(data).convert("RGBA").resize(image.size, LANCZOS)
    assert measure_psnr(image, expected) > 42


def test_an_animation_gives_its_first_picture() -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("lime", "red", "blue")]
    data = encode_image(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert render_one(data, make_exact_variant(20)).getpixel((9, 9)) == (0, 255, 0)


def test_fill_enlarges_and_the_others_do_not() -> None:
    data = encode_image(load_photograph().resize((30, 20)), "PNG")
    assert render_one(data, make_exact_variant(60, 60, fit="fill")).size == (60, 60)
    assert render_one(data, make_exact_variant(60, 60)).size == (30, 20)
    assert render_one(data, make_exact_variant(60, 60, fit="cover")).size == (20, 20)


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif"])
def test_quality_is_used(name: VariantFormat) -> None:
    data = encode_image(load_photograph(), "PNG")
    low, high = (
        len(render(data, [Variant(name="q", width=300, format=name, quality=q)])[0].data)
        for q in (30, 90)
    )
    assert low < 0.6 * high


def test_avif_is_much_smaller_than_webp() -> None:
    data = encode_image(enlarge_photograph("coffee.png", (1500, 1000)), "JPEG", quality=92)
    webp, avif = render(
        data,
        [
            Variant(name="w", width=1024, format="webp"),
            Variant(name="a", width=1024, format="avif"),
        ],
    )
    assert len(avif.data) <= 0.75 * len(webp.data)


def test_what_cannot_be_decoded_is_rejected() -> None:
    with pytest.raises(ImageRejected):
        render(encode_image(load_photograph(), "JPEG")[:5000], [THUMBNAIL])


def test_a_rendering_is_the_same_every_time() -> None:
    data = encode_image(load_photograph(), "JPEG")
    first: list[Rendered] = render(data, [THUMBNAIL])
    assert render(data, [THUMBNAIL]) == first
