"""The pages that tools write say what is so now."""

import pytest

from tools import api, pages


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_a_page_shows_what_its_programs_print(path):
    page = path.read_text()
    assert pages.current(page) == page, "out of date: run `python -m tools.pages`"


def test_the_api_page_is_up_to_date():
    assert api.PAGE.read_text() == api.page(), "out of date: run `python -m tools.api`"


def test_every_missing_name_has_a_reason():
    assert [f"{title}.{name}" for title, name, there in api.rows() if not there and f"{title}.{name}" not in api.NOTES] == []


def test_every_note_is_about_a_name_on_the_page():
    assert set(api.NOTES) <= {f"{title}.{name}" for title, name, _ in api.rows()}


def test_check_finds_a_stale_page(tmp_path, monkeypatch, capsys):
    stale = tmp_path / "api.md"
    stale.write_text(api.page().replace("yes", "no", 1))
    monkeypatch.setattr(api, "PAGE", stale)
    monkeypatch.setattr(api, "ROOT", tmp_path)
    assert api.main(["--check"]) == 1 and api.main([]) == 0 and api.main(["--check"]) == 0
    assert capsys.readouterr().out == "api.md is out of date\napi.md written\n"
