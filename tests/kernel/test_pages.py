"""Pages: the header of who is signed in, two languages, no script or style inside a page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.kernel import filters
from services.kernel.access import public
from services.kernel.language import TAGS
from services.kernel.navigation import FILE, Navigation
from services.kernel.pages import Pages, render
from tests.kernel.front import BROWSER, front

SERVICES = Path(__file__).parents[2] / "services"
OWNERS = sorted(
    {p.parent.parent for p in SERVICES.rglob("templates/*.html")} | {p.parent for p in SERVICES.rglob(FILE)}
)
TEMPLATES = sorted(SERVICES.rglob("templates/*.html"))


def words_of(owner: Path) -> set[str]:
    """What a folder's templates and navigation say, as msgids."""
    said: set[str] = set()
    for path in (owner / "templates").glob("*.html"):
        found = extract_from_file("jinja2.ext:babel_extract", path, options={"silent": "false"})
        said |= {m if isinstance(m, str) else m[0] for _, m, _, _ in found}
    navigation = Navigation.read([owner])
    said |= {text for item in (*navigation.pages, *navigation.searches) for text in (item.label, item.hint)}
    return said - {""}


def english() -> set[str]:
    known: set[str] = set()
    for path in SERVICES.rglob("locale/en.po"):
        with path.open("rb") as source:
            known |= {str(m.id) for m in read_po(source, locale="en") if m.id and m.string and not m.fuzzy}
    return known


@pytest.mark.parametrize("owner", OWNERS, ids=lambda path: path.name)
def test_every_word_of_a_page_has_its_english(owner: Path) -> None:
    assert sorted(words_of(owner) - english()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_holds_script_or_style_which_the_policy_would_block(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle\s*=|\son[a-z]+\s*=|javascript:", text)
    assert not re.findall(r"\|\s*safe\b", text)


async def test_the_header_shows_what_the_signed_in_person_may_use(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for role in ("agent", "officer"):
            await f.person(role, role)
        nobody = (await f.client.get("/")).text
        assert "我要举报" in nobody
        assert "工作台" not in nobody
        await f.sign_in("agent")
        page = (await f.client.get("/")).text
        assert 'href="/front" data-key="g d"' in page
        assert 'action="/front/search"' in page
        assert '<span class="staff" title="工号">agent</span>' in page
        f.client.cookies.clear()
        await f.sign_in("officer")
        page = (await f.client.get("/")).text
        assert "工作台" not in page
        assert "/front/search" not in page


async def test_the_language_is_chosen_on_the_page_or_taken_from_the_browser(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        assert '<html lang="zh-CN">' in (await f.client.get("/signin")).text
        english = await f.client.get("/signin", headers={"accept-language": "en-GB,zh;q=0.5"})
        assert '<html lang="en">' in english.text
        assert english.headers["content-language"] == "en"
        assert "Password" in english.text
        answer = await f.client.get("/language/en?back=/signin")
        assert answer.headers["location"] == "/signin"
        assert '<html lang="en">' in (await f.client.get("/signin")).text
        await f.client.get("/language/zh?back=//evil.test")
        assert '<html lang="zh-CN">' in (await f.client.get("/signin")).text
        assert (await f.client.get("/language/fr")).status_code == 422


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "zh-CN"),
        ("fr", "zh-CN"),
        ("en", "en"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("en;q=0.8,zh;q=0.9", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=x", "zh-CN"),
        ("en;q=nan,zh", "zh-CN"),
        (",;=,en-US ; q=1", "en"),
    ],
)
async def test_the_browsers_wish_is_read_by_its_weights(tmp_path: Path, header: str, tag: str) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.get("/signin", headers={"accept-language": header})
    assert answer.headers["content-language"] == tag


async def test_a_saved_form_lets_the_browser_forget_its_draft_once(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        assert "data-saved" not in (await f.client.get("/front")).text
        await f.client.post("/front", data={"csrf_token": await f.csrf()})
        assert 'data-saved="new-case"' in (await f.client.get("/front")).text
        assert "data-saved" not in (await f.client.get("/front")).text


async def test_what_a_page_shows_is_escaped(tmp_path: Path) -> None:
    router = APIRouter(dependencies=[Depends(public())])

    @router.get("/shown")
    async def shown(request: Request) -> Response:
        return render(request, "signin.html", next="/", name='"><script>alert(1)</script>', error="<b>")

    @router.get("/forgotten")
    async def forgotten(request: Request) -> Response:
        return render(request, "signin.html")

    async with front(tmp_path, router) as f:
        page = (await f.client.get("/shown")).text
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert (await f.client.get("/forgotten")).status_code == 500


async def test_a_template_is_compiled_once_for_both_languages(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "once.html").write_text("{{ language }}")
    async with front(tmp_path) as f:
        pages: Pages = f.app.state.pages
        pages.add_folder(tmp_path / "templates")
        texts = [pages._environments[one].get_template("once.html").render() for one in TAGS]
        codes = [pages._environments[one].get_template("once.html").root_render_func.__code__ for one in TAGS]
    assert sorted(texts) == sorted(TAGS)
    assert all(one is codes[0] for one in codes)  # equal ones may have been compiled twice


async def test_a_page_that_is_missing_still_knows_who_is_signed_in(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        assert "工作台" in (await f.client.get("/nowhere", headers=BROWSER)).text


async def test_static_files_are_kept_by_their_fingerprint(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        page = (await f.client.get("/signin")).text
        for address in re.findall(r'"(/static/[^"]+)"', page):
            answer = await f.client.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]


def test_instants_are_shown_in_the_time_of_the_place() -> None:
    at = datetime(2025, 1, 25, 16, 30, 5, tzinfo=UTC)
    assert filters.moment(at) == "2025-01-26 00:30"
    assert filters.exact(at) == "2025-01-26 00:30:05 +08:00"
    assert (filters.day(at), filters.clock(at)) == ("01-26", "00:30")
    assert filters.grouped("7K3M92QAXT5") == "7K3M-92QA-XT5"
    assert filters.yuan(1234560) == "12,345.60"
