"""The pictures of docs/reproduction.md: drawn by a real browser, in both themes, and shown by the page."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from cnnviz.reports.reproduction_job import reproduce
from docs import reproduction


def test_figures_are_saved_in_both_themes_and_old_pictures_go(
    browser: Browser, runs_dir: Path, tmp_path: Path
) -> None:
    for name in ("C3", "A1"):
        reproduce(name, "smoke")
    folder = tmp_path / "reproduction"
    folder.mkdir()
    (folder / "z9-gone-1-dark.webp").touch()
    found = reproduction.read([runs_dir], "smoke")
    pictures = reproduction.save(reproduction.shown(found), folder, browser)
    assert sorted(path.name for path in folder.iterdir()) == [
        "c3-pooling-1-dark.webp",
        "c3-pooling-1-light.webp",
    ]
    light, dark = (
        Image.open(folder / f"c3-pooling-1-{theme}.webp").convert("RGBA") for theme in ("light", "dark")
    )
    assert light.size == dark.size
    assert light.width == 1080
    corner = light.getpixel((2, light.height - 2))
    assert isinstance(corner, tuple)
    assert corner[3] == 0  # the reader's own background
    assert light.tobytes() != dark.tobytes()
    images = reproduction.save_images(found, folder)
    with Image.open(folder / "a1-image-1.webp") as shapes:
        assert min(shapes.size) > 100
    text = reproduction.document(found, {**pictures, **images})
    assert 'src="reproduction/a1-image-1.webp"' in text.split("### A1 ")[1].split("### ")[0]
    assert 'srcset="reproduction/c3-pooling-1-dark.webp"' in text
    assert 'src="reproduction/c3-pooling-1-light.webp"' in text
