"""Sentences read out of a source's words."""

import pytest

from compendium import sentences, tables


def test_the_listed_years_are_read_in_order():
    assert sentences.listed_years("tried in 2004: 12, 9 and 3 years", after="in 2004") == (12, 9, 3)
    assert sentences.listed_years("on appeal: 7 years", after="appeal") == (7,)


def test_the_note_of_the_1996_law_lists_six_sentences():
    note = tables.value("cambodia_penalties", "note", id="KH-96-3")
    assert sentences.listed_years(note, after="October 2004") == (15, 15, 15, 10, 5, 5)


def test_a_text_without_the_list_is_refused():
    with pytest.raises(ValueError, match="expected 'in 2004'"):
        sentences.listed_years("in 2005: 3 years", after="in 2004")
